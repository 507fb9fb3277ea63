package ast

// Node is what Walk visits: a Statement, Query, TableRef, Expr or Pattern.
type Node interface {
	String() string
}

// Walk visits n and, below it, every statement, query, table, expression and pattern, each
// before what it holds and in the order of the text. Where visit gives false, what the node holds
// is left out. A nil n is no node.
func Walk(n Node, visit func(Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	w := walker{visit}
	switch n := n.(type) {
	case Statement:
		w.statement(n)
	case Query:
		w.query(n)
	case TableRef:
		w.table(n)
	case Expr:
		w.expr(n)
	case Pattern:
		w.pattern(n)
	}
}

// walker goes on from the parts of a node.
type walker struct{ visit func(Node) bool }

// each walks what is there of some nodes.
func each[N Node](w walker, list ...N) {
	for _, n := range list {
		if any(n) != nil {
			Walk(n, w.visit)
		}
	}
}

// statement walks the parts of a statement; most have none.
func (w walker) statement(s Statement) {
	switch s := s.(type) {
	case *CreateRelation:
		for _, c := range s.Columns {
			w.column(c)
		}
		if s.Watermark != nil {
			each(w, s.Watermark.X)
		}
		each(w, s.Query)
	case *CreateFunction:
		each(w, s.Body)
	case *CreateJob:
		each(w, s.Inserts...)
	case *StatementSet:
		each(w, s.Inserts...)
	case *Explain:
		each(w, s.Statement)
	case *QueryStatement:
		each(w, s.Query)
	case *Insert:
		each(w, s.Query)
	case *Copy:
		each(w, s.Query)
	case *DeclareCursor:
		each(w, s.Query)
	case *Prepare:
		each(w, s.Statement)
	case *Execute:
		each(w, s.Args...)
	case *AlterUser:
		if s.Set != nil {
			each(w, s.Set)
		}
	}
}

func (w walker) column(c ColumnDef) {
	for _, e := range []*ColumnExpr{c.As, c.Default} {
		if e != nil {
			each(w, e.X)
		}
	}
}

func (w walker) query(q Query) {
	switch q := q.(type) {
	case *Select:
		each(w, q.DistinctOn...)
		for _, item := range q.Items {
			each(w, item.X)
		}
		each(w, q.From)
		each(w, q.Where)
		each(w, q.GroupBy...)
		each(w, q.Having)
		w.windows(q.Window)
		each(w, q.Qualify)
		w.tail(q.Tail)
	case *SetOp:
		each(w, q.L, q.R)
		w.tail(q.Tail)
	case *With:
		for _, cte := range q.CTEs {
			each(w, cte.Query)
		}
		each(w, q.Body)
	case *Values:
		for _, row := range q.Rows {
			each(w, row...)
		}
		w.tail(q.Tail)
	}
}

func (w walker) tail(t Tail) {
	w.order(t.OrderBy)
	each(w, t.Limit, t.Offset)
}

func (w walker) order(items []OrderItem) {
	for _, o := range items {
		each(w, o.X)
	}
}

func (w walker) table(t TableRef) {
	switch t := t.(type) {
	case *TableName:
		if t.AsOf != nil {
			each(w, t.AsOf.X)
		}
		if t.Window != nil {
			w.literals(t.Window.Length, t.Window.Slide)
		}
		if s := t.Sessions; s != nil {
			each(w, s.Init.Cond, s.End.Cond)
			each(w, s.KeyedBy...)
			w.literals(s.Timeout)
		}
	case *SubqueryRef:
		each(w, t.Query)
		if t.AsOf != nil {
			each(w, t.AsOf.X)
		}
	case *Join:
		each(w, t.L, t.R)
		each(w, t.On)
	case *TableFunc:
		each(w, t.Table)
		each(w, t.PartitionBy...)
		w.literals(t.Slide, t.Size, t.Offset)
	case *Unnest:
		each(w, t.Args...)
		w.jsonTable(t.JSON)
	case *MatchRecognize:
		w.match(t)
	case *EventPattern:
		for _, e := range t.Elements {
			each(w, TableRef(e.Table))
			each(w, e.Cond)
		}
		w.literals(t.Within)
	}
}

func (w walker) match(m *MatchRecognize) {
	each(w, m.Input)
	each(w, m.PartitionBy...)
	w.order(m.OrderBy)
	for _, item := range m.Measures {
		each(w, item.X)
	}
	each(w, m.Pattern)
	w.literals(m.Within)
	for _, d := range m.Define {
		each(w, d.X)
	}
}

func (w walker) pattern(p Pattern) {
	switch p := p.(type) {
	case *PatternSequence:
		each(w, p.Items...)
	case *PatternChoice:
		each(w, p.Items...)
	case *PatternPermute:
		each(w, p.Items...)
	case *PatternRepeat:
		each(w, p.X)
	case *PatternExclude:
		each(w, p.X)
	}
}

// literals walks those that are there.
func (w walker) literals(list ...*Literal) {
	for _, l := range list {
		if l != nil {
			Walk(l, w.visit)
		}
	}
}

func (w walker) expr(e Expr) {
	switch e := e.(type) {
	case *Unary:
		each(w, e.X)
	case *Binary:
		each(w, e.L, e.R)
	case *Like:
		each(w, e.X, e.Pattern)
	case *Regexp:
		each(w, e.X, e.Pattern)
		w.literals(e.Escape)
	case *Is:
		each(w, e.X)
	case *Between:
		each(w, e.X, e.Low, e.High)
	case *In:
		each(w, e.X)
		each(w, e.List...)
		each(w, e.Query)
	case *Exists:
		each(w, e.Query)
	case *Subquery:
		each(w, e.Query)
	case *Case:
		w.caseExpr(e)
	case *Cast:
		each(w, e.X)
	case *FuncCall:
		w.call(e)
	default:
		w.nested(e)
	}
}

// nested walks the parts of what is made of other values, or reads one out of them.
func (w walker) nested(e Expr) {
	switch e := e.(type) {
	case *Array:
		each(w, e.Items...)
	case *Map:
		each(w, e.Items...)
	case *Row:
		each(w, e.Items...)
	case *Subscript:
		each(w, e.X, e.Index)
	case *Slice:
		each(w, e.X, e.Low, e.High)
	case *Field:
		each(w, e.X)
	case *AtTimeZone:
		each(w, e.X, e.Zone)
	case *Quantified:
		each(w, e.X)
		each(w, e.Query)
	case *Elements:
		each(w, e.X)
	case *Grouping:
		each(w, e.Sets...)
	case *JSONCall:
		each(w, e.X, e.Path)
		w.jsonPassing(e.Passing)
		w.jsonClauses(&e.JSONClauses)
	}
}

func (w walker) caseExpr(e *Case) {
	each(w, e.Operand)
	for _, branch := range e.Whens {
		each(w, branch.Cond, branch.Then)
	}
	each(w, e.Else)
}

func (w walker) call(f *FuncCall) {
	each(w, f.Args...)
	w.order(f.OrderBy)
	w.literals(f.Separator)
	each(w, f.Filter)
	w.over(f.Over)
}

func (w walker) over(o *Over) {
	if o == nil {
		return
	}
	each(w, o.PartitionBy...)
	w.order(o.OrderBy)
	if o.Frame != nil {
		each(w, o.Frame.Start.X, o.Frame.End.X)
	}
}

func (w walker) windows(c *WindowClause) {
	if c == nil {
		return
	}
	for _, named := range c.Windows {
		w.over(named.Over)
	}
}
