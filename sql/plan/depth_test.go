package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// deep is a plan with an expression of the given number of levels.
func deep(levels int) *plan.Dataflow {
	typ := types.Of(types.Boolean)
	var e plan.Expr = &plan.Column{Name: "x", Typ: typ}
	for i := range levels {
		switch i % 3 {
		case 0:
			e = &plan.Call{Func: "or", Typ: typ, Args: []plan.Expr{&plan.Const{Typ: typ}, e}}
		case 1:
			e = &plan.Cast{Arg: e, Typ: typ}
		case 2:
			e = &plan.Case{Whens: []plan.When{{Cond: &plan.Const{Typ: typ, Bool: true}, Then: e}}, Typ: typ}
		}
	}
	return &plan.Dataflow{Stages: []plan.Stage{{Ops: []plan.Op{&plan.Filter{Pred: e}}}}}
}

// TestEncodedDepth: an expression about as deep as the analyzer lets one become is the same behind its bytes.
func TestEncodedDepth(t *testing.T) {
	for _, levels := range []int{0, 1, 2, 3, 100_000} {
		encode(t, deep(levels))
	}
}

// TestDecodeRefusesExpressions whose nodes are no tree.
func TestDecodeRefusesExpressions(t *testing.T) {
	const column, cast = `{"column":{"Typ":"INT"}}`, `{"cast":{"Arg":%s,"Typ":"INT"}}`
	to := func(arg string) string { return fmt.Sprintf(cast, arg) }
	for nodes, want := range map[string]string{
		``:                       "a []interface {} where a plan.Expr must be",
		`null`:                   "a <nil> where a plan.Expr must be",
		`[` + column + `]`:       "a []interface {} where a plan.Expr must be",
		`0`:                      "a json.Number where a plan.Expr must be",
		`{"limit":{}}`:           `this server has no plan.Expr "limit"`,
		to(`0`):                  "an expression has no node 0 here",
		column + `,` + to(`1`):   "an expression has no node 1 here",
		column + `,` + to(`-1`):  "an expression has no node -1 here",
		column + `,` + to(`0.5`): "an expression has no node 0.5 here",
		column + `,` + to(`99999999999999999999`): "an expression has no node 99999999999999999999 here",
		column + `,` + to(`"0"`):                  "a string where a plan.Expr must be",
		column + `,` + to(`null`):                 "a <nil> where a plan.Expr must be",
		column + `,` + to(column):                 "a map[string]interface {} where a plan.Expr must be",
		column + `,` + to(`[`+column+`]`):         "a []interface {} where a plan.Expr must be",
		column + `,{"cast":{}}`:                   "a plan.Cast has no Arg",
		column + `,` + column:                     "node 0 of an expression is in no other",
		column + `,{"call":{"Args":[0,0]}}`:       "an expression has no node 0 here",
		column + `,` + to(`0`) + `,` + to(`0`):    "an expression has no node 0 here",
		column + `,` + column + `,` + to(`1`):     "node 0 of an expression is in no other",
	} {
		_, err := plan.Decode(sealed(1, `{"Stages":[{"Ops":[{"filter":{"Pred":[`+nodes+`]}}]}]}`))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", nodes, err, want)
		}
	}
	former := `{"Stages":[{"Ops":[{"filter":{"Pred":` + column + `}}]}]}`
	if _, err := plan.Decode(sealed(1, former)); !errors.Is(err, plan.ErrDamaged) {
		t.Errorf("a node that is in no list: %v", err)
	}
}
