// Package engine answers queries of PostgreSQL's catalog in memory: it binds the trees of package syntax to tables and
// functions that it is given, and computes their rows. What those are is for package pgcatalog to say.
//
// It follows PostgreSQL where clients look: types of results, NULLs, order, names of columns, SQLSTATEs. All of a query's tables
// are of one moment, for as long as it runs. Texts are compared by their bytes (collation C).
//
// Cost: tables are walked in nested loops; a condition that makes a column equal to what is known already is looked up
// instead of walked, where the table can do that (Table.Find), and otherwise by an index that is made once a query.
package engine

import "slipway/server/pgcatalog/syntax"

// Value is one value: nil for NULL, or bool, int64, float64, string, Array, Record or Named, as its type says.
type Value any

// Array is a list of values of one type. Its first has the number 1; of Vector types it has 0.
type Array []Value

// Record is a row as a value.
type Record []Value

// Named is a number that shows itself as a name: regclass, regtype.
type Named struct {
	Number int64
	Name   string
}

// Column is a column of a table or a result.
type Column struct {
	Name string
	Type Type
	// Fields are those of a record, where they are known.
	Fields []Column
}

// Table is a relation. Its rows are the table's: nobody changes them.
type Table struct {
	Schema, Name string
	Columns      []Column
	// Hidden is how many of the last columns * does not show.
	Hidden int
	// Rows gives all rows.
	Rows func(Env) [][]Value
	// Find has, for columns by which rows are found without a walk, what finds those that have a value, which is not NULL.
	Find map[string]func(Env, Value) [][]Value
}

// Env is what tables and functions of a catalog know of the moment and of the session; the engine hands it on.
type Env any

// Function is one form of a function. A strict one gives NULL, or no rows, when an argument is NULL.
type Function struct {
	Name string
	Args []Type // AnyType takes all, AnyArray all arrays
	// Variadic: the last of Args may come any number of times.
	Variadic bool
	Optional int // of Args, the last so many may be left out
	Result   Type
	// ResultOf gives the type of the result where it depends on those of the arguments.
	ResultOf func([]Type) Type
	Lenient  bool // not strict
	Call     func(Env, []Value) Value
	// Rows is the function that gives rows, of the columns; then Call is nil. One column is a value, several are a record.
	Rows    func(Env, []Value) [][]Value
	Columns []Column
	// ColumnsOf are those that depend on the arguments.
	ColumnsOf func([]Type) []Column
}

// Catalog is what a query may name.
type Catalog interface {
	// Table gives a relation; the schema is empty where none is written. Nil: there is none.
	Table(schema, name string) *Table
	// Functions gives the forms of a function.
	Functions(schema, name string) []*Function
	// Cast gives a value of one of the types that show numbers as names (Regclass …), of a number or of a name.
	Cast(env Env, v Value, to Type) Value
}

// Fail ends a query with an error, from within what a table or a function computes.
func Fail(err error) { panic(fault{err}) }

type fault struct{ error }

// caught turns a fault into the error of a call.
func caught(err *error) {
	switch f := recover().(type) {
	case nil:
	case fault:
		*err = f.error
	default:
		panic(f)
	}
}

// offset is where a node begins.
func offset(x syntax.Expr) int { return x.Offset() }
