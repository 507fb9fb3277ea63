package plan_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"slipway/sql/plan"
	"slipway/sql/plan/plantest"
	"slipway/sql/types"
)

// TestEveryOperatorHasASample: who adds an operator is told to add a sample of it.
func TestEveryOperatorHasASample(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range plantest.Samples() {
		seen[reflect.TypeOf(s.Make()).Elem().Name()] = true
	}
	for _, name := range withMethod(t, "Needs") {
		if !seen[name] {
			t.Errorf("operator plan.%s has no sample in sql/plan/plantest: add one, and the tests that walk all operators see it", name)
		}
		delete(seen, name)
	}
	if len(seen) > 0 {
		t.Errorf("samples of operators that the source does not have: %v", seen)
	}
}

// withMethod lists the types of this package that have a method of the name.
func withMethod(t *testing.T, method string) (out []string) {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == method {
				receiver := f.Recv.List[0].Type
				if star, ok := receiver.(*ast.StarExpr); ok {
					receiver = star.X
				}
				out = append(out, receiver.(*ast.Ident).Name)
			}
		}
	}
	return out
}

// TestOperatorsSpeakTheTruth checks what each operator says of itself against its inputs. That it
// reads nothing else is seen in executor/build.
func TestOperatorsSpeakTheTruth(t *testing.T) {
	for _, s := range plantest.Samples() {
		t.Run(s.Name, func(t *testing.T) {
			o := s.Make()
			if o.Describe() == "" || len(o.Schema()) == 0 {
				t.Errorf("describes itself as %q with columns %s", o.Describe(), o.Schema())
			}
			if o.Inputs() != len(s.Inputs) {
				t.Fatalf("it says %d inputs, the sample has %d", o.Inputs(), len(s.Inputs))
			}
			if st, ok := o.(plan.Stateful); ok && (st.ID() == "" || st.StateSchema() == "") {
				t.Errorf("state %q of %q", st.StateSchema(), st.ID())
			}
			if _, keeps := o.(plan.Stateful); keeps {
				saysWhatItKeeps(t, o)
			}
			if err := behindSources(s).Check(); err != nil {
				t.Error(err)
			}
			for port := range s.Inputs {
				wantsWhatItPasses(t, o, port)
			}
			eachColumn(reflect.ValueOf(o), func(c *plan.Column) {
				in := slices.Concat(s.Inputs...) // of several, those of the first come first
				if c.Index < 0 || c.Index >= len(in) || in[c.Index].Type != c.Typ {
					t.Errorf("%s %s is not in %s", c, c.Typ, in)
				}
			})
		})
	}
}

// saysWhatItKeeps: EXPLAIN tells what a job will cost by what its operators say of themselves.
func saysWhatItKeeps(t *testing.T, o plan.Op) {
	t.Helper()
	k, ok := o.(plan.Keeper)
	if !ok {
		t.Errorf("%T keeps state and does not say how much: give it a method Keeps (sql/plan/kept.go)", o)
		return
	}
	if kept := k.Keeps(); kept.Each == "" || kept.Bytes < 40 || kept.Bytes > 1000 {
		t.Errorf("it keeps %+v", kept)
	}
}

// behindSources is a plan of the sample behind a source for each input.
func behindSources(s plantest.Sample) *plan.Dataflow {
	f := &plan.Dataflow{}
	for port, in := range s.Inputs {
		f.Stages = append(f.Stages, plan.Stage{ID: port, Source: &plan.Source{Out: in, Watermark: &plan.WatermarkSpec{Column: 1}}})
		f.Edges = append(f.Edges, plan.Edge{From: port, To: len(s.Inputs), Port: port})
	}
	f.Stages = append(f.Stages, plan.Stage{ID: len(s.Inputs), Ops: []plan.Op{s.Make()}})
	return f
}

// wantsWhatItPasses: for an output column that is one of the input's this one is read, and for
// none more than for all.
func wantsWhatItPasses(t *testing.T, o plan.Op, port int) {
	t.Helper()
	n := len(o.Schema())
	all := o.Reads(port, plan.AllColumns(n))
	for _, c := range o.Reads(port, make(plan.Columns, n)) {
		if !slices.Contains(all, c) {
			t.Errorf("column %d of the input is read for no column, and not for all", c)
		}
	}
	for i, c := range o.Passes(port) {
		only := make(plan.Columns, n)
		only[i] = true
		if c >= 0 && !slices.Contains(o.Reads(port, only), c) {
			t.Errorf("output column %d is column %d of the input, which is not read for it", i, c)
		}
	}
}

// waiting is an operator with timers and no state.
type waiting struct{ *plan.Limit }

func (waiting) Needs() plan.Needs { return plan.Needs{Timers: true} }

// TestCheck: what is no plan of this compiler's is refused with a sentence.
func TestCheck(t *testing.T) {
	in, text := types.Schema{{Name: "i", Type: types.Of(types.Int)}}, types.Schema{{Name: "s", Type: types.Of(types.String)}}
	src := func(s types.Schema) *plan.Source { return &plan.Source{Out: s} }
	limit := &plan.Limit{Out: in}
	window := &plan.WindowAggregate{Weight: -1, Out: types.Schema{{Type: types.NewTimestamp(3)}, {Type: types.NewTimestamp(3)}}}
	for want, f := range map[string]*plan.Dataflow{
		"stage 0 is number 3":                    {Stages: []plan.Stage{{ID: 3}}},
		"an edge leads from stage 0":             {Stages: []plan.Stage{{Source: src(in)}}, Edges: []plan.Edge{{From: 0, To: 0}}},
		"stage 0: nothing leads to port 0":       {Stages: []plan.Stage{{}}},
		"leads to port 2, which it does not":     {Stages: []plan.Stage{{Source: src(in)}, {ID: 1}}, Edges: []plan.Edge{{To: 1, Port: 2}}},
		"leads to port 0, which it does not":     {Stages: []plan.Stage{{Source: src(in)}, {ID: 1, Source: src(in)}}, Edges: []plan.Edge{{To: 1}}},
		"port 0 gets (i INT) and (s STRING)":     {Stages: []plan.Stage{{Source: src(in)}, {ID: 1, Source: src(text)}, {ID: 2}}, Edges: []plan.Edge{{From: 0, To: 2}, {From: 1, To: 2}}},
		"spread over tasks by columns [1] of":    {Stages: []plan.Stage{{Source: src(in)}, {ID: 1}}, Edges: []plan.Edge{{To: 1, Keys: []int{1}}}},
		"sink x takes (s STRING) and gets":       {Stages: []plan.Stage{{Source: src(in), Sink: &plan.Sink{Name: "x", Schema: text}}}},
		"a *plan.Limit gives as column 0 of (i":  {Stages: []plan.Stage{{Source: src(text), Ops: []plan.Op{limit}}}},
		"a *plan.Sort reads columns [0 7] of (i": {Stages: []plan.Stage{{Source: src(in), Ops: []plan.Op{&plan.Sort{Out: in, Keys: []plan.SortKey{{Column: 7}}}}}}},
		"needs timers, which are kept with":      {Stages: []plan.Stage{{Source: src(in), Ops: []plan.Op{waiting{limit}}}}},
		"gives 1 columns and speaks of 2":        {Stages: []plan.Stage{{Source: src(in), Ops: []plan.Op{&plan.GroupAggregate{Keys: []int{0, 0}, Out: in}}}}},
		"stage 1: a *plan.WindowAggregate needs": {Stages: []plan.Stage{{Source: src(types.Schema{window.Out[0]})}, {ID: 1, Ops: []plan.Op{window}}}, Edges: []plan.Edge{{To: 1}}},
		"a *plan.WindowAggregate needs event":    {Stages: []plan.Stage{{Source: src(in), Ops: []plan.Op{window}}}},
	} {
		if err := f.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	none := &plan.Dataflow{ // SELECT count(*) FROM (… LIMIT 2): rows without columns
		Stages: []plan.Stage{{Source: src(in), Ops: []plan.Op{&plan.Project{}}}, {ID: 1, Ops: []plan.Op{&plan.Limit{Count: 2}}}},
		Edges:  []plan.Edge{{To: 1}},
	}
	if err := none.Check(); err != nil {
		t.Error(err)
	}
}

// exported yields the fields of a struct that are not its own secret, as those of a type are.
func exported(v reflect.Value) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !yield(i) {
				return
			}
		}
	}
}

// eachColumn finds the columns in every field, whatever it is called.
func eachColumn(v reflect.Value, visit func(*plan.Column)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if c, ok := v.Interface().(*plan.Column); ok && c != nil {
			visit(c)
		} else if !v.IsNil() {
			eachColumn(v.Elem(), visit)
		}
	case reflect.Struct:
		for i := range exported(v) {
			eachColumn(v.Field(i), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachColumn(v.Index(i), visit)
		}
	}
}

// TestEntering: the columns of a port are those of its own edge.
func TestEntering(t *testing.T) {
	left, right := types.Schema{{Name: "l", Type: types.Of(types.Int)}}, types.Schema{{Name: "r", Type: types.Of(types.String)}}
	f := &plan.Dataflow{
		Stages: []plan.Stage{{ID: 0, Source: &plan.Source{Out: left}}, {ID: 1, Source: &plan.Source{Out: right}}, {ID: 2}},
		Edges:  []plan.Edge{{From: 0, To: 2, Port: 1}, {From: 1, To: 2}},
	}
	for port, want := range []types.Schema{right, left} {
		if got := f.Entering(2, port); !slices.Equal(got, want) {
			t.Errorf("port %d brings %s, its edge %s", port, got, want)
		}
	}
	if got := fmt.Sprint(f.Leaving(2)); got != fmt.Sprint(right) {
		t.Errorf("a stage without operators gives %s", got)
	}
}
