package session

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"slipway/server/pgcatalog"
	"slipway/server/pgcatalog/engine"
	"slipway/server/pgwire"
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// Queries of PostgreSQL's catalog have a parser and an evaluator of their own (package pgcatalog): they are in PostgreSQL's
// dialect, and about what is declared, not about streams.

// catalogQuery is one of them as a statement. Its text has blanks in place of what stands before it in the message, so that
// places in it are places there.
type catalogQuery struct{ ast.Source }

func (*catalogQuery) Tag() string { return "SELECT" }

func (q *catalogQuery) String() string { return strings.TrimSpace(q.Text) }

var _ = register(statement[*catalogQuery]{right: ownSession, needs: nothing[*catalogQuery], run: (*session).runCatalog, columns: (*session).catalogQueryColumns})

// parse cuts a text into statements: queries of the catalog, and the others, which the compiler reads.
func (s *session) parse(text string) ([]pgwire.Statement, error) {
	if pgcatalog.MayAsk(text) {
		if list, err := s.parseCatalog(text); list != nil || err != nil {
			return list, err
		}
	}
	return statementsOf(s.Compiler.Parse(text))
}

func statementsOf(list []ast.Statement, err error) ([]pgwire.Statement, error) {
	out := make([]pgwire.Statement, len(list))
	for i, st := range list {
		out[i] = st
	}
	return out, err
}

// parseCatalog reads a text in which at least one statement is for the catalog; nil if none is.
func (s *session) parseCatalog(text string) ([]pgwire.Statement, error) {
	taken := s.Catalog.Snapshot().Databases[pgcatalog.OwnSchema] != nil
	found, pieces := false, pgcatalog.Split(text)
	asks := make([]asked, len(pieces))
	for i, p := range pieces {
		var err error
		if asks[i], err = askedIn(p.Text, taken); err != nil && asks[i].inner != "" {
			return nil, moved(err, p.Offset+asks[i].offset)
		}
		found = found || asks[i].inner != ""
	}
	if !found {
		return nil, nil
	}
	var out []pgwire.Statement
	for i, p := range pieces {
		list, err := s.parsePiece(p, asks[i])
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// parsePiece reads one statement of several.
func (s *session) parsePiece(p pgcatalog.Piece, a asked) ([]pgwire.Statement, error) {
	before := strings.Repeat(" ", p.Offset)
	if a.inner == "" {
		return statementsOf(s.Compiler.Parse(before + p.Text))
	}
	q := &catalogQuery{ast.Source{Text: strings.Repeat(" ", p.Offset+a.offset) + a.inner}}
	if a.outer == "" {
		return []pgwire.Statement{q}, nil
	}
	list, err := s.Compiler.Parse(before + a.outer)
	if err != nil {
		return nil, err
	}
	for _, st := range list {
		takeCatalog(st, q, ast.Source{Text: p.Text, Offset: p.Offset})
	}
	return statementsOf(list, nil)
}

// moved is an error whose place counts from an offset of the text.
func moved(err error, offset int) error {
	e := *sqlerr.From(err)
	if e.Position > 0 {
		e.Position += offset
	}
	return &e
}

// describeCatalog gives the types of a query's parameters and its columns.
func describeCatalog(q *catalogQuery, hints []uint32) ([]uint32, []pgwire.Column, error) {
	p, err := pgcatalog.Prepare(q.Text, hints)
	if err != nil {
		return nil, nil, err
	}
	params := make([]uint32, len(p.Params))
	for i, t := range p.Params {
		params[i] = uint32(t)
	}
	return params, catalogColumns(p), nil
}

func catalogColumns(p *pgcatalog.Query) []pgwire.Column {
	out := make([]pgwire.Column, len(p.Columns))
	for i, c := range p.Columns {
		out[i] = pgwire.Column{Name: c.Name, OID: uint32(c.Type)}
	}
	return out
}

// askCatalog answers a query of the catalog.
func (s *session) askCatalog(ctx context.Context, q *catalogQuery, args []pgwire.Arg) (*catalogRows, error) {
	hints, values := make([]uint32, len(args)), make([]engine.Value, len(args))
	for i, a := range args {
		hints[i] = a.OID
		if !a.Null {
			values[i] = a.Text
		}
	}
	p, err := pgcatalog.Prepare(q.Text, hints)
	if err != nil {
		return nil, err
	}
	rows, err := p.Run(ctx, s.world(ctx), values)
	if err != nil {
		return nil, err
	}
	return &catalogRows{columns: catalogColumns(p), rows: rows}, nil
}

// world is what the catalog shows this session now.
func (s *session) world(ctx context.Context) *pgcatalog.World {
	w := &pgcatalog.World{Declared: s.Catalog.Snapshot(), Database: s.database, User: s.startup.User, PID: s.startup.PID, Version: analyzer.Version,
		Assign:   func(name, value string, local bool) error { return s.set(configured(name, value, local)) },
		Own:      func(table string) ([][]engine.Value, error) { return s.ownRows(ctx, table) },
		Activity: s.activity, End: s.endClient, Builtin: builtin(), FunctionText: functionText,
		May:        s.may,
		Definition: func(r *catalog.Relation) string { return r.Query }}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		w.Settings = append(w.Settings, pgcatalog.Setting{Name: name, Value: s.variable(name)})
	}
	return w
}

// configured is set_config as SET.
func configured(name, value string, local bool) *ast.Set {
	st := &ast.Set{Name: strings.ToLower(name), Values: []string{value}, Pos: ast.NoPos, ValuePos: ast.NoPos}
	if local {
		st.Scope = ast.LocalScope
	}
	return st
}

// catalogRows are the rows of a query of the catalog; they are their own row.
type catalogRows struct {
	columns []pgwire.Column
	rows    [][]engine.Value
	next    int
	form    *pgwire.CopyForm
}

func (r *catalogRows) Columns() []pgwire.Column { return r.columns }

func (r *catalogRows) CopyOut() *pgwire.CopyForm { return r.form }

func (r *catalogRows) Paged() {}

func (r *catalogRows) Ready() bool { return true }

// Tag implements pgwire.Result.
func (r *catalogRows) Tag() string {
	if r.form != nil {
		return "COPY " + itoa(int64(len(r.rows)))
	}
	return "SELECT " + itoa(int64(len(r.rows)))
}

func (r *catalogRows) ahead() bool { return r.next < len(r.rows) }

func (r *catalogRows) mark(time.Duration) {}

func (r *catalogRows) open(context.Context) error { return nil }

func (r *catalogRows) Close() {}

// Next implements pgwire.Result.
func (r *catalogRows) Next(context.Context) (pgwire.Row, error) {
	if r.next == len(r.rows) {
		return nil, io.EOF
	}
	r.next++
	return r, nil
}

// AppendText implements pgwire.Row.
func (r *catalogRows) AppendText(dst []byte, i int) ([]byte, bool) {
	v := r.rows[r.next-1][i]
	if v == nil {
		return dst, true
	}
	return engine.AppendText(dst, v, engine.Type(r.columns[i].OID)), false
}

// AppendBinary implements pgwire.Row.
func (r *catalogRows) AppendBinary(dst []byte, i int) ([]byte, bool, error) {
	v := r.rows[r.next-1][i]
	if v == nil {
		return dst, true, nil
	}
	out, err := appendCatalogValue(dst, v, engine.Type(r.columns[i].OID))
	return out, false, err
}

// appendCatalogValue writes the binary form of a value. Numbers that show themselves as names go as numbers.
func appendCatalogValue(dst []byte, v engine.Value, t engine.Type) ([]byte, error) {
	switch x := v.(type) {
	case engine.Named:
		return pgwire.AppendInt(dst, x.Number, 4), nil
	case engine.Array:
		return appendCatalogArray(dst, x, t.Element())
	case int64:
		switch t {
		case engine.OID, engine.XID, engine.Int4:
			return pgwire.AppendInt(dst, x, 4), nil
		}
	}
	text := string(engine.AppendText(nil, v, t))
	if t == engine.Timestamptz {
		text = strings.TrimSuffix(text, "+00")
	}
	return pgwire.AppendBinary(dst, text, uint32(t))
}

// appendCatalogArray writes one dimension: their number, whether there are NULLs, the type, the length, the first number, the items.
func appendCatalogArray(dst []byte, a engine.Array, element engine.Type) ([]byte, error) {
	dimensions, nulls := int64(min(len(a), 1)), int64(0)
	if slices.Contains(a, engine.Value(nil)) {
		nulls = 1
	}
	for _, n := range []int64{dimensions, nulls, int64(element)} {
		dst = pgwire.AppendInt(dst, n, 4)
	}
	if len(a) == 0 {
		return dst, nil
	}
	dst = pgwire.AppendInt(pgwire.AppendInt(dst, int64(len(a)), 4), 1, 4)
	for _, v := range a {
		if v == nil {
			dst = pgwire.AppendInt(dst, -1, 4)
			continue
		}
		item, err := appendCatalogValue(nil, v, element)
		if err != nil {
			return dst, err
		}
		dst = append(pgwire.AppendInt(dst, int64(len(item)), 4), item...)
	}
	return dst, nil
}
