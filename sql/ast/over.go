package ast

// Over is the window of an analytic function: OVER (…), OVER name, or what WINDOW names.
type Over struct {
	Pos int
	// Name is the window that is meant, or built upon; empty without one.
	Name        Ident
	PartitionBy []Expr
	OrderBy     []OrderItem
	Frame       *Frame // nil if absent
}

// FrameUnit says what a frame counts.
type FrameUnit uint8

const (
	Rows FrameUnit = iota
	Range
	Groups
)

// Frame is ROWS | RANGE | GROUPS BETWEEN start AND end [EXCLUDE …]. Without BETWEEN the end is the current row.
type Frame struct {
	Pos        int
	Unit       FrameUnit
	Start, End Bound
	Exclude    Exclusion
}

// Exclusion is what EXCLUDE takes out of a frame.
type Exclusion uint8

const (
	ExcludeNoOthers Exclusion = iota
	ExcludeCurrentRow
	ExcludeGroup // the current row and those that are equal to it in the order
	ExcludeTies  // those that are equal to it alone
)

// NullTreatment says whether a call passes rows over whose value is NULL.
type NullTreatment uint8

const (
	NullsUnsaid NullTreatment = iota
	RespectNulls
	IgnoreNulls
)

// BoundKind is one of the five ends of a frame, in their order.
type BoundKind uint8

const (
	UnboundedPreceding BoundKind = iota
	Preceding                    // X PRECEDING
	CurrentRow
	Following // X FOLLOWING
	UnboundedFollowing
)

// Bound is one end of a frame.
type Bound struct {
	Kind BoundKind
	X    Expr // of Preceding and Following: a number, or an interval
}

// WindowClause is WINDOW name AS (…), ….
type WindowClause struct {
	Pos     int
	Windows []NamedWindow
}

// NamedWindow is one name of a WindowClause.
type NamedWindow struct {
	Name Ident
	Over *Over
}
