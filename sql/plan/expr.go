// Package plan is what the compiler hands to the executor: typed expressions,
// operators and the dataflow of stages and edges, all plain data that prints
// itself. It computes nothing and knows no executor.
package plan

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"slipway/sql/types"
)

// Expr is a typed expression over the columns of one input. Every conversion is
// explicit (Cast): the executor never guesses a type.
type Expr interface {
	Type() types.Type
	String() string
}

// Column reads column Index of the input.
type Column struct {
	Index int
	Name  string
	Typ   types.Type
}

// Const is a literal. The field in use follows from Typ.Physical(); Wide holds a
// DECIMAL of more than 18 digits as high and low half.
type Const struct {
	Typ    types.Type
	Null   bool
	Bool   bool
	Int    int64
	Float  float64
	WideHi int64
	WideLo uint64
	Text   string
}

// Call applies a scalar function or operator of sql/function. Args have exactly
// the types that the signature asked for.
type Call struct {
	Func string // canonical lower-case name: "+", "=", "and", "is_null", "upper", ...
	Args []Expr
	Typ  types.Type
	// Module is set of a declared function in WebAssembly, of which Func is the full name.
	Module *Module
}

// Module is a function in WebAssembly: a module, what it is called there, and what it may take.
type Module struct {
	// Hash is that of the module's bytes, and Code those, packed.
	Hash, Code string
	Export     string
	Memory     int // bytes
	Time       time.Duration
	// Rows bounds those that one that gives a table, which is an ARRAY of rows, gives for one.
	Rows int
	// Retracts: rows can be taken back from an aggregate.
	Retracts bool
}

// When is one branch of a Case.
type When struct {
	Cond Expr // BOOLEAN
	Then Expr // of the Case's type
}

// Case is the searched CASE; IF, COALESCE, NULLIF and IFNULL are brought to it or
// kept as calls, as sql/function says.
type Case struct {
	Whens []When
	Else  Expr `plan:"optional"` // nil means NULL
	Typ   types.Type
}

// Cast converts Arg to Typ. Try makes a value that cannot be converted NULL; else
// it is an error 22P02 or 22003 of the row.
type Cast struct {
	Arg Expr
	Typ types.Type
	Try bool
	// Whole: a number with a fraction is no whole number (INSERT), instead of being rounded.
	Whole bool
}

var _ = tag[Column]("column") && tag[Const]("const") && tag[Call]("call") && tag[Case]("case") && tag[Cast]("cast")

func (e *Column) Type() types.Type { return e.Typ }
func (e *Const) Type() types.Type  { return e.Typ }
func (e *Call) Type() types.Type   { return e.Typ }
func (e *Case) Type() types.Type   { return e.Typ }
func (e *Cast) Type() types.Type   { return e.Typ }

func (e *Column) String() string { return fmt.Sprintf("%s#%d", e.Name, e.Index) }

func (e *Const) String() string {
	if e.Null {
		return "NULL"
	}
	switch e.Typ.Physical() {
	case types.PhysicalBool:
		return strconv.FormatBool(e.Bool)
	case types.PhysicalInt64:
		return fmt.Sprintf("%d:%s", e.Int, e.Typ)
	case types.PhysicalFloat64:
		return strconv.FormatFloat(e.Float, 'g', -1, 64)
	case types.PhysicalInt128, types.PhysicalInterval:
		return fmt.Sprintf("(%d,%d):%s", e.WideHi, e.WideLo, e.Typ)
	}
	return "'" + strings.ReplaceAll(e.Text, "'", "''") + "'"
}

func (e *Call) String() string { return e.Func + "(" + joinExprs(e.Args) + ")" }

func (e *Case) String() string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, w := range e.Whens {
		fmt.Fprintf(&b, " WHEN %s THEN %s", w.Cond, w.Then)
	}
	if e.Else != nil {
		fmt.Fprintf(&b, " ELSE %s", e.Else)
	}
	return b.String() + " END"
}

func (e *Cast) String() string {
	name := "CAST"
	if e.Try {
		name = "TRY_CAST"
	}
	return fmt.Sprintf("%s(%s AS %s)", name, e.Arg, e.Typ)
}

func joinExprs(list []Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = e.String()
	}
	return strings.Join(parts, ", ")
}
