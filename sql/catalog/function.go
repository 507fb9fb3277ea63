package catalog

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/sql/types"
)

// MaxParameters bounds those of a function.
const MaxParameters = 64

// Function is a declared function for one number of arguments. It is never changed after it was stored.
type Function struct {
	Database   string       `json:"database"` // lower case
	Name       string       `json:"name"`     // lower case
	Parameters types.Schema `json:"parameters,omitempty"`
	Result     types.Type   `json:"result"`
	// Columns are those of the rows that a function with RETURNS TABLE gives; Result is then an array of them.
	Columns types.Schema `json:"columns,omitempty"`
	// Aggregate is set of one of the values of many rows.
	Aggregate *Aggregate `json:"aggregate,omitempty"`
	// Language is "sql", or that of a module.
	Language string `json:"language"`
	// Strict: where an argument is NULL the result is, and nothing is computed.
	Strict  bool   `json:"strict,omitempty"`
	Comment string `json:"comment,omitempty"`
	// Body is the text of an expression over the parameters, and Path the database that it is resolved in.
	Body string `json:"body,omitempty"`
	Path string `json:"path,omitempty"`
	// Uses are the keys of the functions that Body itself calls.
	Uses []string `json:"uses,omitempty"`
	// Module are the packed bytes of a function that is no SQL, and Hash their name.
	Module     string     `json:"module,omitempty"`
	Hash       string     `json:"hash,omitempty"`
	Properties []Property `json:"properties,omitempty"`
	Owner      uint32     `json:"owner,omitempty"` // as Relation.Owner
	Created    time.Time  `json:"created"`
}

// Aggregate is what the module of an aggregate can do beside taking rows in.
type Aggregate struct {
	// Merges: states for some of the rows can be put together. Retracts: rows can be taken back.
	Merges   bool `json:"merges,omitempty"`
	Retracts bool `json:"retracts,omitempty"`
}

// Key is what a function is found by: db.name/arguments.
func (f *Function) Key() string { return FunctionKey(f.Database, f.Name, len(f.Parameters)) }

// FunctionKey is the key of a function by its parts.
func FunctionKey(database, name string, arguments int) string {
	return fmt.Sprintf("%s.%s/%d", database, name, arguments)
}

// FullName is db.name.
func (f *Function) FullName() string { return f.Database + "." + f.Name }

// Signature is how a function is called: db.name(TYPE, …).
func (f *Function) Signature() string {
	list := make([]string, len(f.Parameters))
	for i, p := range f.Parameters {
		list[i] = p.Type.String()
	}
	return f.FullName() + "(" + strings.Join(list, ", ") + ")"
}

// SameTypes tells a function that takes and gives the same, so that it can stand in the other's place.
func (f *Function) SameTypes(o *Function) bool {
	same := func(a, b types.Column) bool { return a.Type == b.Type }
	named := func(a, b types.Column) bool { return a.Type == b.Type && a.Name == b.Name }
	return f.Result == o.Result && slices.EqualFunc(f.Parameters, o.Parameters, same) && slices.EqualFunc(f.Columns, o.Columns, named) && (f.Aggregate == nil) == (o.Aggregate == nil)
}

// Function finds a function by the number of arguments, or gives nil.
func (s *Snapshot) Function(database, name string, arguments int) *Function {
	return s.Functions[FunctionKey(database, name, arguments)]
}

// FunctionsNamed are those of a name, in order of the number of arguments.
func (s *Snapshot) FunctionsNamed(database, name string) (list []*Function) {
	for _, f := range s.Functions {
		if f.Database == database && f.Name == name {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b *Function) int { return len(a.Parameters) - len(b.Parameters) })
	return list
}
