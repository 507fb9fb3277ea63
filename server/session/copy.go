package session

import (
	"context"
	"strings"

	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

var _ = register(statement[*ast.Copy]{right: readRows, needs: nothing[*ast.Copy], parameters: true, run: (*session).copyOut,
	columns: func(s *session, st *ast.Copy, args []plan.Expr) ([]pgwire.Column, error) {
		if q, ok := st.Query.(*ofCatalog); ok {
			_, err := s.catalogQueryColumns(q.query, args)
			return nil, err
		}
		_, err := s.queryColumns(st.Query, args, s.following())
		return nil, err // what goes out by COPY is not described
	}})

// copyOut is COPY … TO STDOUT: rows as they come, until the query ends or is cancelled.
func (s *session) copyOut(ctx context.Context, c *ast.Copy, args []plan.Expr) (pgwire.Result, error) {
	form, err := copyForm(&c.CopyOptions)
	if err != nil {
		return nil, err
	}
	if q, ok := c.Query.(*ofCatalog); ok {
		r, err := s.askConstant(ctx, q.query, args)
		if err != nil {
			return nil, err
		}
		r.form = form
		return r, nil
	}
	r, err := s.rows(ctx, c.Query, args, s.following())
	if err != nil {
		return nil, err
	}
	r.form = form
	return r, nil
}

// copyForm brings COPY's options together, with PostgreSQL's defaults.
func copyForm(c *ast.CopyOptions) (*pgwire.CopyForm, error) {
	form := pgwire.TextForm
	switch c.Format {
	case ast.CopyCSV:
		form = pgwire.CSVForm
	case ast.CopyBinary:
		if *c != (ast.CopyOptions{Format: ast.CopyBinary}) {
			return nil, sqlerr.New(sqlerr.SyntaxError, "COPY BINARY takes no HEADER, DELIMITER, NULL, QUOTE or ESCAPE")
		}
		form = pgwire.BinaryForm
		return &form, nil
	}
	form.Header, form.Match = c.Header, c.Match
	if c.NullSet {
		form.Null = c.Null
	}
	if c.Delimiter != "" {
		form.Delimiter = c.Delimiter[0]
	}
	if !form.CSV && (c.Quote != "" || c.Escape != "") {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "COPY QUOTE and ESCAPE are available only in CSV mode")
	}
	if c.Quote != "" {
		form.Quote, form.Escape = c.Quote[0], c.Quote[0]
	}
	if c.Escape != "" {
		form.Escape = c.Escape[0]
	}
	return &form, checkForm(&form)
}

// checkForm refuses what could not be read back.
func checkForm(f *pgwire.CopyForm) error {
	switch {
	case f.Delimiter == '\n' || f.Delimiter == '\r' || strings.ContainsAny(f.Null, "\r\n"):
		return sqlerr.New(sqlerr.InvalidParameter, "COPY delimiter and null representation cannot hold newline or carriage return")
	case !f.CSV && strings.IndexByte(`\.abcdefghijklmnopqrstuvwxyz0123456789`, f.Delimiter) >= 0:
		return sqlerr.New(sqlerr.InvalidParameter, "COPY delimiter cannot be %q", string(f.Delimiter))
	case f.CSV && f.Delimiter == f.Quote:
		return sqlerr.New(sqlerr.InvalidParameter, "COPY delimiter and quote must be different")
	case strings.IndexByte(f.Null, f.Delimiter) >= 0 || f.CSV && strings.IndexByte(f.Null, f.Quote) >= 0:
		return sqlerr.New(sqlerr.InvalidParameter, "COPY delimiter and quote must not appear in the NULL specification")
	}
	return nil
}

var _ = describe(described{chapter: "Rows", place: 4, form: `COPY name [(column, …)] | (query) TO STDOUT [WITH (option, …)]`,
	text:    "Rows as they come; of a query over streams until it is cancelled. Options: FORMAT text, csv or binary, HEADER, DELIMITER, NULL, QUOTE, ESCAPE, ENCODING 'UTF8'. Files and programs of the server are refused to everyone: psql's `\\copy` has those of its own machine.",
	example: `COPY (VALUES (1, 'a'), (2, 'b')) TO STDOUT WITH (FORMAT csv, HEADER);`}, of[*ast.Copy]())
