package ast

// Expr is an expression.
type Expr interface {
	// Position is the byte offset of the expression's first character.
	Position() int
	String() string
	expr()
}

// LiteralKind tells literals apart.
type LiteralKind uint8

const (
	// NullLiteral is NULL.
	NullLiteral LiteralKind = iota
	// BoolLiteral is TRUE or FALSE: Text is "TRUE" or "FALSE".
	BoolLiteral
	// IntLiteral is digits that fit into 64 bits, signed or not.
	IntLiteral
	// DecimalLiteral is an exact number with a point, or an integer beyond 64 bits.
	DecimalLiteral
	// FloatLiteral is a number with an exponent.
	FloatLiteral
	// StringLiteral holds the characters without quotes and escapes.
	StringLiteral
	// HexLiteral is x'ff', 0xff or b'01': Text holds the bytes themselves.
	HexLiteral
	// IntervalLiteral is INTERVAL '5' SECOND: Text is the number, Unit the unit.
	IntervalLiteral
	// DateLiteral is DATE '2026-01-31'; Text is what stood in the quotes.
	DateLiteral
	// TimestampLiteral is TIMESTAMP '2026-01-31 00:00:00'.
	TimestampLiteral
	// TimeLiteral is TIME '10:00:00'.
	TimeLiteral
)

// Literal is a constant.
type Literal struct {
	Pos  int
	Kind LiteralKind
	Text string
	// Unit of an interval: MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR.
	Unit string
}

// Star is * or t.* or db.t.* in a select list. COUNT(*) has FuncCall.Star instead.
type Star struct {
	Pos int
	// Parts is the qualifier, in its spelling; empty for a bare *.
	Parts []string
}

// ColumnRef is a column, qualified by up to a database and a relation, or a field inside
// one: which of them is known only where the columns are.
type ColumnRef struct {
	Pos   int
	Parts []string // at least 1, in their spelling
}

// Column is the last part: the column's own name.
func (e *ColumnRef) Column() string { return e.Parts[len(e.Parts)-1] }

// Param is $1, $2 …
type Param struct {
	Pos int
	N   int
}

// UnaryOp is an operator with one operand.
type UnaryOp uint8

const (
	Not UnaryOp = iota
	Neg
	BitNot
)

// Unary is NOT x, -x or ~x.
type Unary struct {
	Pos int
	Op  UnaryOp
	X   Expr
}

// BinaryOp is an operator with two operands.
type BinaryOp uint8

const (
	Or BinaryOp = iota
	Xor
	And
	Eq
	NullSafeEq // <=>, IS NOT DISTINCT FROM
	Ne
	Lt
	Le
	Gt
	Ge
	BitOr
	BitAnd
	ShiftLeft
	ShiftRight
	Add
	Sub
	Mul
	Div
	IntDiv // DIV
	Mod
	BitXor
	Concat // ||
	// Those of PostgreSQL for JSON and arrays.
	Contains    // @>
	ContainedBy // <@
	Overlaps    // && of operands that do not look like conditions; of conditions it is And
	HasName     // ?
	HasAnyName  // ?|
	HasAllNames // ?&
	PathExists  // @?
	PathMatches // @@
)

// Binary is L op R.
type Binary struct {
	Pos int
	// OpPos is where the operator stands, or Pos if it is not known.
	OpPos int
	Op    BinaryOp
	L, R  Expr
	// OpenL and OpenR: that side of a - is x || y without brackets around it. || binds closer, but not where - takes
	// something out of JSON, as PostgreSQL has it.
	OpenL, OpenR bool
}

// Like is [NOT] LIKE | ILIKE.
type Like struct {
	Pos        int
	X, Pattern Expr
	Escape     rune // '\\' unless ESCAPE said otherwise; 0 for ESCAPE ''
	Not, ILike bool
}

// Regexp is [NOT] REGEXP | RLIKE, and ~ ~* !~ !~*; and [NOT] SIMILAR TO.
type Regexp struct {
	Pos          int
	X, Pattern   Expr
	Not, AnyCase bool
	// Similar: it is SIMILAR TO, with its ESCAPE, or nil.
	Similar bool
	Escape  *Literal
}

// Default is the Text of the NullLiteral that DEFAULT is in a row of INSERT.
const Default = "DEFAULT"

// IsKind is what an Is tests for.
type IsKind uint8

const (
	IsNull IsKind = iota
	IsTrue
	IsFalse
	IsUnknown // IS NULL of a BOOLEAN
	IsJSON
	IsJSONObject
	IsJSONArray
	IsJSONScalar
)

// Is is x IS [NOT] NULL | TRUE | FALSE | UNKNOWN | JSON [OBJECT | ARRAY | SCALAR].
type Is struct {
	Pos  int
	X    Expr
	What IsKind
	Not  bool
}

// Between is x [NOT] BETWEEN low AND high.
type Between struct {
	Pos          int
	X, Low, High Expr
	Not          bool
}

// In is x [NOT] IN (list) or (query).
type In struct {
	Pos   int
	X     Expr
	List  []Expr
	Query Query // nil if it is a list
	Not   bool
}

// Exists is [NOT] EXISTS (query).
type Exists struct {
	Pos   int
	Query Query
	Not   bool
}

// Subquery is (query) in the place of a value, or ARRAY(query).
type Subquery struct {
	Pos   int
	Query Query
	Array bool // of all its rows
}

// When is one branch of a Case.
type When struct {
	Cond, Then Expr
}

// Case is CASE [operand] WHEN … THEN … [ELSE …] END.
type Case struct {
	Pos     int
	Operand Expr // nil for the searched form
	Whens   []When
	Else    Expr // nil means NULL
}

// Cast is CAST(x AS type), TRY_CAST or x::type.
type Cast struct {
	Pos int
	// OpPos is where :: stands, else Pos.
	OpPos int
	X     Expr
	Type  TypeName
	Try   bool
}

// FuncCall is a function call: scalar, aggregate or the window functions of GROUP BY.
type FuncCall struct {
	Pos int
	// Name is folded to lower case.
	Name     string
	Distinct bool
	Star     bool // COUNT(*)
	Args     []Expr
	// Names are those of the arguments, f(name => x), empty where none is said; nil where all stand in their order.
	// There may be fewer names than arguments.
	Names []Ident
	// OrderBy stands behind the arguments, or in WITHIN GROUP (ORDER BY …) behind the call.
	OrderBy     []OrderItem
	WithinGroup bool
	// Separator is that of GROUP_CONCAT(… SEPARATOR 'text'), or nil.
	Separator *Literal
	// Filter is FILTER (WHERE …), or nil; FilterPos is where it begins, else NoPos.
	Filter    Expr
	FilterPos int
	// Nulls is IGNORE NULLS or RESPECT NULLS behind the call.
	Nulls NullTreatment
	Over  *Over // OVER (…), or nil
	// JSONNulls is NULL ON NULL or ABSENT ON NULL in a call that makes JSON.
	JSONNulls JSONNullTreatment
	// Rows is FINAL or RUNNING in front of a call in MEASURES.
	Rows MatchRows
	// Columns are the names behind AS of a function that gives rows: SELECT f(x) AS (a, b).
	Columns []Ident
	// Declared: Name is that of a declared aggregate. The parser does not know that; who knows the catalog sets it.
	Declared bool
}

// MatchRows says which rows of a match a call in MEASURES is about.
type MatchRows uint8

const (
	RowsUnsaid  MatchRows = iota
	RunningRows           // those up to the current one
	AllMatched            // FINAL: all
)

func (e *Literal) Position() int   { return e.Pos }
func (e *Star) Position() int      { return e.Pos }
func (e *ColumnRef) Position() int { return e.Pos }
func (e *Param) Position() int     { return e.Pos }
func (e *Unary) Position() int     { return e.Pos }
func (e *Binary) Position() int    { return e.Pos }
func (e *Like) Position() int      { return e.Pos }
func (e *Regexp) Position() int    { return e.Pos }
func (e *Is) Position() int        { return e.Pos }
func (e *Between) Position() int   { return e.Pos }
func (e *In) Position() int        { return e.Pos }
func (e *Exists) Position() int    { return e.Pos }
func (e *Subquery) Position() int  { return e.Pos }
func (e *Case) Position() int      { return e.Pos }
func (e *Cast) Position() int      { return e.Pos }
func (e *FuncCall) Position() int  { return e.Pos }

func (*Literal) expr()   {}
func (*Star) expr()      {}
func (*ColumnRef) expr() {}
func (*Param) expr()     {}
func (*Unary) expr()     {}
func (*Binary) expr()    {}
func (*Like) expr()      {}
func (*Regexp) expr()    {}
func (*Is) expr()        {}
func (*Between) expr()   {}
func (*In) expr()        {}
func (*Exists) expr()    {}
func (*Subquery) expr()  {}
func (*Case) expr()      {}
func (*Cast) expr()      {}
func (*FuncCall) expr()  {}
