package oracle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"slipway/conf"
	"slipway/sql/sqlerr"
	"slipway/tests/servers"
)

// perDataset is how many queries are asked of the same rows.
const perDataset = 40

// TestQueriesAgainstPostgres: random queries over random tables give what a PostgreSQL gives: as a
// SELECT that ends, and as a result that changes and is applied; in one task and in several.
//
// SLIPWAY_ORACLE_QUERIES is how many (2,000), SLIPWAY_ORACLE_SEED the first of their seeds,
// SLIPWAY_ORACLE_FEATURES=all asks also for what is not there yet.
func TestQueriesAgainstPostgres(t *testing.T) {
	debug.SetGCPercent(400)
	postgres := startPostgres(t)
	all := &tally{refused: map[string]int{}, made: map[string]int{}, errors: map[string]int{}}
	all.first, all.queries = number64("SLIPWAY_ORACLE_SEED", uint64(time.Now().UnixNano())/1e6*1e6), number64("SLIPWAY_ORACLE_QUERIES", 2000)
	t.Logf("the first seed is %d", all.first)
	start := time.Now()
	t.Run("all", func(t *testing.T) {
		for n := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				o := &oracle{t: t, tally: all, postgres: ownTables(t, postgres, n), all: os.Getenv("SLIPWAY_ORACLE_FEATURES") == "all"}
				for seed, last, more := all.next(); more; seed, last, more = all.next() {
					for ; seed < last; seed++ {
						o.query(seed)
					}
				}
			})
		}
	})
	all.report(t, time.Since(start))
}

// ownTables is a connection whose tables are no other's.
func ownTables(t *testing.T, to *pgconn.PgConn, n int) *pgconn.PgConn {
	t.Helper()
	conn, err := connect("postgres://test@" + to.Conn().RemoteAddr().String() + "/" + servers.DatabaseName + "?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	if _, err := conn.Exec(context.Background(), fmt.Sprintf("create schema s%d; set search_path = s%d", n, n)).ReadAll(); err != nil {
		t.Fatal(err)
	}
	return conn
}

func number64(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil {
		return n
	}
	return otherwise
}

// oracle holds answers against a PostgreSQL's, one after the other.
type oracle struct {
	t *testing.T
	*tally
	postgres *pgconn.PgConn
	all      bool
	data     *dataset
	seed     uint64 // of data
	engine   *engine
}

// use fills the tables of both.
func (o *oracle) use(d *dataset) {
	o.t.Helper()
	var err error
	o.data = d
	if o.engine, err = newEngine(d); err != nil {
		o.t.Fatal(err)
	}
	for _, table := range d.tables {
		if _, err := o.postgres.Exec(context.Background(), table.create()).ReadAll(); err != nil {
			o.t.Fatal(err)
		}
	}
}

func (o *oracle) query(seed uint64) {
	if data := seed / perDataset; o.data == nil || data != o.seed {
		o.use(randomData(data))
		o.seed = data
	}
	c := randomChoices(seed)
	q := generate(c, o.all)
	o.asked(q)
	d := o.ask(q, waysOf(seed))
	if d == nil {
		return
	}
	if d.refused != "" {
		times := o.refusedWith(d.refused)
		if len(o.offOnes(q.used)) > 0 || !d.way.bounded && begins(d.refused, onlyFinal) || times > 1 {
			return
		}
	}
	o.fail(seed, q, c.taken, d)
}

func begins(text string, list []string) bool {
	return slices.ContainsFunc(list, func(begin string) bool { return strings.HasPrefix(text, begin) })
}

// onlyFinal are refusals of what only a query that ends can do.
var onlyFinal = []string{
	"this join has no equality of its two sides",
}

// offOnes are the features that are not there yet.
func (o *oracle) offOnes(used []string) []string {
	return slices.DeleteFunc(slices.Clone(used), func(f string) bool { return !features[f].off })
}

// difference says where ours and theirs differ.
type difference struct {
	way          way
	ours, theirs string
	refused      string // with what, if that is all
}

var ways = []way{
	{name: "SELECT in one task", bounded: true, cores: []int{1}}, {name: "SELECT in four tasks", bounded: true, cores: []int{4}},
	{name: "changes in one task", cores: []int{1}}, {name: "changes in four tasks", cores: []int{4}},
	{name: "changes, killed in two tasks and restored in three", cores: []int{2, 3}, killed: true},
	{name: "a job that writes by key, in four tasks", cores: []int{4}, key: []int{}},
	{name: "a job that writes by key, killed in four tasks and restored in two", cores: []int{4, 2}, killed: true, key: []int{}},
}

func (w way) String() string {
	text := w.name + w.sequence.String()
	for _, s := range w.settings {
		text += fmt.Sprintf(", %s=%s", s.Key, s.Value)
	}
	return text
}

// waysOf are those of the query with a seed: each with the tables in some order, and of a job that writes
// with aggregates in one phase or two, and those of DISTINCT values split or not.
func waysOf(seed uint64) []way {
	out := slices.Clone(ways)
	for i := range out {
		out[i].sequence = sequence((seed + uint64(i)) % uint64(sequences))
		if out[i].key != nil {
			phases := strconv.FormatBool((seed+uint64(i))%2 == 0)
			split := conf.SplitDistinct.Choices[(seed>>1+uint64(i))%uint64(len(conf.SplitDistinct.Choices))]
			out[i].settings = []conf.Property{conf.P(conf.TwoPhases.Key, phases), conf.P(conf.SplitDistinct.Key, split)}
		}
	}
	return out
}

// ask runs a query on both sides; nil if they agree.
func (o *oracle) ask(q generated, ways []way) *difference {
	theirs, code := o.theirs(q)
	switch code {
	case "57014", "0A000": // it took too long, or is none of PostgreSQL's
		return nil
	case "", "21000", "22003":
	default:
		o.t.Fatalf("PostgreSQL refuses with %s\n%s", code, q.theirs)
	}
	for _, w := range ways {
		if !w.bounded && q.final {
			continue
		}
		if w.key != nil {
			if len(theirs) < 2 || code != "" {
				continue
			}
			if w.key = keyIn(theirs, strings.Count(theirs[0], between)+1); w.key == nil {
				continue
			}
		}
		rows, err := o.run(q.ours, w)
		if d := o.differ(q, rows, err, theirs, code, w.bounded); d != nil {
			d.way = w
			return d
		}
	}
	o.answered(len(theirs))
	return nil
}

// run makes an error of a panic, so that it can be made shorter.
func (o *oracle) run(query string, w way) (rows []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return o.engine.run(query, w)
}

func (o *oracle) differ(q generated, rows []string, err error, theirs []string, code string, bounded bool) *difference {
	if err != nil {
		e := sqlerr.From(err)
		switch {
		case e.Code == sqlerr.FeatureNotSupported, strings.HasPrefix(string(e.Code), "42") && len(o.offOnes(q.used)) > 0:
			return &difference{refused: e.Message}
		case code != "" && string(e.Code) == code:
			o.failedAlike(code)
			return nil
		}
		return &difference{ours: string(e.Code) + " " + err.Error(), theirs: answered(theirs, code)}
	}
	if code != "" {
		return &difference{ours: answered(rows, ""), theirs: code}
	}
	if !q.ordered || !bounded {
		slices.SortFunc(rows, cmp.Compare[string])
		theirs = slices.Sorted(slices.Values(theirs))
	}
	if !slices.Equal(rows, theirs) {
		return &difference{ours: answered(rows, ""), theirs: answered(theirs, "")}
	}
	return nil
}

func answered(rows []string, code string) string {
	if code != "" {
		return code
	}
	if len(rows) == 0 {
		return "no rows"
	}
	return strings.Join(rows[:min(len(rows), 30)], "\n    ")
}

// theirs asks PostgreSQL.
func (o *oracle) theirs(q generated) (rows []string, code string) {
	results, err := o.postgres.Exec(context.Background(), q.theirs).ReadAll()
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return nil, e.Code
	}
	if err != nil {
		o.t.Fatalf("%s\n%v", q.theirs, err)
	}
	for _, r := range results[0].Rows {
		var cells []cell
		for i, v := range r {
			oid := results[0].FieldDescriptions[i].DataTypeOID
			cells = append(cells, cell{text: string(v), null: v == nil, float: oid == pgtype.Float8OID || oid == pgtype.Float4OID})
		}
		rows = append(rows, canonicalRow(cells))
	}
	return rows, ""
}

// fail shows a difference, as small as it can be made.
func (o *oracle) fail(seed uint64, first generated, taken []int, d *difference) {
	o.t.Helper()
	o.faulty()
	same := func(q generated) bool {
		next := o.ask(q, []way{d.way})
		return next != nil && (next.refused != "") == (d.refused != "") && (next.refused == "" || next.refused == d.refused)
	}
	taken = shrink(taken, 1500, func(list []int) bool { return same(generate(again(list), o.all)) })
	q := generate(again(taken), o.all)
	whole := o.data
	for _, table := range whole.tables {
		table.records = shrinkList(table.records, func(list []record) bool {
			old := table.records
			table.records = list
			o.use(whole)
			still := same(q)
			table.records = old
			return still
		})
	}
	o.use(whole)
	if last := o.ask(q, []way{d.way}); last != nil {
		d = last
	} else {
		o.t.Errorf("not every time; at first it was\n%s", first.ours)
	}
	shown := fmt.Sprintf("  ours    %s\n  theirs  %s", d.ours, d.theirs)
	if d.refused != "" {
		shown = "  refused: " + d.refused
	}
	o.t.Errorf("seed %d, %s:\n%s\n  -- PostgreSQL: %s\n%s\n%s\nrepeat with: SLIPWAY_ORACLE_SEED=%d SLIPWAY_ORACLE_QUERIES=1 go test ./tests/oracle -run '^%s$'",
		seed, d.way, q.ours, q.theirs, shown, o.data, seed, "TestQueriesAgainstPostgres")
	o.data = nil
}
