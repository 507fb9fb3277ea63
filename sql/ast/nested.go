package ast

// Array is ARRAY[x, …].
type Array struct {
	Pos   int
	Items []Expr
}

// Map is MAP[key, value, …].
type Map struct {
	Pos   int
	Items []Expr // keys and values in turn
}

// Row is ROW(x, …), or (x, y, …) in the place of a value.
type Row struct {
	Pos   int
	Items []Expr
}

// Slice is x[low:high], the elements of an array from one place to another; nil where a bound is not said.
type Slice struct {
	Pos int
	// OpPos is where [ stands.
	OpPos        int
	X, Low, High Expr
}

// Subscript is x[i].
type Subscript struct {
	Pos      int
	OpPos    int // of [
	X, Index Expr
}

// Field is x.name where x is no name itself: (x).name, f(y).name, a[1].name.
type Field struct {
	Pos   int
	OpPos int // of the point
	X     Expr
	Name  Ident
}

// AtTimeZone is x AT TIME ZONE zone.
type AtTimeZone struct {
	Pos     int
	OpPos   int // of AT
	X, Zone Expr
}

// IntervalRange is INTERVAL '1 02:03' DAY TO MINUTE, or MySQL's INTERVAL '1 2' DAY_HOUR.
type IntervalRange struct {
	Pos     int
	UnitPos int // of TO, or of the unit
	Text    string
	// Unit is DAY TO MINUTE, YEAR TO MONTH, DAY_HOUR and so on.
	Unit string
}

// Quantified is x op ANY | ALL (query).
type Quantified struct {
	Pos   int
	OpPos int
	Op    BinaryOp // a comparison
	All   bool
	X     Expr
	Query Query
}

// Elements is ANY (array) or ALL (array), behind a comparison.
type Elements struct {
	Pos int
	All bool
	X   Expr
}

// GroupingKind tells the forms of Grouping apart.
type GroupingKind uint8

const (
	GroupingSets GroupingKind = iota
	Rollup
	Cube
)

// Grouping is GROUPING SETS, ROLLUP or CUBE in a GROUP BY.
type Grouping struct {
	Pos  int
	Kind GroupingKind
	// Sets are expressions, a *Row for several or none in brackets, a *Grouping inside GROUPING SETS.
	Sets []Expr
}

func (e *Array) Position() int         { return e.Pos }
func (e *Map) Position() int           { return e.Pos }
func (e *Row) Position() int           { return e.Pos }
func (e *Subscript) Position() int     { return e.Pos }
func (e *Slice) Position() int         { return e.Pos }
func (e *Field) Position() int         { return e.Pos }
func (e *AtTimeZone) Position() int    { return e.Pos }
func (e *IntervalRange) Position() int { return e.Pos }
func (e *Quantified) Position() int    { return e.Pos }
func (e *Elements) Position() int      { return e.Pos }
func (e *Grouping) Position() int      { return e.Pos }

func (*Array) expr()         {}
func (*Map) expr()           {}
func (*Row) expr()           {}
func (*Subscript) expr()     {}
func (*Slice) expr()         {}
func (*Field) expr()         {}
func (*AtTimeZone) expr()    {}
func (*IntervalRange) expr() {}
func (*Quantified) expr()    {}
func (*Elements) expr()      {}
func (*Grouping) expr()      {}
