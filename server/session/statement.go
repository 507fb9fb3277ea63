package session

import (
	"context"
	"reflect"
	"slices"

	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// right is what a user needs to send a statement.
type right string

const (
	ownSession right = "own"     // for what concerns the client's own session
	readRows   right = "read"    // rows of relations
	writeRows  right = "write"   // rows into relations
	inspect    right = "inspect" // what is declared, and how jobs run
	define     right = "define"  // declare, alter and drop
	operate    right = "operate" // start and stop jobs, and end what they have stored
	administer right = "super"   // users and what concerns the whole server
)

// block is what a statement has to do with a transaction block.
type block struct {
	inside   string // outside a block it is refused, under this name
	outside  string // inside a block it is refused, under this name
	recovers bool   // a failed block takes it
}

// statement is a line of the table of statements: all that the server knows of one kind. S is
// its type in the tree. The line stands before its functions, in a file of their own.
type statement[S ast.Statement] struct {
	// right is what a user needs to send it; needs says on which objects, and is never nil: nothing, superuser and others
	// are functions that do.
	right right
	needs func(s *session, st S) ([]need, error)
	// changes: it changes what outlives the session. It takes effect at once, also in a
	// transaction, and a server that stands by refuses it.
	changes bool
	// block is nil for what a transaction block does not matter to.
	block func(S) block
	// parameters: it may hold $n.
	parameters bool

	// tag is the command tag of rows that list makes; tagOf gives one that depends on the statement.
	tag   string
	tagOf func(S) string
	// names are the columns of the result, with a type behind a colon that is not text;
	// without names and columns the result has none.
	names []string
	// columns gives columns that depend on the statement, and types the parameters that the
	// client left open. It reads the catalog and the session, and runs nothing.
	columns func(s *session, st S, args []plan.Expr) ([]pgwire.Column, error)

	// One of the three is what runs: do answers with the tag of the tree, list with the rows
	// that it adds under the columns, run with a result of its own.
	do   func(s *session, ctx context.Context, st S) error
	list func(s *session, ctx context.Context, st S, t *table) error
	run  func(s *session, ctx context.Context, st S, args []plan.Expr) (pgwire.Result, error)
}

// line is a statement[S] for any S.
type line struct {
	right               right
	names               []string
	changes, parameters bool
	block               func(ast.Statement) block
	needs               func(s *session, st ast.Statement) ([]need, error)
	columns             func(s *session, st ast.Statement, args []plan.Expr) ([]pgwire.Column, error)
	run                 func(s *session, ctx context.Context, st ast.Statement, args []plan.Expr) (pgwire.Result, error)
}

// statements are the lines of the table by their types in the tree. It is complete before main begins.
var statements = map[reflect.Type]line{}

// Kinds are the names of the kinds of statements that there are, in order: what tests must not forget one of.
func Kinds() (list []string) {
	for kind := range statements {
		list = append(list, kind.Elem().Name())
	}
	slices.Sort(list)
	return list
}

// register puts a line into the table.
func register[S ast.Statement](st statement[S]) struct{} {
	kind := reflect.TypeFor[S]()
	if _, twice := statements[kind]; twice {
		panic("two lines for " + kind.String())
	}
	if st.do == nil && st.list == nil && st.run == nil {
		panic(kind.String() + " has nothing that runs")
	}
	if st.needs == nil {
		panic(kind.String() + " does not say on what its right is")
	}
	needs := func(s *session, of ast.Statement) ([]need, error) { return st.needs(s, of.(S)) }
	statements[kind] = line{needs: needs, right: st.right, names: st.names, changes: st.changes, parameters: st.parameters, block: st.blockOf(), columns: st.columnsOf(), run: st.runner()}
	return struct{}{}
}

func (d statement[S]) blockOf() func(ast.Statement) block {
	if d.block == nil {
		return func(ast.Statement) block { return block{} }
	}
	return func(st ast.Statement) block { return d.block(st.(S)) }
}

func (d statement[S]) columnsOf() func(*session, ast.Statement, []plan.Expr) ([]pgwire.Column, error) {
	if d.columns == nil {
		fixed := textColumns(d.names...)
		return func(*session, ast.Statement, []plan.Expr) ([]pgwire.Column, error) { return fixed, nil }
	}
	return func(s *session, st ast.Statement, args []plan.Expr) ([]pgwire.Column, error) {
		return d.columns(s, st.(S), args)
	}
}

func (d statement[S]) runner() func(*session, context.Context, ast.Statement, []plan.Expr) (pgwire.Result, error) {
	switch {
	case d.do != nil:
		return func(s *session, ctx context.Context, st ast.Statement, _ []plan.Expr) (pgwire.Result, error) {
			if err := d.do(s, ctx, st.(S)); err != nil {
				return nil, err
			}
			return command(st.Tag()), nil
		}
	case d.list != nil:
		columns := d.columnsOf()
		return func(s *session, ctx context.Context, st ast.Statement, args []plan.Expr) (pgwire.Result, error) {
			head, err := columns(s, st, args)
			if err != nil {
				return nil, err
			}
			t := &table{columns: head, tag: d.tag}
			if d.tagOf != nil {
				t.tag = d.tagOf(st.(S))
			}
			return t, d.list(s, ctx, st.(S), t)
		}
	}
	return func(s *session, ctx context.Context, st ast.Statement, args []plan.Expr) (pgwire.Result, error) {
		return d.run(s, ctx, st.(S), args)
	}
}

// line finds a statement's line in the table.
func (s *session) line(st ast.Statement) (line, error) {
	l, ok := s.statements[reflect.TypeOf(st)]
	if !ok {
		return l, sqlerr.New(sqlerr.FeatureNotSupported, "%s is not supported yet", st.Tag())
	}
	return l, nil
}

// describe gives the columns of a statement's result without running it.
func (s *session) describe(st ast.Statement, args []plan.Expr) ([]pgwire.Column, error) {
	l, err := s.line(st)
	if err == nil {
		err = s.allows(l, st)
	}
	var columns []pgwire.Column
	if err == nil {
		columns, err = l.columns(s, st, args)
	}
	if refused(err) { // it will not be executed
		s.audit(l, st, err)
	}
	return columns, err
}

// execute runs a statement, if the server's role and the transaction allow it.
func (s *session) execute(ctx context.Context, st ast.Statement, args []plan.Expr) (pgwire.Result, error) {
	l, err := s.line(st)
	if err != nil {
		return nil, err
	}
	if err := s.admits(l.block(st)); err != nil {
		return nil, err
	}
	s.read = nil
	if err := s.allows(l, st); err != nil {
		s.audit(l, st, err)
		return nil, err
	}
	if l.changes {
		if s.Standby != nil {
			return nil, s.standingBy(st.Tag())
		}
		s.noticeTakesEffect(st.Tag())
	}
	r, err := l.run(s, ctx, st, args)
	if _, within := st.(*ast.Execute); !within { // what it executes has its own event
		s.audit(l, st, err)
	}
	if err != nil {
		return nil, err // r may be half of a result
	}
	s.tellChange(l, st)
	return r, nil
}
