package sql_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"slipway/conf"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/parser"
	"slipway/sql/plan"
	"slipway/sql/sqltest"
)

// TestPlans runs scripts: `declare` statements, then `explain` of INSERT … SELECT, or
// `stored` of it: what checkpoints know its operators by, with `split=keyless`, `early=5` or `corrected=60000` those of a job with that property.
// A fault is shown with a caret under its place.
func TestPlans(t *testing.T) {
	sqltest.Run(t, "testdata", func(t *testing.T, s *sqltest.Script, d *datadriven.TestData) string {
		switch d.Cmd {
		case "explain":
			return explain(t, s.Compiler, s.Snapshot, d.Input, properties(d))
		case "stored":
			return storedForms(s.Compiler, s.Snapshot, d.Input, properties(d))
		}
		t.Fatalf("unknown command %s", d.Cmd)
		return ""
	})
}

// inserts are those of a job.
func inserts(st ast.Statement) []*ast.Insert {
	if set, ok := st.(*ast.StatementSet); ok {
		return set.Inserts
	}
	return []*ast.Insert{st.(*ast.Insert)}
}

func explain(t *testing.T, c *sql.Compiler, s *catalog.Snapshot, text string, v *conf.Values) string {
	st, err := parser.ParseOne(text)
	if err != nil {
		return sqltest.Caret(text, err)
	}
	began := time.Now()
	flow, _, err := c.NewJob(s, "default", inserts(st), v)
	if err != nil {
		return sqltest.Caret(text, err)
	}
	again, _, err := c.NewJob(s, "default", inserts(st), v)
	if err != nil || strings.Join(sql.Explain(again), "\n") != strings.Join(sql.Explain(flow), "\n") {
		t.Errorf("compiling twice gives two plans (%s): %v", time.Since(began), err)
	}
	return strings.Join(sql.Explain(flow), "\n") + "\n"
}

// properties are those of a stored job.
func properties(d *datadriven.TestData) *conf.Values {
	v := conf.Defaults(conf.Job)
	for word, key := range map[string]string{"split": conf.SplitDistinct.Key, "windows": conf.SplitWindows.Key, "early": conf.WindowEmit.Key, "corrected": conf.WindowLateness.Key} {
		if a, ok := d.Arg(word); ok {
			v = v.With(key, a.Vals[0])
		}
	}
	return v
}

// storedForms lists the ids and state schemas of a job: a difference refuses the checkpoints
// that were taken before.
func storedForms(c *sql.Compiler, s *catalog.Snapshot, text string, v *conf.Values) string {
	flow, err := c.JobText(s, "default", text, v)
	if err != nil {
		return sqltest.Caret(text, err)
	}
	var out strings.Builder
	for i := range flow.Stages {
		if x := flow.Stages[i].Source; x != nil {
			fmt.Fprintf(&out, "%s\n", x.Op)
		}
		for _, o := range flow.Stages[i].Ops {
			if x, ok := o.(plan.Stateful); ok {
				fmt.Fprintf(&out, "%s (%s)\n", x.ID(), x.StateSchema())
			}
		}
		if x := flow.Stages[i].Sink; x != nil {
			fmt.Fprintf(&out, "%s\n", x.Op)
		}
	}
	return out.String()
}
