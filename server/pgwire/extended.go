package pgwire

import (
	"slices"

	"github.com/jackc/pgproto3/v2"

	"slipway/sql/sqlerr"
)

func (c *conn) parse(m *pgproto3.Parse) error {
	c.text = m.Query
	if m.Name != "" && c.statements[m.Name] != nil {
		return sqlerr.New(sqlerr.DuplicateStatement, "prepared statement %q already exists", m.Name)
	}
	list, err := c.session.Parse(m.Query)
	if err != nil {
		return err
	}
	if len(list) > 1 {
		return sqlerr.New(sqlerr.SyntaxError, "cannot insert multiple commands into a prepared statement")
	}
	st := &statement{text: m.Query}
	if len(list) == 1 {
		st.parsed = list[0]
		if st.params, st.columns, err = c.session.Describe(c.ctx, st.parsed, m.ParameterOIDs); err != nil {
			return err
		}
	}
	c.statements[m.Name] = st
	c.send(&pgproto3.ParseComplete{})
	return nil
}

func (c *conn) bind(m *pgproto3.Bind) error {
	st := c.statements[m.PreparedStatement]
	if st == nil {
		return sqlerr.New(sqlerr.InvalidStatementName, "prepared statement %q does not exist", m.PreparedStatement)
	}
	if len(m.Parameters) != len(st.params) {
		return sqlerr.New(
			sqlerr.ProtocolViolation, "bind message supplies %d parameters, but prepared statement %q requires %d", len(m.Parameters),
			m.PreparedStatement, len(st.params),
		)
	}
	p := &portal{st: st, formats: m.ResultFormatCodes, columns: st.columns}
	for i, v := range m.Parameters {
		a := Arg{OID: st.params[i], Null: v == nil, Text: string(v)}
		if !a.Null && formatOf(m.ParameterFormatCodes, i) == 1 {
			var err error
			if a.Text, err = fromBinary(v, st.params[i]); err != nil {
				return err
			}
		}
		p.args = append(p.args, a)
	}
	if old := c.portals[m.DestinationPortal]; old != nil {
		old.close()
	}
	c.portals[m.DestinationPortal] = p
	c.send(&pgproto3.BindComplete{})
	return nil
}

func (p *portal) close() {
	p.ended = true
	if p.result != nil {
		p.result.Close()
		p.result = nil
	}
}

func (c *conn) describe(m *pgproto3.Describe) error {
	if m.ObjectType == 'S' {
		st := c.statements[m.Name]
		if st == nil {
			return sqlerr.New(sqlerr.InvalidStatementName, "prepared statement %q does not exist", m.Name)
		}
		c.send(&pgproto3.ParameterDescription{ParameterOIDs: st.params})
		c.describeRows(st.columns, nil)
		return nil
	}
	if p := c.portals[m.Name]; p != nil {
		c.describeRows(p.columns, p.formats)
		return nil
	}
	columns, ok := c.session.Cursor(m.Name)
	if !ok {
		return sqlerr.New(sqlerr.InvalidCursorName, "portal %q does not exist", m.Name)
	}
	c.describeRows(columns, nil)
	return nil
}

// deallocate is the statement of that name; it forgets what Parse has kept.
func (c *conn) deallocate(name string) bool {
	if name == "" {
		clear(c.statements)
		return true
	}
	known := c.statements[name] != nil
	delete(c.statements, name)
	return known
}

func (c *conn) describeRows(cols []Column, formats []int16) {
	if cols == nil {
		c.send(&pgproto3.NoData{})
		return
	}
	c.send(rowDescription(cols, formats))
}

// execute pulls rows from a portal; one that has more is suspended.
func (c *conn) execute(m *pgproto3.Execute) error {
	p := c.portals[m.Portal]
	if p == nil {
		return sqlerr.New(sqlerr.InvalidCursorName, "portal %q does not exist", m.Portal)
	}
	if p.st.parsed == nil {
		c.send(&pgproto3.EmptyQueryResponse{})
		return nil
	}
	if p.ended {
		return c.executeAgain(p, m.Portal)
	}
	c.text = p.st.text
	ctx, end := c.begin(p.st.parsed)
	if p.result == nil {
		// The dataflow behind the rows outlives this message, so it hangs on the connection.
		r, err := c.session.Execute(c.ctx, p.st.parsed, p.args)
		if err != nil {
			return end(err)
		}
		p.result = r
		if !sameColumns(p, r) {
			p.close()
			return end(sqlerr.New(sqlerr.FeatureNotSupported, "cached plan must not change result type").
				WithHint("What the statement reads was made anew since it was prepared; prepare it again."))
		}
		if m.MaxRows > 0 {
			r.Paged()
		}
	}
	if form := p.result.CopyOut(); form != nil {
		err := end(c.copyOut(ctx, p.result, form))
		p.close()
		return err
	}
	if in, ok := p.result.(CopyIn); ok {
		err := end(c.copyIn(ctx, in))
		p.close()
		return err
	}
	more, err := c.rows(ctx, p.result, p.result.Columns(), p.formats, m.MaxRows)
	if err = end(err); err != nil || !more {
		p.close()
		return err
	}
	c.send(&pgproto3.PortalSuspended{})
	return nil
}

// executeAgain answers for a portal that has ended, as PostgreSQL does: a query has no rows
// left, and what is no query is not done twice.
func (c *conn) executeAgain(p *portal, name string) error {
	if p.columns == nil {
		return sqlerr.New(sqlerr.ObjectNotReady, "portal %q cannot be run", name)
	}
	c.send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 0")})
	return nil
}

// sameColumns tells whether a result has the columns that the client was told.
func sameColumns(p *portal, r Result) bool {
	if r.CopyOut() != nil || p.columns == nil {
		return true
	}
	return slices.EqualFunc(p.columns, r.Columns(), func(a, b Column) bool { return a.Name == b.Name && a.TypeOID() == b.TypeOID() })
}

func (c *conn) closeNamed(m *pgproto3.Close) {
	if m.ObjectType == 'S' {
		delete(c.statements, m.Name)
	} else if p := c.portals[m.Name]; p != nil {
		p.close()
		delete(c.portals, m.Name)
	}
	c.send(&pgproto3.CloseComplete{})
}
