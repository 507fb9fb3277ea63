package pgwire

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgproto3/v2"

	"slipway/sql/sqlerr"
	"slipway/sql/types"
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
		return sqlerr.New(sqlerr.ProtocolViolation, "bind message supplies %d parameters, but prepared statement %q requires %d", len(m.Parameters), m.PreparedStatement, len(st.params))
	}
	p := &portal{st: st, formats: m.ResultFormatCodes, columns: st.columns}
	for i, v := range m.Parameters {
		a := Arg{Null: v == nil, Text: string(v)}
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
	p := c.portals[m.Name]
	if p == nil {
		return sqlerr.New(sqlerr.InvalidCursorName, "portal %q does not exist", m.Name)
	}
	c.describeRows(p.columns, p.formats)
	return nil
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
	c.text = p.st.text
	ctx, end := c.begin()
	if p.result == nil {
		// The dataflow behind the rows outlives this message, so it hangs on the connection.
		r, err := c.session.Execute(c.ctx, p.st.parsed, p.args)
		if err != nil {
			return end(err)
		}
		p.result = r
	}
	if copies, csv := p.result.CopyOut(); copies {
		err := end(c.copyOut(ctx, p.result, csv))
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

func (c *conn) closeNamed(m *pgproto3.Close) {
	if m.ObjectType == 'S' {
		delete(c.statements, m.Name)
	} else if p := c.portals[m.Name]; p != nil {
		p.close()
		delete(c.portals, m.Name)
	}
	c.send(&pgproto3.CloseComplete{})
}

// pgEpoch is 2000-01-01, from which binary times count.
var pgEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// fromBinary gives a parameter in binary form as text.
func fromBinary(b []byte, oid uint32) (string, error) {
	wrong := func() (string, error) {
		return "", sqlerr.New("22P03", "incorrect binary data format of a parameter of type %d", oid)
	}
	size := map[uint32]int{types.OIDBool: 1, types.OIDInt2: 2, types.OIDInt4: 4, types.OIDInt8: 8, types.OIDFloat4: 4, types.OIDFloat8: 8, types.OIDDate: 4,
		types.OIDTimestamp: 8, types.OIDTimestamptz: 8}[oid]
	if size != 0 && len(b) != size {
		return wrong()
	}
	switch oid {
	case types.OIDBool:
		return strconv.FormatBool(b[0] != 0), nil
	case types.OIDInt2:
		return strconv.Itoa(int(int16(binary.BigEndian.Uint16(b)))), nil
	case types.OIDInt4:
		return strconv.Itoa(int(int32(binary.BigEndian.Uint32(b)))), nil
	case types.OIDInt8:
		return strconv.FormatInt(int64(binary.BigEndian.Uint64(b)), 10), nil
	case types.OIDFloat4:
		return strconv.FormatFloat(float64(math.Float32frombits(binary.BigEndian.Uint32(b))), 'g', -1, 32), nil
	case types.OIDFloat8:
		return strconv.FormatFloat(math.Float64frombits(binary.BigEndian.Uint64(b)), 'g', -1, 64), nil
	case types.OIDDate:
		return pgEpoch.AddDate(0, 0, int(int32(binary.BigEndian.Uint32(b)))).Format("2006-01-02"), nil
	case types.OIDTimestamp, types.OIDTimestamptz:
		return pgEpoch.Add(time.Duration(int64(binary.BigEndian.Uint64(b))) * time.Microsecond).Format("2006-01-02 15:04:05.999999"), nil
	case types.OIDText, types.OIDVarchar, types.OIDBpchar, types.OIDJSON, types.OIDUnknown:
		return string(b), nil
	case types.OIDBytea:
		return `\x` + hex.EncodeToString(b), nil
	}
	return wrong()
}

// toBinary appends the binary form of a value that is there as text.
func toBinary(dst []byte, text string, oid uint32) ([]byte, error) {
	bad := func(err error) ([]byte, error) {
		return dst, sqlerr.New(sqlerr.Internal, "value %q has no binary form of type %d: %v", text, oid, err)
	}
	switch oid {
	case types.OIDBool:
		if text == "t" || text == "true" {
			return append(dst, 1), nil
		}
		return append(dst, 0), nil
	case types.OIDInt2, types.OIDInt4, types.OIDInt8:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return bad(err)
		}
		switch oid {
		case types.OIDInt2:
			return binary.BigEndian.AppendUint16(dst, uint16(n)), nil
		case types.OIDInt4:
			return binary.BigEndian.AppendUint32(dst, uint32(n)), nil
		}
		return binary.BigEndian.AppendUint64(dst, uint64(n)), nil
	case types.OIDFloat4, types.OIDFloat8:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return bad(err)
		}
		if oid == types.OIDFloat4 {
			return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(f))), nil
		}
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(f)), nil
	case types.OIDDate:
		t, err := time.Parse("2006-01-02", text)
		if err != nil {
			return bad(err)
		}
		return binary.BigEndian.AppendUint32(dst, uint32(int32(t.Sub(pgEpoch)/(24*time.Hour)))), nil
	case types.OIDTimestamp, types.OIDTimestamptz:
		t, err := time.Parse("2006-01-02 15:04:05.999999", text)
		if err != nil {
			return bad(err)
		}
		return binary.BigEndian.AppendUint64(dst, uint64(t.UnixMicro()-pgEpoch.UnixMicro())), nil
	case types.OIDNumeric:
		return appendNumeric(dst, text), nil
	}
	return append(dst, text...), nil
}

// appendNumeric writes NUMERIC's binary form: groups of four decimal digits.
func appendNumeric(dst []byte, text string) []byte {
	sign := uint16(0)
	if strings.HasPrefix(text, "-") {
		sign, text = 0x4000, text[1:]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	scale := len(fraction)
	whole = strings.Repeat("0", (4-len(whole)%4)%4) + whole
	fraction += strings.Repeat("0", (4-len(fraction)%4)%4)
	digits := whole + fraction
	weight := len(whole)/4 - 1
	var groups []uint16
	for i := 0; i < len(digits); i += 4 {
		n, _ := strconv.Atoi(digits[i : i+4])
		groups = append(groups, uint16(n))
	}
	for len(groups) > 0 && groups[0] == 0 {
		groups, weight = groups[1:], weight-1
	}
	for len(groups) > 0 && groups[len(groups)-1] == 0 {
		groups = groups[:len(groups)-1]
	}
	if len(groups) == 0 {
		weight = 0
	}
	for _, v := range []uint16{uint16(len(groups)), uint16(int16(weight)), sign, uint16(scale)} {
		dst = binary.BigEndian.AppendUint16(dst, v)
	}
	for _, g := range groups {
		dst = binary.BigEndian.AppendUint16(dst, g)
	}
	return dst
}
