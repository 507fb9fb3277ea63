package ast

// Query is whatever gives rows: Select, SetOp, With or Values.
type Query interface {
	Position() int
	String() string
	query()
}

// OrderItem is one key of ORDER BY.
type OrderItem struct {
	X    Expr
	Desc bool
	// Nulls says where NULL comes; NullsDefault: behind every value, with Desc before them.
	Nulls Nulls
}

// Nulls is NULLS FIRST or NULLS LAST.
type Nulls uint8

const (
	NullsDefault Nulls = iota
	NullsFirst
	NullsLast
)

// AreFirst tells where NULL comes among the rows.
func (o OrderItem) AreFirst() bool { return o.Nulls == NullsFirst || o.Nulls == NullsDefault && o.Desc }

// Tail is what may stand behind any query.
type Tail struct {
	OrderBy []OrderItem
	Limit   Expr // nil if absent
	Offset  Expr // nil if absent
	// Ties: rows that are equal in their order to the last one of Limit come too.
	Ties bool
}

// SelectItem is one entry of the select list.
type SelectItem struct {
	X Expr // a *Star, or any other expression
	// Alias is empty if the user gave none; AliasPos is then NoPos.
	Alias    string
	AliasPos int
	// Text is the expression in the user's own words, for the result's heading.
	Text string
}

// Select is one SELECT.
type Select struct {
	Pos        int
	Distinct   bool
	DistinctOn []Expr // nil if absent
	Items      []SelectItem
	From       TableRef // nil without FROM
	Where      Expr
	GroupBy    []Expr
	Having     Expr
	Window     *WindowClause // nil if absent
	Qualify    Expr          // nil if absent
	Tail
}

// SetOpKind is the operator of a SetOp.
type SetOpKind uint8

const (
	UnionAll SetOpKind = iota
	Union
	ExceptAll
	Except
	IntersectAll
	Intersect
)

// SetOp is L UNION [ALL] | EXCEPT [ALL] | INTERSECT [ALL] R.
type SetOp struct {
	Pos  int
	Kind SetOpKind
	L, R Query
	Tail
}

// CTE is one name of a WITH clause.
type CTE struct {
	Name    Ident
	Columns []Ident
	Query   Query
}

// With is WITH [RECURSIVE] … body.
type With struct {
	Pos       int
	Recursive bool
	CTEs      []CTE
	Body      Query
}

// Values is VALUES (…), (…).
type Values struct {
	Pos  int
	Rows [][]Expr
	Tail
}

func (q *Select) Position() int { return q.Pos }
func (q *SetOp) Position() int  { return q.Pos }
func (q *With) Position() int   { return q.Pos }
func (q *Values) Position() int { return q.Pos }

func (*Select) query() {}
func (*SetOp) query()  {}
func (*With) query()   {}
func (*Values) query() {}

// TableRef is what may stand in FROM.
type TableRef interface {
	Position() int
	String() string
	table()
}

// TableName is a stream, table, view or CTE by name.
type TableName struct {
	Name
	// Alias is empty if there is none.
	Alias    string
	AliasPos int
	// Window is the STREAMWINDOW clause, or nil.
	Window *StreamWindow
	// Sessions is the SESSIONWINDOW clause, or nil.
	Sessions *SessionWindow
	AsOf     *AsOf // nil if absent
}

// AsOf is FOR SYSTEM_TIME AS OF x: a table as it was then.
type AsOf struct {
	Pos int
	X   Expr
}

// StreamWindow is STREAMWINDOW [Name AS] (LENGTH l [SLIDE s]) or (INTERVAL l).
type StreamWindow struct {
	Pos    int
	Name   string
	Length *Literal // an IntervalLiteral
	Slide  *Literal // nil for tumbling
}

// SessionWindow is SESSIONWINDOW [Name AS] (INIT[…] END[…] [KEYEDBY (k, …)] [TIMEOUT t]): sessions
// that rows begin and end.
type SessionWindow struct {
	Pos       int
	Name      string
	Init, End SessionBound
	KeyedBy   []Expr
	Timeout   *Literal // an IntervalLiteral; nil if absent
}

// SessionBound is INIT[Cond [EXCLUDE]] or END[Cond [EXCLUDE]].
type SessionBound struct {
	Cond    Expr
	Exclude bool // the row belongs to no session by it
}

// SubqueryRef is [LATERAL] (query) [AS] alias.
type SubqueryRef struct {
	Pos      int  // of the query, or of LATERAL
	Lateral  bool // its query sees the columns of the tables before it
	Query    Query
	Alias    string
	AliasPos int
	Columns  []Ident // alias(c1, c2)
	AsOf     *AsOf   // nil if absent
}

// JoinKind is the kind of a Join.
type JoinKind uint8

const (
	InnerJoin JoinKind = iota
	LeftJoin
	RightJoin
	FullJoin
	CrossJoin // without a condition
)

// Join is L kind JOIN R ON … | USING (…), or L NATURAL kind JOIN R.
type Join struct {
	Pos   int
	Kind  JoinKind
	L, R  TableRef
	On    Expr
	Using []Ident
	// Natural joins by the columns that both sides have; NaturalPos is where it stands, else NoPos.
	Natural    bool
	NaturalPos int
}

// Unnest is [LATERAL] UNNEST(x, …) [WITH ORDINALITY] [AS] alias (columns): the elements as rows;
// or another function that gives rows.
type Unnest struct {
	Pos int // of UNNEST
	// Func is unnest, explode, posexplode, generate_series, range, json_tuple or json_table, or a declared function.
	Func string
	JSON *JSONTable // of json_table
	// Outer: a row without elements stays, with NULL; Below: it is written LATERAL VIEW, with names of columns behind AS.
	Outer, Below bool
	Args         []Expr
	Ordinality   bool
	Alias        string
	AliasPos     int
	Columns      []Ident
}

// TableFunc is a windowing table function in FROM:
// TUMBLE(TABLE t, DESCRIPTOR(c), size [, offset]),
// HOP(TABLE t, DESCRIPTOR(c), slide, size [, offset]),
// CUMULATE(TABLE t, DESCRIPTOR(c), step, max size [, offset]),
// SESSION(TABLE t [PARTITION BY …], DESCRIPTOR(c), gap).
type TableFunc struct {
	Pos int
	// Func is tumble, hop, cumulate or session.
	Func        string
	Table       TableRef // a *TableName, or a *SubqueryRef
	PartitionBy []Expr
	Time        Ident // DESCRIPTOR's column
	Size        *Literal
	Slide       *Literal // HOP's slide, CUMULATE's step; nil for the others
	Offset      *Literal // nil if absent
	Alias       string
	AliasPos    int
}

func (t *TableName) Position() int   { return t.Pos }
func (t *SubqueryRef) Position() int { return t.Pos }
func (t *Join) Position() int        { return t.Pos }
func (t *TableFunc) Position() int   { return t.Pos }
func (t *Unnest) Position() int      { return t.Pos }

func (*TableName) table()   {}
func (*SubqueryRef) table() {}
func (*Join) table()        {}
func (*TableFunc) table()   {}
func (*Unnest) table()      {}
