package optimizer

import "slipway/sql/plan"

// dropWatermarks: a source behind which nothing needs watermarks need not read its time column nor
// send watermarks.
func dropWatermarks(f *plan.Dataflow) {
	wanted := make([]bool, len(f.Stages))
	for i := len(f.Stages) - 1; i >= 0; i-- { // stages are in topological order
		for _, o := range f.Stages[i].Ops {
			wanted[i] = wanted[i] || o.Needs().Watermarks
		}
		for _, e := range f.Edges {
			wanted[i] = wanted[i] || e.From == i && wanted[e.To]
		}
		if s := f.Stages[i].Source; s != nil && s.Watermark != nil && !wanted[i] {
			s.Watermark = nil
		}
	}
}
