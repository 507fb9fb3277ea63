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
	for _, name := range withMethod(t, "Narrow") {
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

// TestOperatorsSpeakTheTruth checks what each operator says of itself against its inputs.
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
			sound(t, o, s.Inputs)
			for port := range s.Inputs {
				passes(t, o, port, s.Inputs[port])
			}
			for _, wanted := range subsets(len(o.Schema())) {
				narrow(t, s, wanted)
			}
		})
	}
}

// subsets are none, all, each one and all but each one of so many columns.
func subsets(n int) []plan.Columns {
	out := []plan.Columns{make(plan.Columns, n), plan.AllColumns(n)}
	for i := range n {
		one, others := make(plan.Columns, n), plan.AllColumns(n)
		one[i], others[i] = true, false
		out = append(out, one, others)
	}
	return out
}

// passes: what is said to be a column of the input has its type, and is read if it is wanted.
func passes(t *testing.T, o plan.Op, port int, in types.Schema) {
	t.Helper()
	from := o.Passes(port)
	if len(from) != len(o.Schema()) {
		t.Fatalf("Passes speaks of %d columns of %d", len(from), len(o.Schema()))
	}
	for i, c := range from {
		if c < -1 || c >= len(in) {
			t.Fatalf("output column %d is column %d of %s", i, c, in)
		}
		if c < 0 {
			continue
		}
		if in[c].Type != o.Schema()[i].Type {
			t.Errorf("output column %d is %s, the input's column %d is %s", i, o.Schema()[i].Type, c, in[c].Type)
		}
		only := make(plan.Columns, len(from))
		only[i] = true
		if !o.Reads(port, len(in), only)[c] {
			t.Errorf("output column %d is column %d of the input, which Reads does not name", i, c)
		}
	}
}

// narrow: over the columns that Reads names the operator is sound and gives what is wanted.
func narrow(t *testing.T, s plantest.Sample, wanted plan.Columns) {
	t.Helper()
	o := s.Make()
	inputs, places := make([]types.Schema, len(s.Inputs)), make([]plan.Places, len(s.Inputs))
	for port, in := range s.Inputs {
		reads := o.Reads(port, len(in), wanted)
		if len(reads) != len(in) {
			t.Fatalf("Reads speaks of %d columns of %d", len(reads), len(in))
		}
		places[port] = reads.Places()
		inputs[port] = places[port].Schema(in)
	}
	narrowed, out := o.Narrow(places, wanted)
	if !reflect.DeepEqual(o, s.Make()) {
		t.Errorf("Narrow changed the operator itself")
	}
	sound(t, narrowed, inputs)
	lost(t, reflect.ValueOf(o).Elem(), reflect.ValueOf(narrowed).Elem())
	for i, c := range o.Schema() {
		switch at := out[i]; {
		case at < 0 && wanted[i]:
			t.Errorf("column %d is wanted and gone", i)
		case at >= 0 && narrowed.Schema()[at] != c:
			t.Errorf("column %d is %v, at its new place %d is %v", i, c, at, narrowed.Schema()[at])
		}
	}
	if left := plan.Keep(out, out); !slices.Equal(left, plan.SamePlaces(len(narrowed.Schema()))) {
		t.Errorf("%d columns are left, at the places %v", len(narrowed.Schema()), left)
	}
	if st, ok := o.(plan.Stateful); ok && narrowed.(plan.Stateful).ID() != st.ID() {
		t.Errorf("another id over narrower inputs: %s", narrowed.(plan.Stateful).ID())
	}
}

// lost: no number of the operator, as of a column it reads itself, has become that of none.
func lost(t *testing.T, was, is reflect.Value) {
	t.Helper()
	switch was.Kind() {
	case reflect.Int:
		if was.Int() >= 0 && is.Int() < 0 {
			t.Errorf("the operator reads a column that Reads does not name: %d has become %d", was.Int(), is.Int())
		}
	case reflect.Pointer, reflect.Interface:
		if !was.IsNil() && was.Kind() == reflect.Pointer {
			lost(t, was.Elem(), is.Elem())
		}
	case reflect.Struct:
		for i := range exported(was) {
			lost(t, was.Field(i), is.Field(i))
		}
	case reflect.Slice:
		for i := range was.Len() {
			if was.Len() == is.Len() {
				lost(t, was.Index(i), is.Index(i))
			}
		}
	}
}

// sound: expressions read columns that are there, of the type that they say; so do keys.
func sound(t *testing.T, o plan.Op, inputs []types.Schema) {
	t.Helper()
	for port, in := range inputs {
		o.Reads(port, len(in), plan.AllColumns(len(o.Schema()))) // would panic out of bounds
		passes(t, o, port, in)
	}
	if len(inputs) > 1 {
		return // of which input an expression is, nobody knows here
	}
	eachColumn(reflect.ValueOf(o), func(c *plan.Column) {
		if c.Index < 0 || c.Index >= len(inputs[0]) || inputs[0][c.Index].Type != c.Typ {
			t.Errorf("%s %s is not in %s", c, c.Typ, inputs[0])
		}
	})
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
