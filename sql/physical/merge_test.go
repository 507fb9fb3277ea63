package physical_test

import (
	"strings"
	"testing"
	"time"

	"slipway/sql/logical"
	"slipway/sql/physical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestNotMerged: an aggregate whose results for some of the rows cannot be combined sees all
// rows of its group.
func TestNotMerged(t *testing.T) {
	big, at := types.Of(types.BigInt), types.NewTimestamp(3)
	scan := &logical.Scan{Name: "default.s", Relation: "s", Declared: types.Schema{{Name: "k", Type: big}, {Name: "at", Type: at}}, Columns: []int{0, 1}, Watermark: &plan.WatermarkSpec{Column: 1}}
	k := &plan.Column{Index: 0, Name: "k", Typ: big}
	minute := &plan.Window{Kind: plan.Tumble, Time: 1, Size: time.Minute, Slide: time.Minute}
	for _, merges := range []bool{true, false} {
		group := &logical.Aggregate{Input: scan, Keys: []plan.Expr{k}, Aggs: []logical.Agg{{Kind: "ANY", Arg: k, Typ: big, Merges: merges}}, TimeKey: -1,
			Out: types.Schema{{Name: "k", Type: big}, {Name: "x", Type: big}}}
		window := *group
		window.Window, window.Out = minute, append(append(group.Out[:1:1], logical.Bounds()...), group.Out[1])
		for _, n := range []logical.Node{group, &window} {
			text := show(physical.Plan(&logical.Statement{Root: n, Output: n.Schema()}, physical.Options{}))
			if got := strings.Contains(text, "partial aggregate") && strings.Contains(text, "merge ANY"); got != merges {
				t.Errorf("merges %t:\n%s", merges, text)
			}
		}
	}
}
