package session

import (
	"encoding/hex"
	"fmt"
	"strings"

	"slipway/server/pgwire"
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// parameters is the highest $n of a statement.
func (s *session) parameters(st ast.Statement) (highest int) {
	if l, err := s.line(st); err != nil || !l.parameters {
		return 0
	}
	ast.Walk(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Param:
			highest = max(highest, n.N)
		case *ofCatalog:
			params, _, _ := describeCatalog(n.query, nil) // a fault is told where it is described
			highest = max(highest, len(params))
		}
		return true
	})
	return highest
}

// typeOf is the type of a parameter that the client declares.
func typeOf(oid uint32) types.Type {
	if element := types.ElementOID(oid); element != 0 {
		return types.NewArray(typeOf(element))
	}
	switch oid {
	case types.OIDBool:
		return types.Of(types.Boolean)
	case types.OIDInt2:
		return types.Of(types.SmallInt)
	case types.OIDInt4:
		return types.Of(types.Int)
	case types.OIDInt8, types.OIDOid:
		return types.Of(types.BigInt)
	case types.OIDFloat4:
		return types.Of(types.Float)
	case types.OIDFloat8:
		return types.Of(types.Double)
	case types.OIDNumeric:
		return types.NewDecimal(types.MaxDecimalPrecision, 10)
	case types.OIDDate:
		return types.Of(types.Date)
	case types.OIDTimestamp:
		return types.NewTimestamp(types.MaxTimestampPrecision)
	case types.OIDTimestamptz:
		return types.NewTimestampTZ(types.MaxTimestampPrecision)
	case types.OIDTime:
		return types.NewTime(types.MaxTimestampPrecision)
	case types.OIDInterval:
		return types.Of(types.Interval)
	case types.OIDUUID:
		return types.Of(types.UUID)
	case types.OIDBytea:
		return types.Of(types.Binary)
	case types.OIDUnknown:
		return types.Type{}
	}
	return types.Of(types.String)
}

// arguments turns bound values into constants of the parameters' types.
func arguments(args []pgwire.Arg) ([]plan.Expr, error) {
	out := make([]plan.Expr, len(args))
	for i, a := range args {
		c := &plan.Const{Typ: typeOf(a.OID), Null: a.Null}
		if c.Typ.Kind == types.Null && !a.Null {
			c.Typ = types.Of(types.String)
		}
		if a.Null {
			out[i] = c
			continue
		}
		x, err := parameter(a.Text, c.Typ)
		if err != nil {
			e := *sqlerr.From(err)
			e.Message = fmt.Sprintf("parameter $%d: %s", i+1, e.Message)
			return nil, &e
		}
		out[i] = x
	}
	return out, nil
}

// parameter reads a value that came as text.
func parameter(text string, t types.Type) (plan.Expr, error) {
	if t.IsNested() { // it is read when the expression is made
		t = deepened(t, text)
		return &plan.Cast{Arg: &plan.Const{Typ: types.Of(types.String), Text: text}, Typ: t}, value.CheckNested([]byte(text), t)
	}
	if t.Kind == types.TimestampTZ { // without a zone it is of the session's
		return analyzer.Moment(text, t)
	}
	if t.Kind != types.Binary {
		return analyzer.ReadText(text, t)
	}
	c := &plan.Const{Typ: t}
	if !fillBinary(c, text) {
		return nil, value.Malformed.Error(t, []byte(text))
	}
	return c, nil
}

// deepened gives an ARRAY as many dimensions as its text has: PostgreSQL's type of an array says nothing of them.
func deepened(t types.Type, text string) types.Type {
	text = strings.TrimSpace(text)
	for depth := 1; len(text) > 1 && (text[0] == '{' || text[0] == '[') && depth < types.MaxDepth; depth++ {
		if text = strings.TrimSpace(text[1:]); text[:1] == "{" || text[:1] == "[" {
			t = types.NewArray(t)
		}
	}
	return t
}

func fillBinary(c *plan.Const, text string) bool {
	digits, isHex := strings.CutPrefix(text, `\x`)
	if !isHex {
		c.Text = text
		return true
	}
	raw, err := hex.DecodeString(digits)
	c.Text = string(raw)
	return err == nil
}
