package engine

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"slipway/server/pgcatalog/syntax"
)

// fixture has the tables of testdata/fixture.sql; the answers in testdata/queries are those of a PostgreSQL 15 that has them too.
type fixture struct{ tables map[string]*Table }

func (f *fixture) Table(schema, name string) *Table {
	if schema != "" && schema != "public" {
		return nil
	}
	return f.tables[name]
}

func (f *fixture) Functions(schema, name string) []*Function { return Builtins[name] }

func (f *fixture) Cast(_ Env, v Value, to Type) Value { return Named{intOf(v), fmt.Sprint(v)} }

func newFixture() *fixture {
	people := [][]Value{{int64(1), "ann", "x", Array{int64(1), int64(2)}}, {int64(2), "bob", nil, Array{}}, {int64(3), "cat", "x", nil}, {int64(4), "dan", "y", Array{int64(3), nil}}}
	orders := [][]Value{{int64(10), int64(1), 1.5, true}, {int64(11), int64(1), 2.0, false}, {int64(12), int64(3), nil, nil}, {int64(13), int64(9), 4.25, true}}
	byID := func(rows [][]Value) func(Env, Value) [][]Value {
		return func(_ Env, v Value) (out [][]Value) {
			for _, r := range rows {
				if intOf(r[0]) == intOf(v) {
					out = append(out, r)
				}
			}
			return out
		}
	}
	return &fixture{map[string]*Table{
		"people": {Schema: "public", Name: "people", Columns: []Column{{Name: "id", Type: Int4}, {Name: "name", Type: Text}, {Name: "tag", Type: Text}, {Name: "nums", Type: Int4.Array()}},
			Rows: func(Env) [][]Value { return people }, Find: map[string]func(Env, Value) [][]Value{"id": byID(people)}},
		"orders": {Schema: "public", Name: "orders", Columns: []Column{{Name: "id", Type: Int4}, {Name: "person", Type: Int4}, {Name: "amount", Type: Numeric}, {Name: "paid", Type: Bool}},
			Rows: func(Env) [][]Value { return orders }},
	}}
}

func answer(c Catalog, text string) string {
	tree, params, err := syntax.Parse(text)
	if err != nil {
		return "ERROR: " + err.Error() + "\n"
	}
	q, err := Bind(c, tree, params, nil)
	if err != nil {
		return "ERROR: " + err.Error() + "\n"
	}
	rows, err := q.Run(context.Background(), nil, nil)
	if err != nil {
		return "ERROR: " + err.Error() + "\n"
	}
	if len(q.Columns) == 0 {
		return fmt.Sprintln(len(rows), "without columns")
	}
	var out strings.Builder
	names := make([]string, len(q.Columns))
	for i, col := range q.Columns {
		names[i] = col.Name
	}
	out.WriteString(strings.Join(names, "|") + "\n")
	for _, r := range rows {
		for i, v := range r {
			if i > 0 {
				out.WriteByte('|')
			}
			if v == nil {
				out.WriteString("∅")
			} else {
				out.WriteString(textOf(v, q.Columns[i].Type))
			}
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// TestQueries compares with what a PostgreSQL answered.
func TestQueries(t *testing.T) {
	datadriven.RunTest(t, "testdata/queries", func(t *testing.T, d *datadriven.TestData) string {
		return answer(newFixture(), d.Input)
	})
}

func TestMain(m *testing.M) { os.Exit(m.Run()) }
