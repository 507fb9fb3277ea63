package ast

import (
	"fmt"
	"strings"
)

func (o *Over) onlyName() bool {
	return o.Name.Name != "" && len(o.PartitionBy) == 0 && len(o.OrderBy) == 0 && o.Frame == nil
}

// String is what stands between the brackets.
func (o *Over) String() string {
	s := ""
	add := func(text string) {
		if s != "" && text != "" {
			s += " "
		}
		s += text
	}
	if o.Name.Name != "" {
		add(o.Name.String())
	}
	if len(o.PartitionBy) > 0 {
		add("PARTITION BY " + exprList(o.PartitionBy))
	}
	if len(o.OrderBy) > 0 {
		add(orderBy(o.OrderBy)[1:])
	}
	if o.Frame != nil {
		add(o.Frame.String())
	}
	return s
}

func (f *Frame) String() string {
	unit := [...]string{"ROWS", "RANGE", "GROUPS"}[f.Unit]
	return unit + " BETWEEN " + f.Start.String() + " AND " + f.End.String() + exclusions[f.Exclude]
}

var exclusions = [...]string{"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES"}

func (b Bound) String() string {
	switch b.Kind {
	case UnboundedPreceding:
		return "UNBOUNDED PRECEDING"
	case Preceding:
		return operand(b.X) + " PRECEDING"
	case CurrentRow:
		return "CURRENT ROW"
	case Following:
		return operand(b.X) + " FOLLOWING"
	}
	return "UNBOUNDED FOLLOWING"
}

func (c *WindowClause) String() string {
	return "WINDOW " + joined(c.Windows, func(w NamedWindow) string { return w.Name.String() + " AS (" + w.Over.String() + ")" })
}

func (e *Array) String() string { return "ARRAY[" + exprList(e.Items) + "]" }
func (e *Map) String() string   { return "MAP[" + exprList(e.Items) + "]" }
func (e *Row) String() string   { return "ROW(" + exprList(e.Items) + ")" }

func (e *Subscript) String() string {
	x := operand(e.X)
	if _, slice := e.X.(*Slice); slice {
		x = "(" + x + ")"
	}
	return x + "[" + e.Index.String() + "]"
}

func (e *Slice) String() string {
	s := operand(e.X) + "["
	switch e.X.(type) {
	case *Slice, *Subscript: // x[1][2:3] would be a slice of several dimensions
		s = "(" + operand(e.X) + ")["
	}
	if e.Low != nil {
		s += e.Low.String()
	}
	if s += ":"; e.High != nil {
		s += e.High.String()
	}
	return s + "]"
}

// String puts brackets around a name, of which the field would be one part more.
func (e *Field) String() string {
	x := operand(e.X)
	switch e.X.(type) {
	case *Subscript, *Slice, *Field, *FuncCall:
	default:
		x = "(" + e.X.String() + ")"
	}
	return x + "." + e.Name.String()
}

func (e *AtTimeZone) String() string { return operand(e.X) + " AT TIME ZONE " + operand(e.Zone) }

func (e *IntervalRange) String() string {
	return strings.TrimSuffix("INTERVAL "+QuoteString(e.Text)+" "+e.Unit, " ")
}

func (e *Quantified) String() string {
	word := "ANY"
	if e.All {
		word = "ALL"
	}
	return fmt.Sprintf("%s %s %s (%s)", operand(e.X), e.Op, word, e.Query)
}

func (e *Elements) String() string {
	if e.All {
		return "ALL (" + e.X.String() + ")"
	}
	return "ANY (" + e.X.String() + ")"
}

func (e *Grouping) String() string {
	word := [...]string{"GROUPING SETS", "ROLLUP", "CUBE"}[e.Kind]
	return word + " (" + joined(e.Sets, groupingSet) + ")"
}

// groupingSet writes the brackets of several expressions without the word ROW.
func groupingSet(e Expr) string {
	if r, ok := e.(*Row); ok {
		return "(" + exprList(r.Items) + ")"
	}
	return e.String()
}

func (e TypeElement) String() string {
	if e.Name.Name == "" {
		return e.Type.Text
	}
	return QuoteName(e.Name.Name) + ": " + e.Type.Text
}
