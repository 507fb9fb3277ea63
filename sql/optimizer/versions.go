package optimizer

import (
	"slipway/sql/logical"
	"slipway/sql/plan"
)

// pruneVersions: what tells versions apart and from when they hold is read, wanted or not.
func pruneVersions(v *logical.Versions, wanted plan.Columns) (logical.Node, plan.Places) {
	wanted.Add(v.Keys...)
	if v.Time >= 0 {
		wanted.Add(v.Time)
	}
	in, places := prune(v.Input, wanted)
	out := &logical.Versions{Input: in, Keys: places.All(v.Keys), Time: v.Time}
	if v.Time >= 0 {
		out.Time = places.Of(v.Time)
	}
	return out, places
}
