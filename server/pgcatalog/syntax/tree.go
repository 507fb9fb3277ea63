package syntax

// Query is a SELECT with everything around it, also a bracketed one.
type Query struct {
	With      []CTE
	Recursive bool
	Body      Body
	Order     []Sort
	Limit     Expr // nil: ALL
	Offset    Expr // nil: 0
}

// CTE is one of WITH.
type CTE struct {
	Name    string
	Columns []string
	Query   *Query
}

// Body is a *Core, *SetOperation, *Values or a bracketed *Query.
type Body interface{ body() }

// Core is one SELECT … FROM … WHERE … GROUP BY … HAVING.
type Core struct {
	Distinct   bool
	DistinctOn []Expr
	Items      []Item
	From       []Source // side by side; none: one row without columns
	Where      Expr
	Group      []Expr
	Having     Expr
}

// Item is a value of the select list; Name is empty where there is no AS.
type Item struct {
	X    Expr // *Star for all columns
	Name string
}

// Operation names what a SetOperation does.
type Operation string

// The operations on sets of rows.
const (
	Union     Operation = "UNION"
	Intersect Operation = "INTERSECT"
	Except    Operation = "EXCEPT"
)

// SetOperation joins the rows of two bodies.
type SetOperation struct {
	Operation   Operation
	All         bool
	Left, Right Body
}

// Values is VALUES (…), (…): all of one length.
type Values struct{ Rows [][]Expr }

func (*Query) body()        {}
func (*Core) body()         {}
func (*SetOperation) body() {}
func (*Values) body()       {}

// Sort is a key of ORDER BY.
type Sort struct {
	X          Expr
	Descending bool
	NullsFirst bool // as written, else as PostgreSQL has it: last, with DESC first
}

// Source is what stands in FROM: a *Table, *Derived, *Function or *Join.
type Source interface{ source() }

// Alias is the name of a source, with those of its columns; types are those of AS t(a int).
type Alias struct {
	Name    string
	Columns []string
	Types   []Type // of each column, or none
}

// Table is a relation or a CTE.
type Table struct {
	Schema, Name string // Schema is empty where it is not written
	Alias        Alias
	Pos          int
}

// Derived is a query in FROM.
type Derived struct {
	Query   *Query
	Lateral bool
	Alias   Alias
}

// Function is a call in FROM.
type Function struct {
	Call       *Call
	Ordinality bool
	Alias      Alias
}

// JoinKind is the kind of a Join.
type JoinKind int

// The joins. CROSS JOIN is an inner one without a condition.
const (
	Inner JoinKind = iota
	Left
	Right
	Full
)

// Join joins two sources.
type Join struct {
	Kind        JoinKind
	Natural     bool
	Left, Right Source
	On          Expr
	Using       []string
}

func (*Table) source()    {}
func (*Derived) source()  {}
func (*Function) source() {}
func (*Join) source()     {}

// Type is a type as it is written: pg_catalog.int4[] has the schema pg_catalog, the name int4 and one dimension. Modifiers are
// the numbers in brackets behind it.
type Type struct {
	Schema, Name string
	Modifiers    []int
	Array        bool
	Pos          int
}

// Expr is a value. Offset is where it begins in the text, in bytes.
type Expr interface{ Offset() int }

// At is the place of a node in the text.
type At int

// Offset implements Expr.
func (a At) Offset() int { return int(a) }

// LiteralKind tells what a Literal is.
type LiteralKind int

// The kinds of literals. A text has no type of its own until it is used.
const (
	Null LiteralKind = iota
	Text
	Integer
	Decimal
	Boolean
)

type (
	// Literal is a constant: its text without quotes, or true and false.
	Literal struct {
		At
		Kind LiteralKind
		Text string
	}
	// Param is $n.
	Param struct {
		At
		Number int
	}
	// Column is a name, with those in front of it: schema, table.
	Column struct {
		At
		Qualifiers []string
		Name       string
	}
	// Star is * or t.*, also behind a value: (f(x)).*.
	Star struct {
		At
		Qualifiers []string
		X          Expr // nil: of tables
	}
	// Call is f(…). Words that are calls without brackets (current_user) are too, and forms with words between the arguments
	// (substring(x FROM 1 FOR 2), x AT TIME ZONE y) are the call that PostgreSQL makes of them.
	Call struct {
		At
		Schema, Name string
		Written      string // the name of a form with words, where it is another
		Star         bool   // count(*)
		Distinct     bool
		Args         []Expr
		Order        []Sort
		Filter       Expr
		Over         *Window
	}
	// Cast is x::type, CAST(x AS type) or type 'text'.
	Cast struct {
		At
		X  Expr
		To Type
	}
	// Unary is -x, +x, ~x or NOT x.
	Unary struct {
		At
		Op string
		X  Expr
	}
	// Binary is x op y; AND, OR, and LIKE as ~~, !~~, ~~* and !~~*, are among the operators.
	Binary struct {
		At
		Op   string
		L, R Expr
	}
	// Is is x IS [NOT] NULL | TRUE | FALSE | UNKNOWN | DISTINCT FROM y.
	Is struct {
		At
		X, From Expr // From is nil but for DISTINCT
		What    string
		Not     bool
	}
	// Between is x [NOT] BETWEEN [SYMMETRIC] low AND high.
	Between struct {
		At
		X, Low, High   Expr
		Not, Symmetric bool
	}
	// In is x [NOT] IN (…): a list or a query.
	In struct {
		At
		X     Expr
		List  []Expr
		Query *Query
		Not   bool
	}
	// Quantified is x op ANY|ALL (…): an array or a query.
	Quantified struct {
		At
		Op    string
		All   bool
		X     Expr
		Array Expr
		Query *Query
	}
	// Exists is EXISTS (query).
	Exists struct {
		At
		Query *Query
	}
	// Scalar is (query) as a value.
	Scalar struct {
		At
		Query *Query
	}
	// ArrayQuery is ARRAY(query).
	ArrayQuery struct {
		At
		Query *Query
	}
	// ArrayList is ARRAY[…].
	ArrayList struct {
		At
		Items []Expr
	}
	// Row is ROW(…) or (x, y).
	Row struct {
		At
		Items []Expr
	}
	// Subscript is x[i], or x[i:j] where Slice is true; a bound that is not written is nil.
	Subscript struct {
		At
		X, Index, Upper Expr
		Slice           bool
	}
	// Field is (x).name.
	Field struct {
		At
		X    Expr
		Name string
	}
	// Case is CASE [x] WHEN … THEN … [ELSE …] END.
	Case struct {
		At
		X     Expr
		Whens []When
		Else  Expr
	}
)

// When is an arm of a Case.
type When struct{ If, Then Expr }

// Window is what stands behind OVER.
type Window struct {
	Partition []Expr
	Order     []Sort
}
