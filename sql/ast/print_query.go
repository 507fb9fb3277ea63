package ast

import (
	"fmt"
	"strings"
)

func orderBy(items []OrderItem) string {
	if len(items) == 0 {
		return ""
	}
	return " ORDER BY " + joined(items, func(o OrderItem) string {
		return o.X.String() + optional(o.Desc, " DESC") + [...]string{"", " NULLS FIRST", " NULLS LAST"}[o.Nulls]
	})
}

func (t Tail) text() string {
	s := orderBy(t.OrderBy)
	if t.Limit != nil && !t.Ties {
		s += " LIMIT " + t.Limit.String()
	}
	if t.Offset != nil {
		s += " OFFSET " + t.Offset.String()
	}
	if t.Ties {
		s += " FETCH FIRST " + t.Limit.String() + " ROWS WITH TIES"
	}
	return s
}

func (t Tail) empty() bool { return len(t.OrderBy) == 0 && t.Limit == nil && t.Offset == nil }

func (i SelectItem) String() string {
	if i.Alias == "" {
		return i.X.String()
	}
	return i.X.String() + " AS " + QuoteName(i.Alias)
}

func (q *Select) String() string {
	var b strings.Builder
	b.WriteString("SELECT ")
	if q.Distinct {
		b.WriteString("DISTINCT ")
	}
	if len(q.DistinctOn) > 0 {
		b.WriteString("DISTINCT ON (" + exprList(q.DistinctOn) + ") ")
	}
	b.WriteString(joined(q.Items, SelectItem.String))
	if q.From != nil {
		b.WriteString(" FROM " + q.From.String())
	}
	if q.Where != nil {
		b.WriteString(" WHERE " + q.Where.String())
	}
	if len(q.GroupBy) > 0 {
		b.WriteString(" GROUP BY " + exprList(q.GroupBy))
	}
	if q.Having != nil {
		b.WriteString(" HAVING " + q.Having.String())
	}
	if q.Window != nil {
		b.WriteString(" " + q.Window.String())
	}
	if q.Qualify != nil {
		b.WriteString(" QUALIFY " + q.Qualify.String())
	}
	return b.String() + q.Tail.text()
}

var setOpText = [...]string{"UNION ALL", "UNION", "EXCEPT ALL", "EXCEPT", "INTERSECT ALL", "INTERSECT"}

func (k SetOpKind) String() string { return setOpText[k] }

func (q *SetOp) String() string {
	return leftBranch(q.L, q.Kind) + " " + q.Kind.String() + " " + branch(q.R) + q.Tail.text()
}

// branch writes an operand of a set operation; brackets where its own tail or
// another set operation would be read as the outer one's.
func branch(q Query) string {
	if s, ok := q.(*Select); ok && s.Tail.empty() {
		return s.String()
	}
	return "(" + q.String() + ")"
}

// leftBranch leaves the brackets of a chain of one and the same operator away.
func leftBranch(q Query, kind SetOpKind) string {
	if s, ok := q.(*SetOp); ok && s.Kind == kind && s.Tail.empty() {
		return s.String()
	}
	return branch(q)
}

func (c CTE) String() string {
	return QuoteName(c.Name.Name) + columnList(c.Columns) + " AS (" + c.Query.String() + ")"
}

func (q *With) String() string {
	word := "WITH "
	if q.Recursive {
		word = "WITH RECURSIVE "
	}
	return word + joined(q.CTEs, CTE.String) + " " + q.Body.String()
}

func (q *Values) String() string {
	return "VALUES " + joined(q.Rows, func(r []Expr) string { return "(" + exprList(r) + ")" }) + q.Tail.text()
}

func (n Name) String() string {
	if n.DB == "" {
		return QuoteName(n.Name)
	}
	return QuoteName(n.DB) + "." + QuoteName(n.Name)
}

func (t *TableName) String() string {
	return t.Name.String() + t.AsOf.text() + alias(t.Alias) + windowText(t.Window) + sessionsText(t.Sessions)
}

func (a *AsOf) text() string {
	if a == nil {
		return ""
	}
	return " FOR SYSTEM_TIME AS OF " + a.X.String()
}

func (t *SubqueryRef) String() string {
	return optional(t.Lateral, "LATERAL ") + "(" + t.Query.String() + ")" + t.AsOf.text() + alias(t.Alias) + columnList(t.Columns)
}

func (t *Unnest) String() string {
	if t.Below {
		s := "LATERAL VIEW " + optional(t.Outer, "OUTER ") + t.name() + "(" + exprList(t.Args) + ")"
		if t.Alias != "" {
			s += " " + QuoteName(t.Alias)
		}
		for i, c := range t.Columns {
			s += optional(i == 0, " AS ") + optional(i > 0, ", ") + c.String()
		}
		return s
	}
	list := exprList(t.Args)
	if t.JSON != nil {
		list += t.JSON.String()
	}
	return t.name() + "(" + list + ")" + optional(t.Ordinality, " WITH ORDINALITY") + alias(t.Alias) + columnList(t.Columns)
}

// name is that of the function, in quotes where it is no word.
func (t *Unnest) name() string {
	if strings.Trim(t.Func, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return QuoteName(t.Func)
	}
	return strings.ToUpper(t.Func)
}

func (w *StreamWindow) String() string {
	s := "STREAMWINDOW "
	if w.Name != "" {
		s += QuoteName(w.Name) + " AS "
	}
	if w.Slide == nil {
		return s + "(" + w.Length.String() + ")"
	}
	return fmt.Sprintf("%s(LENGTH %s %s SLIDE %s %s)", s,
		QuoteString(w.Length.Text), w.Length.Unit, QuoteString(w.Slide.Text), w.Slide.Unit)
}

func (w *SessionWindow) String() string {
	s := "SESSIONWINDOW "
	if w.Name != "" {
		s += QuoteName(w.Name) + " AS "
	}
	s += "(INIT" + w.Init.String() + " END" + w.End.String()
	if len(w.KeyedBy) > 0 {
		s += " KEYEDBY (" + exprList(w.KeyedBy) + ")"
	}
	if w.Timeout != nil {
		s += " TIMEOUT " + QuoteString(w.Timeout.Text) + " " + w.Timeout.Unit
	}
	return s + ")"
}

func (b SessionBound) String() string {
	return "[" + b.Cond.String() + optional(b.Exclude, " EXCLUDE") + "]"
}

func (t *Join) String() string {
	word := [...]string{"JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN"}[t.Kind]
	if u, ok := t.R.(*Unnest); ok && u.Below {
		return t.L.String() + " " + u.String()
	}
	s := t.L.String() + optional(t.Natural, " NATURAL") + " " + word + " "
	if _, nested := t.R.(*Join); nested {
		s += "(" + t.R.String() + ")"
	} else {
		s += t.R.String()
	}
	if t.On != nil {
		return s + " ON " + t.On.String()
	}
	if len(t.Using) > 0 {
		return s + " USING" + columnList(t.Using)
	}
	return s
}

func (t *TableFunc) String() string {
	var b strings.Builder
	b.WriteString("TABLE(" + strings.ToUpper(t.Func) + "(")
	if n, ok := t.Table.(*TableName); ok {
		b.WriteString("TABLE " + n.String())
	} else {
		b.WriteString(t.Table.String())
	}
	if len(t.PartitionBy) > 0 {
		b.WriteString(" PARTITION BY " + exprList(t.PartitionBy))
	}
	b.WriteString(", DESCRIPTOR(" + QuoteName(t.Time.Name) + ")")
	for _, l := range []*Literal{t.Slide, t.Size, t.Offset} {
		if l != nil {
			b.WriteString(", " + l.String())
		}
	}
	return b.String() + "))" + alias(t.Alias)
}

func alias(name string) string {
	if name == "" {
		return ""
	}
	return " AS " + QuoteName(name)
}

func windowText(w *StreamWindow) string {
	if w == nil {
		return ""
	}
	return " " + w.String()
}

func sessionsText(w *SessionWindow) string {
	if w == nil {
		return ""
	}
	return " " + w.String()
}

func (i Ident) String() string { return QuoteName(i.Name) }

func columnList(list []Ident) string {
	if len(list) == 0 {
		return ""
	}
	return " (" + joined(list, Ident.String) + ")"
}
