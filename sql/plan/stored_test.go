package plan_test

import (
	"testing"
	"time"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestStoredForms pins the forms that operator ids are hashed from; whole statements are in
// slipway/sql. A line may be added, none may change.
func TestStoredForms(t *testing.T) {
	b, i, s := types.Of(types.Boolean), types.Of(types.Int), types.Of(types.String)
	x, n := &plan.Column{Index: 3, Name: "default.s.x", Typ: i}, &plan.Const{Typ: i, Int: -7}
	for want, e := range map[string]plan.Expr{
		"default.s.x#3":                     x,
		"-7:INT":                            n,
		"NULL":                              &plan.Const{Typ: i, Null: true},
		"true":                              &plan.Const{Typ: b, Bool: true},
		"150:DECIMAL(12,2)":                 &plan.Const{Typ: types.NewDecimal(12, 2), Int: 150},
		"(1,2):DECIMAL(30,4)":               &plan.Const{Typ: types.NewDecimal(30, 4), WideHi: 1, WideLo: 2},
		"1e+21":                             &plan.Const{Typ: types.Of(types.Double), Float: 1e21},
		"'it''s'":                           &plan.Const{Typ: s, Text: "it's"},
		"1700:TIMESTAMP(3)":                 &plan.Const{Typ: types.NewTimestamp(3), Int: 1700},
		"+(default.s.x#3, -7:INT)":          &plan.Call{Func: "+", Args: []plan.Expr{x, n}, Typ: i},
		"negate(default.s.x#3)":             &plan.Call{Func: "negate", Args: []plan.Expr{x}, Typ: i},
		"CAST(default.s.x#3 AS CHAR(3))":    &plan.Cast{Arg: x, Typ: types.Of(types.Char).WithLength(3)},
		"TRY_CAST(default.s.x#3 AS STRING)": &plan.Cast{Arg: x, Typ: s, Try: true},
		"CASE WHEN true THEN -7:INT ELSE default.s.x#3 END": &plan.Case{Whens: []plan.When{{Cond: &plan.Const{Typ: b, Bool: true}, Then: n}}, Else: x, Typ: i},
		"CASE WHEN true THEN -7:INT END":                    &plan.Case{Whens: []plan.When{{Cond: &plan.Const{Typ: b, Bool: true}, Then: n}}, Typ: i},
	} {
		if got := plan.Stored(e); got != want {
			t.Errorf("stored as %s, checkpoints say %s", got, want)
		}
	}
	for want, w := range map[string]*plan.Window{
		"window 0 1m0s 1m0s 0s by a": {Kind: plan.Tumble, Size: time.Minute, Slide: time.Minute},
		"window 1 10s 2s 500ms by a": {Kind: plan.Hop, Size: 10 * time.Second, Slide: 2 * time.Second, Offset: 500 * time.Millisecond},
	} {
		if got := w.Stored("a"); got != want {
			t.Errorf("stored as %s, checkpoints say %s", got, want)
		}
	}
	for want, k := range map[string]plan.AggKind{"COUNT(*) INT": plan.CountStar, "COUNT INT": plan.Count, "SUM INT": plan.Sum, "MIN INT": plan.Min, "MAX INT": plan.Max} {
		if got := (plan.Agg{Kind: k, Typ: i, Merge: true}).Stored(); got != want {
			t.Errorf("stored as %s, checkpoints say %s", got, want)
		}
	}
}
