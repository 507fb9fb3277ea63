package plan

import (
	"fmt"
	"strconv"
	"strings"

	"slipway/sql/types"
)

// Stored forms are what operator ids are hashed from and what state schemas are made of.
// Checkpoints are found by them, so the form of what can be written today never changes.
// What people are shown (String, Describe) is made elsewhere and may change. Of a function
// whose name changes the former name stays here.

// Stored gives the stored form of an expression.
func Stored(e Expr) string {
	switch e := e.(type) {
	case *Column:
		return fmt.Sprintf("%s#%d", e.Name, e.Index)
	case *Const:
		return e.stored()
	case *Call:
		if e.Module != nil {
			return "wasm " + e.Module.Hash + " " + e.Module.Export + "(" + storedList(e.Args) + ")"
		}
		return e.Func + "(" + storedList(e.Args) + ")"
	case *Case:
		return e.stored()
	case *Cast:
		name := "CAST"
		if e.Try {
			name = "TRY_CAST"
		}
		return name + "(" + Stored(e.Arg) + " AS " + e.Typ.Stored() + ")"
	}
	panic(fmt.Sprintf("plan: expression %T has no stored form", e))
}

func (e *Const) stored() string {
	if e.Null {
		return "NULL"
	}
	switch e.Typ.Physical() {
	case types.PhysicalBool:
		return strconv.FormatBool(e.Bool)
	case types.PhysicalInt64:
		return fmt.Sprintf("%d:%s", e.Int, e.Typ.Stored())
	case types.PhysicalFloat64:
		return strconv.FormatFloat(e.Float, 'g', -1, 64)
	case types.PhysicalInt128, types.PhysicalInterval:
		return fmt.Sprintf("(%d,%d):%s", e.WideHi, e.WideLo, e.Typ.Stored())
	}
	return "'" + strings.ReplaceAll(e.Text, "'", "''") + "'"
}

func (e *Case) stored() string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, w := range e.Whens {
		b.WriteString(" WHEN " + Stored(w.Cond) + " THEN " + Stored(w.Then))
	}
	if e.Else != nil {
		b.WriteString(" ELSE " + Stored(e.Else))
	}
	return b.String() + " END"
}

func storedList(list []Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = Stored(e)
	}
	return strings.Join(parts, ", ")
}

// Stored gives the stored form of a window on a column that is spelled as `by`.
func (w *Window) Stored(by string) string {
	return fmt.Sprintf("window %d %s %s %s by %s", w.Kind, w.Size, w.Slide, w.Offset, by)
}

// Stored gives the stored form of an aggregate's kind and type, without its arguments.
func (a Agg) Stored() string {
	text := string(a.Kind) + " " + a.Typ.Stored()
	if a.Module != nil {
		text = "wasm " + a.Module.Hash + " " + a.Module.Export
		if a.Nulls {
			text += " NULLS"
		}
	}
	if a.Distinct {
		text += " DISTINCT"
	}
	if a.Param != "" {
		text += fmt.Sprintf(" %q", a.Param)
	}
	return text
}

// stateSchema lists accumulators.
func stateSchema(aggs []Agg) string {
	parts := make([]string, len(aggs))
	for i, a := range aggs {
		parts[i] = a.Stored()
	}
	return strings.Join(parts, ", ")
}
