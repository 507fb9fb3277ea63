package analyzer

import (
	"time"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Input is what a query is compiled against.
type Input struct {
	Snapshot   *catalog.Snapshot
	Database   string
	Settings   *conf.Values // of the job
	Connectors map[string]catalog.Connector
	// Args are the values of $1, $2 …; a NULL of no type takes the type of its first use, in place.
	Args []plan.Expr
	// Access says whether a relation that the text names may be read, or written; catalog.ErrMissing: it is not there for who
	// asks. What a view reads is its maker's affair. nil: everything may.
	Access func(r *catalog.Relation, write bool) error
	// Session are the values of current_user and its like, by function name.
	Session map[string]plan.Expr
	Reading
}

// Reading is how a SELECT reads its streams.
type Reading struct {
	// From is where it begins in a stream that does not say.
	From string
	// Bounded: it ends behind what is there when it begins, and Wait later.
	Bounded bool
	Wait    time.Duration
	// last is the LIMIT of the statement, with which one that is followed ends; nil if it has none.
	last ast.Expr
}

// analysis is the work on one statement.
type analysis struct {
	Input
	args    []plan.Expr
	session map[string]plan.Expr
	streams []string // db.names that are read
	// functions are the keys of declared functions that are called, also by one another.
	functions []string
	diverted  []*logical.Diverted
	late      *lateRows             // nil: late rows are dropped
	views     []string              // being expanded
	calls     []string              // declared functions that are being expanded, by their keys
	ctes      *cte                  // in sight, the innermost first
	outer     []*scope              // of the queries around the one that is compiled, the nearest last
	lifting   *lifting              // where subqueries in expressions go; nil where none may stand
	job       bool                  // an INSERT, which runs for ever
	nodes     int                   // expressions compiled so far
	parts     int                   // streams and groupings so far
	resolved  int                   // names of WITH so far
	widths    map[*ast.Star]int     // columns that each * of a select list stands for
	randoms   map[*ast.FuncCall]int // calls that give another value each time, numbered
	// sessionAt is where SESSION was said last.
	sessionAt int
}

func newAnalysis(in Input) *analysis {
	return &analysis{Input: in, args: in.Args, session: in.Session, widths: map[*ast.Star]int{}}
}

// Query compiles a SELECT.
func Query(in Input, q ast.Query) (*logical.Statement, error) {
	a := newAnalysis(in)
	a.last = limitOf(q)
	r, err := a.query(q)
	if err != nil {
		return nil, err
	}
	r.cast(visible(r.schema()))
	if err := a.checkRandom(r.node); err != nil {
		return nil, err
	}
	return &logical.Statement{Root: r.node, Reads: a.streams, Functions: a.functions, Output: shown(q, r.schema(), a.widths), Limited: a.last != nil}, nil
}

// limitOf is a query's own LIMIT, nil if it has none.
func limitOf(q ast.Query) ast.Expr {
	switch q := q.(type) {
	case *ast.Select:
		return q.Limit
	case *ast.SetOp:
		return q.Limit
	case *ast.With:
		return limitOf(q.Body)
	}
	return nil
}

// visible gives bare NULLs a type that a client knows.
func visible(s types.Schema) types.Schema {
	for i := range s {
		if s[i].Type.Kind == types.Null {
			s[i].Type = types.Of(types.String)
		}
	}
	return s
}
