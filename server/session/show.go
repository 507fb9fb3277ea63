package session

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/job"
	"slipway/ha"
	"slipway/server/jobs"
	"slipway/sql"
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func at(t time.Time) string {
	if t.IsZero() {
		return null
	}
	return t.UTC().Format("2006-01-02 15:04:05.000")
}

func orNull(s string) string {
	if s == "" {
		return null
	}
	return s
}

// show answers the statements whose result is there at once.
func (s *session) show(ctx context.Context, st ast.Statement) (*table, bool, error) {
	var t *table
	var err error
	switch st := st.(type) {
	case *ast.ShowList:
		t, err = s.showList(st)
	case *ast.ShowJob:
		t, err = s.showJob(st)
	case *ast.ShowCheckpoints:
		t, err = s.showCheckpoints(ctx, st)
	case *ast.ShowTransactions:
		t, err = s.showTransactions(ctx, st)
	case *ast.ShowProperties:
		t, err = s.showProperties(st)
	case *ast.ShowCreate:
		t, err = s.showCreate(st)
	case *ast.Describe:
		t, err = s.describeRelation(st)
	case *ast.ExplainJob:
		t, err = s.explainJob(st)
	case *ast.Explain:
		t, err = s.explain(st)
	case *ast.ShowVariable:
		t, err = s.showVariable(st)
	default:
		return nil, false, nil
	}
	return t, true, err
}

// like makes a matcher of a LIKE pattern; * is taken as % (Hive).
func like(pattern *string) func(string) bool {
	if pattern == nil {
		return func(string) bool { return true }
	}
	p := strings.NewReplacer("%", ".*", "*", ".*", "_", ".").Replace(regexp.QuoteMeta(strings.ReplaceAll(*pattern, "*", "%")))
	re, err := regexp.Compile("(?i)^" + p + "$")
	if err != nil {
		return func(string) bool { return false }
	}
	return re.MatchString
}

func (s *session) showList(l *ast.ShowList) (*table, error) {
	match := like(l.Like)
	db := s.database
	if l.DB != nil {
		db = l.DB.Name
	}
	snapshot := s.Catalog.Snapshot()
	switch l.Kind {
	case ast.Database:
		t := newTable("SHOW DATABASES", "database")
		for _, name := range slices.Sorted(maps.Keys(snapshot.Databases)) {
			if match(name) {
				t.add(name)
			}
		}
		return t, nil
	case ast.Application:
		t := newTable("SHOW APPLICATIONS", "application")
		if match(defaultApplication) {
			t.add(defaultApplication)
		}
		for _, name := range slices.Sorted(maps.Keys(snapshot.Applications)) {
			if a := snapshot.Applications[name]; a.Database == db && match(a.Name) {
				t.add(a.Name)
			}
		}
		return t, nil
	case ast.StreamJob:
		return s.listJobs(l, match), nil
	}
	t := newTable(l.Tag(), "name", "database", "kind", "connector", "comment")
	for _, name := range slices.Sorted(maps.Keys(snapshot.Relations)) {
		r := snapshot.Relations[name]
		if r.Database == db && listed(l.Kind, r) && match(r.Name) {
			t.add(r.Name, r.Database, kindName(r), connectorName(r), orNull(r.Comment))
		}
	}
	return t, nil
}

func listed(k ast.Kind, r *catalog.Relation) bool {
	switch k {
	case ast.Stream:
		return r.Kind == catalog.Stream || r.Derived
	case ast.Table:
		return r.Kind == catalog.Table || r.Kind == catalog.Stream
	}
	return r.Kind == catalog.View
}

func kindName(r *catalog.Relation) string {
	if r.Derived {
		return "derived stream"
	}
	return string(r.Kind)
}

func connectorName(r *catalog.Relation) string {
	if r.Kind == catalog.View {
		return null
	}
	return sql.ConnectorOf(r)
}

// listJobs is SHOW STREAMJOBS and LIST STREAMJOBS.
func (s *session) listJobs(l *ast.ShowList, match func(string) bool) *table {
	if l.List {
		t := newTable("LIST STREAMJOBS", "streamid", "name", "status", "sql")
		for _, j := range s.Supervisor.List() {
			if j.State.Active() && match(j.Job.Name) {
				t.add(j.Job.ID, j.Job.Name, string(j.State), j.Job.SQL)
			}
		}
		return t
	}
	t := newTable("SHOW STREAMJOBS", "name", "database", "status", "sql", "properties", "created:timestamp", "last_checkpoint:timestamp", "last_failure")
	for _, j := range s.Supervisor.List() {
		if j.Job.Database == s.database && match(j.Job.Name) {
			t.add(j.Job.Name, j.Job.Database, string(j.State), j.Job.SQL, properties(&j.Job), at(j.Job.Created), at(j.CheckpointedAt), orNull(conf.Redact(j.Job.LastFailure)))
		}
	}
	return t
}

// remark says what belongs beside a list of jobs: a client that describes the statement
// first is told once.
func (s *session) remark(st ast.Statement) {
	if s.Standby != nil && tellsOfJobs(st) {
		word, _ := s.Standby.Word(time.Now())
		s.notice("this server stands by: what it shows of jobs is the last that was written down; %s", word)
		return
	}
	if l, ok := st.(*ast.ShowList); ok && l.Kind == ast.StreamJob && !l.List {
		s.saysOfWaiting(like(l.Like))
	}
}

func tellsOfJobs(st ast.Statement) bool {
	switch st := st.(type) {
	case *ast.ShowList:
		return st.Kind == ast.StreamJob
	case *ast.ShowJob:
		return true
	}
	return false
}

// saysOfWaiting tells of jobs that a restart of the server has left behind.
func (s *session) saysOfWaiting(match func(string) bool) {
	var names []string
	for _, j := range s.Supervisor.List() {
		if j.Waits() != "" && j.Job.Database == s.database && match(j.Job.Name) {
			names = append(names, j.Job.Name)
		}
	}
	if len(names) > 0 {
		s.notice("stopped since the server ended, because they do not come back by themselves (%s), and waiting for START STREAMJOB: %s", conf.AutoFailover.Name(), strings.Join(names, ", "))
	}
}

func properties(j *ha.Job) string {
	v, err := jobs.Settings(j)
	if err != nil {
		return ""
	}
	var parts []string
	for _, p := range v.Redacted() {
		parts = append(parts, fmt.Sprintf("%q=%q", p.Key, p.Value))
	}
	return strings.Join(parts, ", ")
}

func (s *session) status(n ast.Name) (ha.Status, error) {
	st, err := s.Supervisor.Status(s.resolveJob(n))
	return st, translateJob(n, err)
}

// splitMark says how far a split has come, and whether the job still waits for it.
func splitMark(p job.Split) string {
	mark := at(time.UnixMicro(p.Watermark))
	if p.Idle {
		mark += ", idle"
	}
	return mark
}

// showJob is everything about one job, a line each.
func (s *session) showJob(st *ast.ShowJob) (*table, error) {
	t := newTable(st.Verb+" STREAMJOB", "property", "value")
	j, err := s.status(st.Name)
	if err != nil {
		return t, err
	}
	t.add("name", j.Job.FullName())
	t.add("stream id", j.Job.ID)
	t.add("application", j.Job.Application)
	t.add("state", string(j.State))
	t.add("since", at(j.Since))
	if s.Standby == nil {
		t.add("reason", orNull(j.Waits()))
	} else {
		word, _ := s.Standby.Word(time.Now())
		t.add("told by", word)
	}
	t.add("sql", j.Job.SQL)
	t.add("properties", properties(&j.Job))
	if j.Job.Group != "" {
		t.add("consumer group", j.Job.Group)
	}
	if f, ok := s.Runner.Status(j.Job.ID); ok {
		t.add("tasks", itoa(int64(f.Tasks)))
		t.add("rows in", itoa(f.RowsIn))
		t.add("rows out", itoa(f.RowsOut))
		t.add("rows late", itoa(f.Late))
		t.add("rows failed", itoa(f.Failed))
		t.add("rows skipped", itoa(f.Skipped))
		t.add("state bytes", itoa(f.StateBytes))
		mark := null
		if f.Watermark != executor.NoWatermark && f.Watermark != executor.EndWatermark {
			mark = at(time.UnixMicro(f.Watermark))
		}
		t.add("watermark", mark)
		for _, p := range f.Splits {
			lag := "unknown"
			if p.End >= 0 {
				lag = itoa(max(0, p.End-p.Next))
			}
			t.add("lag of "+p.Split, lag)
			if p.Watermark != executor.NoWatermark {
				t.add("watermark of "+p.Split, splitMark(p))
			}
		}
	}
	last := null
	if j.LastCheckpoint > 0 {
		last = fmt.Sprintf("%d at %s", j.LastCheckpoint, at(j.CheckpointedAt))
	}
	t.add("last checkpoint", last)
	if backend, err := jobs.Settings(&j.Job); err == nil {
		t.add("checkpoint backend", s.Runner.Backends.Name(backend))
	}
	t.add("moving from backend", orNull(j.Job.MovedFrom))
	expired, failed := s.Runner.History(j.Job.ID).Counts()
	t.add("checkpoints expired", itoa(expired))
	t.add("checkpoints failed", itoa(failed))
	t.add("restarts", itoa(j.Job.Restarts))
	t.add("last failure", orNull(conf.Redact(j.Job.LastFailure)))
	t.add("failed at", at(j.Job.FailedAt))
	hint := j.Job.LastHint
	if j.State == ha.Running { // it is out already; what begins anew would cost it its state
		hint = ""
	}
	t.add("hint", orNull(conf.Redact(hint)))
	return t, nil
}

// showCheckpoints joins what the store holds with what is remembered of others.
func (s *session) showCheckpoints(ctx context.Context, st *ast.ShowCheckpoints) (*table, error) {
	t := newTable("SHOW CHECKPOINTS", "job", "id:bigint", "kind", "name", "status", "triggered:timestamp", "duration_ms:bigint", "bytes:bigint", "reason")
	for _, j := range s.Supervisor.List() {
		if st.Job != nil && j.Job.FullName() != s.resolveJob(*st.Job) {
			continue
		}
		backend, err := s.Runner.Backends.Of(&j.Job)
		if err != nil {
			return t, err
		}
		held, err := backend.Metadata.Peek(ctx, j.Job.ID)
		if err != nil {
			return t, err
		}
		records := map[checkpoint.ID]checkpoint.Record{}
		for _, r := range s.Runner.History(j.Job.ID).Records() {
			if r.Kind.Keeps() && r.Status != checkpoint.Completed {
				records[r.ID] = r
			}
		}
		for _, m := range held {
			records[m.Checkpoint] = checkpoint.RecordOf(m)
		}
		for _, id := range slices.Backward(slices.Sorted(maps.Keys(records))) {
			r := records[id]
			t.add(j.Job.FullName(), itoa(int64(r.ID)), string(r.Kind), orNull(r.Name), string(r.Status), at(r.Triggered), itoa(r.Duration.Milliseconds()), itoa(r.Bytes), orNull(r.Reason))
		}
	}
	if st.Job != nil {
		_, err := s.status(*st.Job)
		return t, err
	}
	return t, nil
}

// showTransactions lists what the sinks of exactly-once jobs have on the brokers. A job
// whose brokers do not answer is said and passed over, unless it was asked for.
func (s *session) showTransactions(ctx context.Context, st *ast.ShowTransactions) (*table, error) {
	t := newTable("SHOW TRANSACTIONS", "job", "id", "state", "open", "age_ms:bigint", "timeout_ms:bigint", "checkpoint:bigint", "topics")
	if st.Job != nil {
		if _, err := s.status(*st.Job); err != nil {
			return t, err
		}
	}
	for _, j := range s.Supervisor.List() {
		if st.Job != nil && j.Job.FullName() != s.resolveJob(*st.Job) {
			continue
		}
		list, err := s.Runner.Transactions(ctx, &j.Job)
		if err != nil && st.Job != nil {
			return t, err
		}
		if err != nil {
			s.warn("01000", "the transactions of stream job %s cannot be listed: %v", j.Job.FullName(), err)
		}
		for _, x := range list {
			named := null
			if x.Checkpoint > 0 {
				named = itoa(int64(x.Checkpoint))
			}
			t.add(j.Job.FullName(), x.ID, x.State, strconv.FormatBool(x.Open), itoa(x.Age.Milliseconds()), itoa(x.Timeout.Milliseconds()), named, strings.Join(x.Topics, ", "))
		}
	}
	return t, nil
}

func (s *session) showProperties(st *ast.ShowProperties) (*table, error) {
	t := newTable("SHOW PROPERTIES", "property", "value", "source", "meaning")
	j, err := s.status(st.Job)
	if err != nil {
		return t, err
	}
	v, err := jobs.Settings(&j.Job)
	if err != nil {
		return t, err
	}
	for _, c := range conf.All() {
		if c.Level != conf.Job || c.Ignored {
			continue
		}
		value := v.Text(c.Key)
		if c == conf.CheckpointBackend.Setting {
			value = s.Runner.Backends.Name(v)
		}
		if c.Secret && value != "" {
			value = conf.Hidden
		}
		t.add(c.Key, conf.Redact(value), v.Source(c.Key), c.Text)
	}
	return t, nil
}

func quoted(s string) string { return ast.QuoteString(s) }

func (s *session) showCreate(st *ast.ShowCreate) (*table, error) {
	t := newTable("SHOW CREATE "+string(st.Kind), "statement")
	if st.Kind == ast.StreamJob {
		j, err := s.status(st.Name)
		if err != nil {
			return t, err
		}
		text := fmt.Sprintf("CREATE STREAMJOB %s AS ($$%s$$)", ast.QuoteName(j.Job.Name), j.Job.SQL)
		if p := properties(&j.Job); p != "" {
			text += " JOBPROPERTIES (" + p + ")"
		}
		t.add(text)
		return t, nil
	}
	r, err := analyzer.Find(s.Catalog.Snapshot(), s.database, st.Name)
	if err != nil {
		return t, err
	}
	t.add(createText(r))
	return t, nil
}

func createText(r *catalog.Relation) string {
	kind := strings.ToUpper(string(r.Kind))
	if r.Derived {
		kind = "STREAM"
	}
	if r.Kind == catalog.View {
		return fmt.Sprintf("CREATE %s %s AS %s", kind, ast.QuoteName(r.Name), r.Query)
	}
	var parts []string
	for _, c := range r.Columns {
		p := ast.QuoteName(c.Name) + " " + c.Type.String()
		if c.NotNull {
			p += " NOT NULL"
		}
		if c.Comment != "" {
			p += " COMMENT " + quoted(c.Comment)
		}
		parts = append(parts, p)
	}
	if w := r.Watermark; w != nil {
		parts = append(parts, fmt.Sprintf("WATERMARK FOR %s AS %s - INTERVAL '%d' MILLISECOND", ast.QuoteName(w.Column), ast.QuoteName(w.Column), w.Delay.Milliseconds()))
	}
	if len(r.PrimaryKey) > 0 {
		names := make([]string, len(r.PrimaryKey))
		for i, k := range r.PrimaryKey {
			names[i] = ast.QuoteName(k)
		}
		parts = append(parts, "PRIMARY KEY ("+strings.Join(names, ", ")+")")
	}
	text := fmt.Sprintf("CREATE %s %s (%s)", kind, ast.QuoteName(r.Name), strings.Join(parts, ", "))
	if r.Comment != "" {
		text += " COMMENT " + quoted(r.Comment)
	}
	if f := r.RowFormat; f != nil {
		text += fmt.Sprintf(" ROW FORMAT DELIMITED FIELDS TERMINATED BY %s", quoted(escapeDelimiter(f.Fields)))
	}
	return text + " TBLPROPERTIES (" + relationProperties(r) + ")"
}

func escapeDelimiter(d string) string {
	var b strings.Builder
	for _, c := range []byte(d) {
		if c < ' ' {
			fmt.Fprintf(&b, `\%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func relationProperties(r *catalog.Relation) string {
	var list []conf.Property
	for _, p := range r.Properties {
		list = append(list, conf.P(p.Key, p.Value))
	}
	v, _, err := conf.Parse(conf.Stream, list)
	if err != nil {
		return ""
	}
	var parts []string
	for _, p := range v.Redacted() {
		parts = append(parts, fmt.Sprintf("%q=%q", p.Key, p.Value))
	}
	return strings.Join(parts, ", ")
}

func (s *session) describeRelation(st *ast.Describe) (*table, error) {
	t := newTable(st.Tag(), "column", "type", "null", "key", "comment")
	r, err := analyzer.Find(s.Catalog.Snapshot(), s.database, st.Name)
	if err != nil {
		return t, err
	}
	for _, c := range r.Columns {
		nullable, key := "YES", null
		if c.NotNull {
			nullable = "NO"
		}
		if slices.Contains(r.PrimaryKey, c.Name) {
			key = "PRIMARY"
		}
		if r.Watermark != nil && strings.EqualFold(r.Watermark.Column, c.Name) {
			key = strings.TrimPrefix(strings.Trim(key+" EVENT TIME", null), " ")
		}
		t.add(c.Name, c.Type.String(), nullable, key, orNull(c.Comment))
	}
	return t, nil
}

func (s *session) explainJob(st *ast.ExplainJob) (*table, error) {
	t := newTable("EXPLAIN", "plan")
	j, err := s.status(st.Name)
	if err != nil {
		return t, err
	}
	flow, _, err := s.Runner.Compile(&j.Job)
	if err != nil {
		return t, err
	}
	for _, line := range sql.Explain(flow) {
		t.add(line)
	}
	return t, nil
}

func (s *session) explain(st *ast.Explain) (*table, error) {
	t := newTable("EXPLAIN", "plan")
	snapshot := s.Catalog.Snapshot()
	var lines []string
	switch inner := st.Statement.(type) {
	case *ast.QueryStatement:
		flow, err := s.compile(inner.Query, nil, s.reading(inner))
		if err != nil {
			return t, err
		}
		lines = sql.Explain(flow)
	case *ast.Insert:
		flow, err := s.Compiler.Job(snapshot, s.database, inner, conf.Defaults(conf.Job))
		if err != nil {
			return t, err
		}
		lines = sql.Explain(flow)
	case *ast.CreateJob:
		v, err := s.jobSettings(inner.Properties)
		if err != nil {
			return t, err
		}
		flow, err := s.Compiler.Job(snapshot, s.database, inner.Insert, v)
		if err != nil {
			return t, err
		}
		lines = sql.Explain(flow)
	default:
		return t, sqlerr.New(sqlerr.FeatureNotSupported, "EXPLAIN takes a query, an INSERT or a CREATE STREAMJOB")
	}
	for _, l := range lines {
		t.add(l)
	}
	return t, nil
}
