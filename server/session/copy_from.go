package session

import (
	"context"
	"io"

	"slipway/server/pgwire"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var _ = register(statement[*ast.CopyFrom]{right: writeRows, needs: nothing[*ast.CopyFrom], changes: true, run: (*session).copyFrom})

// copyFrom is COPY … FROM STDIN: records of the rows that a client sends. All of them are looked at before the first is written.
func (s *session) copyFrom(_ context.Context, d *ast.CopyFrom, _ []plan.Expr) (pgwire.Result, error) {
	form, err := copyForm(&d.CopyOptions)
	if err != nil {
		return nil, err
	}
	l, err := s.Compiler.Load(s.Catalog.Snapshot(), s.database, d, s.values())
	if err != nil {
		return nil, err
	}
	return &loading{command: command("COPY"), s: s, form: form, to: l}, nil
}

// loading is a COPY … FROM STDIN that runs.
type loading struct {
	command
	s    *session
	form *pgwire.CopyForm
	to   *sql.Loading
	n    int
}

// In implements pgwire.CopyIn.
func (l *loading) In() (int, bool) { return len(l.to.Columns), l.form.Binary }

// Tag implements pgwire.Result.
func (l *loading) Tag() string { return "COPY " + itoa(int64(l.n)) }

// Take implements pgwire.CopyIn. What the client sends is kept for the second time that the rows are asked for.
func (l *loading) Take(ctx context.Context, data io.Reader) (err error) {
	kept := &spool{}
	defer kept.close()
	from := io.TeeReader(data, kept)
	first := true
	l.n, err = l.s.Queries.Load(ctx, l.to.Target, func(take func([]plan.Expr) error) error {
		err := l.read(from, take, first)
		if first = false; err == nil {
			from, err = kept.again()
		}
		return err
	}, l.s.location())
	return err
}

// read gives the rows of some data. The first time, what is wrong with one is told with its place.
func (l *loading) read(from io.Reader, take func([]plan.Expr) error, first bool) error {
	names, oids := make([]string, len(l.to.Columns)), make([]uint32, len(l.to.Columns))
	for i, c := range l.to.Columns {
		names[i], oids[i] = c.Name, c.Type.ParameterOID()
	}
	rows := pgwire.NewCopyRows(from, l.form, names, oids)
	row, ended := make([]plan.Expr, len(names)), error(nil)
	err := l.to.Rows(func() ([]plan.Expr, error) {
		ended = l.values(rows, row)
		return row, ended
	})(take)
	if err == nil || ended != nil || !first {
		return err
	}
	return rows.At(err, -1)
}

// values reads the next row.
func (l *loading) values(rows *pgwire.CopyRows, row []plan.Expr) error {
	fields, err := rows.Next()
	if err != nil {
		return err
	}
	for i, f := range fields {
		t := l.to.Columns[i].Type
		if f.Null {
			row[i] = &plan.Const{Typ: t, Null: true}
			continue
		}
		if row[i], err = parameter(string(f.Text), readAs(t)); err != nil {
			return rows.At(err, i)
		}
	}
	return nil
}

// readAs is the type that the text of a value for a column is read as: as a parameter for it would be.
func readAs(t types.Type) types.Type {
	if t.IsNested() {
		return t
	}
	return typeOf(t.ParameterOID())
}

var _ = describe(described{chapter: "Rows", place: 7, form: `COPY name [(column, …)] FROM STDIN [WITH (option, …)]`,
	text: "Records of rows that the client sends, with the options of COPY … TO, and HEADER MATCH. All of them are looked at before the first is written: what is wrong with one leaves none behind. " +
		"Beyond some megabytes they wait in a file of the server's temporary directory."}, of[*ast.CopyFrom]())
