package session

import (
	"context"
	"errors"
	"slices"
	"strings"

	"slipway/ha"
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

var (
	_ = register(statement[*ast.CreateRelation]{right: define, needs: (*session).createRelationNeeds, changes: true, do: (*session).createRelation})
	_ = register(statement[*ast.DropRelation]{right: define,
		needs: onRelations(catalog.Own, func(st *ast.DropRelation) []ast.Name { return st.Names }), changes: true, do: (*session).dropRelations})
	_ = register(statement[*ast.Describe]{right: inspect, needs: nothing[*ast.Describe], tag: "DESCRIBE", list: (*session).describeRelation,
		names: []string{"column", "type", "null", "key", "comment", "extra"}})
)

// fullName is the db.name of an object of the current database, unless it names another.
func (s *session) fullName(n ast.Name) string {
	if n.DB != "" {
		return n.DB + "." + n.Name
	}
	return s.database + "." + n.Name
}

func (s *session) createRelation(ctx context.Context, d *ast.CreateRelation) error {
	if err := s.checkSecrets(d.Properties); err != nil {
		return err
	}
	if err := s.checkTargets(&catalog.Relation{Properties: storedProperties(d.Properties)}, d.Properties); err != nil {
		return err // before a connector looks at them
	}
	r, notices, err := s.Compiler.Relation(s.everything(), s.database, d)
	if err != nil {
		return err
	}
	r.Owner = s.maker()
	if s.everything().Relations[r.FullName()] == nil {
		if err := s.makeReady(ctx, r, max(d.PropertiesPos, d.Name.Pos)); err != nil {
			return err
		}
	}
	r.Properties = s.sealed(r, r.Properties)
	_, err = s.Catalog.Apply(ctx, catalog.Change{PutRelation: r, NeedOID: true, ReplaceIfExisting: d.OrReplace})
	if errors.Is(err, catalog.ErrExists) {
		return s.unless(d.IfNotExists, sqlerr.At(d.Name.Pos, sqlerr.DuplicateTable, "%s %q already exists", strings.ToLower(string(d.Kind)), r.FullName()))
	}
	if err != nil {
		return err
	}
	for _, n := range notices {
		s.notice("%s", n)
	}
	return nil
}

// createRelationNeeds: what is replaced must be the client's own.
func (s *session) createRelationNeeds(d *ast.CreateRelation) ([]need, error) {
	if r := s.everything().Relations[s.fullName(d.Name)]; r != nil && d.OrReplace {
		return []need{{catalog.Own, s.relationObject(r), d.Name.Pos}}, nil
	}
	return s.createNeeds(d.Name)
}

// makeReady prepares what is behind a relation before it is declared.
func (s *session) makeReady(ctx context.Context, r *catalog.Relation, at int) error {
	k := s.Compiler.Connectors[catalog.ConnectorOf(r)]
	if r.Kind == catalog.View || k == nil {
		return nil
	}
	notices, err := k.Prepare(ctx, r)
	if e, ok := errors.AsType[*sqlerr.Error](err); ok {
		placed := *e
		placed.Position = at + 1
		return &placed
	}
	for _, n := range notices {
		s.tell(n, "notice")
	}
	return err
}

func (s *session) dropRelations(ctx context.Context, d *ast.DropRelation) error {
	for _, n := range d.Names {
		if err := s.dropRelation(ctx, d, n); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) dropRelation(ctx context.Context, d *ast.DropRelation, n ast.Name) error {
	name := s.fullName(n)
	snapshot := s.Catalog.Snapshot()
	r := snapshot.Relations[name]
	if r == nil {
		return s.unless(d.IfExists, sqlerr.At(n.Pos, sqlerr.UndefinedTable, "%s %q does not exist", strings.ToLower(string(d.Kind)), name).
			WithHint("DROP %s IF EXISTS takes a name that is not there; SHOW %sS lists what is.", d.Kind, d.Kind))
	}
	jobs, views := s.users(r)
	if len(jobs) > 0 {
		return sqlerr.At(n.Pos, sqlerr.DependentObjects, "cannot drop %s: stream job %s uses it", name, jobs[0].Job.FullName()).
			WithHint("DROP STREAMJOB %s first.", jobs[0].Job.FullName())
	}
	if len(views) > 0 {
		return sqlerr.At(n.Pos, sqlerr.DependentObjects, "cannot drop %s: %s %s it", name, strings.Join(views, ", "), plural(len(views), "reads", "read"))
	}
	_, err := s.Catalog.Apply(ctx, catalog.Change{DropRelation: name})
	return err
}

// users are the jobs and the views that name a relation, themselves or by views.
func (s *session) users(r *catalog.Relation) (jobs []ha.Status, views []string) {
	name := r.FullName()
	snapshot := s.everything()
	for _, j := range s.allJobs() {
		if slices.Contains(j.Job.Reads, name) || slices.Contains(j.Job.Writes, name) || r.Kind == catalog.View && s.reads(&j.Job, name) {
			jobs = append(jobs, j)
		}
	}
	for _, v := range snapshot.Relations {
		if slices.Contains(v.Reads, name) || r.Kind == catalog.View && v.Kind == catalog.View && slices.Contains(s.unrestricted().Reads(snapshot, v), name) {
			views = append(views, v.FullName())
		}
	}
	slices.Sort(views)
	return jobs, views
}

// reads asks the query itself: records of old do not list views.
func (s *session) reads(j *ha.Job, name string) bool {
	flow, _, err := s.Runner.Compile(j)
	return err == nil && slices.Contains(flow.Reads, name)
}

func (s *session) describeRelation(_ context.Context, st *ast.Describe, t *table) error {
	r, err := analyzer.Find(s.Catalog.Snapshot(), s.database, st.Name)
	if err != nil {
		return err
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
		t.add(c.Name, c.Type.String(), nullable, key, orNull(c.Comment), orNull(clauseText(r.Clause(c.Name))))
	}
	return nil
}

var _ = describe(described{chapter: "Streams, tables and views", place: 1, form: `CREATE [OR REPLACE] STREAM | TABLE [IF NOT EXISTS] name (
    column type [NOT NULL] [PRIMARY KEY] [COMMENT 's'], …
    [, WATERMARK FOR column AS column - INTERVAL 'n' unit] [, PRIMARY KEY (column, …)] )
  [COMMENT 's'] [ROW FORMAT DELIMITED [FIELDS TERMINATED BY 's'] [LINES TERMINATED BY 's']]
  [TBLPROPERTIES | WITH ( "key"="value", … )]
CREATE [OR REPLACE] VIEW | STREAM [IF NOT EXISTS] name [(column, …)] AS query`,
	text: "A stream is a Kafka topic with columns, a source and a sink alike; a table is what another connector reads. With PRIMARY KEY its newest rows are a table. WATERMARK FOR names its event time and how far out of order it may be. " +
		"The form AS is a named query, which runs when it is read. The topic is made where the brokers have none. [settings.md](../settings.md) has the properties.",
	example: `CREATE STREAM clicks (page STRING NOT NULL, ms BIGINT, at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '5' SECOND) COMMENT 'what visitors do'
  TBLPROPERTIES ("topic"="clicks", "format"="json");
CREATE STREAM per_page (page STRING, n BIGINT, PRIMARY KEY (page)) TBLPROPERTIES ("topic"="per_page", "format"="json");
CREATE TABLE numbers (n BIGINT) TBLPROPERTIES ("connector"="datagen", "total-amount"="10");
CREATE VIEW slow_clicks AS SELECT page, ms FROM clicks WHERE ms > 100;`}, of[*ast.CreateRelation]())

var _ = describe(described{chapter: "Streams, tables and views", place: 4, form: `DESCRIBE | DESC [STREAM | TABLE | VIEW] name`,
	text:    "Lists the columns. DESCRIBE STREAMJOB and DESCRIBE FUNCTION show a job and a function.",
	example: `DESCRIBE clicks;`}, of[*ast.Describe]())

var _ = describe(described{chapter: "Streams, tables and views", place: 7, form: `DROP STREAM | TABLE | VIEW [IF EXISTS] name, …`,
	text:    "Takes the declaration away, not the topic. What a job or view reads or writes cannot be dropped (2BP01 names these).",
	example: `DROP TABLE IF EXISTS digits, nothing;`}, of[*ast.DropRelation]())
