package sql

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/parser"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

type anything struct{}

func (anything) Check(*catalog.Relation) ([]string, error)                           { return nil, nil }
func (anything) Readable() bool                                                      { return true }
func (anything) Prepare(context.Context, *catalog.Relation) ([]*sqlerr.Error, error) { return nil, nil }
func (anything) Places(*catalog.Relation) []string                                   { return nil }
func (anything) Writable() bool                                                      { return true }

// TestPlans runs scripts: `declare` statements, then `explain` of INSERT … SELECT, or
// `stored` of it: what checkpoints know its operators by.
// A fault is shown with a caret under its place.
func TestPlans(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		c := &Compiler{Connectors: map[string]catalog.Connector{"kafka": anything{}}}
		empty := catalog.NewSnapshot()
		s := &empty
		s.Databases["default"] = &catalog.Database{Name: "default"}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "declare":
				next, err := declare(c, s, d.Input)
				if err != nil {
					return caret(d.Input, err)
				}
				s = next
				return "ok\n"
			case "explain":
				return explain(t, c, s, d.Input)
			case "stored":
				return storedForms(c, s, d.Input)
			}
			t.Fatalf("unknown command %s", d.Cmd)
			return ""
		})
	})
}

func declare(c *Compiler, s *catalog.Snapshot, text string) (*catalog.Snapshot, error) {
	list, err := parser.Parse(text)
	for i := 0; i < len(list) && err == nil; i++ {
		var r *catalog.Relation
		if r, _, err = c.Relation(s, "default", list[i].(*ast.CreateRelation)); err == nil {
			s, err = s.With(catalog.Change{PutRelation: r}, func() uint32 { return 1 })
		}
	}
	return s, err
}

func explain(t *testing.T, c *Compiler, s *catalog.Snapshot, text string) string {
	st, err := parser.ParseOne(text)
	if err != nil {
		return caret(text, err)
	}
	began := time.Now()
	flow, err := c.Job(s, "default", st.(*ast.Insert), conf.Defaults(conf.Job))
	if err != nil {
		return caret(text, err)
	}
	again, err := c.Job(s, "default", st.(*ast.Insert), conf.Defaults(conf.Job))
	if err != nil || strings.Join(Explain(again), "\n") != strings.Join(Explain(flow), "\n") {
		t.Errorf("compiling twice gives two plans (%s): %v", time.Since(began), err)
	}
	return strings.Join(Explain(flow), "\n") + "\n"
}

// storedForms lists the ids and state schemas of a job: a difference refuses the checkpoints
// that were taken before.
func storedForms(c *Compiler, s *catalog.Snapshot, text string) string {
	flow, err := c.JobText(s, "default", text, conf.Defaults(conf.Job))
	if err != nil {
		return caret(text, err)
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

// caret shows an error under the line it points at.
func caret(text string, err error) string {
	e := sqlerr.From(err)
	out := fmt.Sprintf("%s: %s\n", e.Code, e.Message)
	if e.Position > 0 {
		line, at := 0, e.Position-1
		lines := strings.Split(text, "\n")
		for line < len(lines)-1 && at > len(lines[line]) {
			at -= len(lines[line]) + 1
			line++
		}
		out += lines[line] + "\n" + strings.Repeat(" ", len([]rune(lines[line][:min(at, len(lines[line]))]))) + "^\n"
	}
	if e.Hint != "" {
		out += "hint: " + e.Hint + "\n"
	}
	return out
}
