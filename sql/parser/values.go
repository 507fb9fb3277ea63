package parser

import (
	"io"

	tast "github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/format"
)

// The TiDB parser makes values by hooks, so that it needs no evaluator. Ours keep
// what was written; nothing is computed here.
func init() {
	tast.NewValueExpr = func(v any, _, _ string) tast.ValueExpr {
		if e, ok := v.(*value); ok {
			return e
		}
		return &value{v: v}
	}
	tast.NewParamMarkerExpr = func(offset int) tast.ParamMarkerExpr { return &param{offset: offset} }
	tast.NewDecimal = func(s string) (any, error) { return decimal(s), nil }
	tast.NewHexLiteral = func(s string) (any, error) { return binary(s), nil }
	tast.NewBitLiteral = func(s string) (any, error) { return binary(s), nil }
}

// decimal is an exact number as it was written.
type decimal string

// binary is x'…' or b'…' as it was written. The rewriter leaves none of them over.
type binary string

// ToString is what the grammar calls on such a literal.
func (b binary) ToString() string { return string(b) }

// value is a literal of the TiDB tree.
type value struct {
	tast.TexprNode
	v any
}

func (n *value) SetValue(v any)           { n.v = v }
func (n *value) GetValue() any            { return n.v }
func (n *value) GetDatumString() string   { return n.GetString() }
func (n *value) GetProjectionOffset() int { return -1 }
func (n *value) SetProjectionOffset(int)  {}
func (n *value) Format(io.Writer)         {}

// GetString gives the text of a string literal.
func (n *value) GetString() string {
	s, _ := n.v.(string)
	return s
}

// Restore is never called: statements are printed by sql/ast.
func (n *value) Restore(*format.RestoreCtx) error { return nil }

// Accept implements the library's visitor.
func (n *value) Accept(v tast.Visitor) (tast.Node, bool) {
	node, skip := v.Enter(n)
	if skip {
		return v.Leave(node)
	}
	return v.Leave(node.(*value))
}

// param is ? in the rewritten text.
type param struct {
	value
	offset int
}

func (n *param) SetOrder(int) {}

// Accept implements the library's visitor.
func (n *param) Accept(v tast.Visitor) (tast.Node, bool) {
	node, skip := v.Enter(n)
	if skip {
		return v.Leave(node)
	}
	return v.Leave(node.(*param))
}
