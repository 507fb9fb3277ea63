package sql

import (
	"slices"
	"strings"

	"slipway/sql/logical"
)

// showMarks is the line of marks of the first rows of values, and what these are called; time is the column by which windows
// end, -1 if there are none.
func showMarks(keys, args, filters []int, time int, in []string) (text string, out []string) {
	value := logical.Pick(in, args)
	text, out = "mark the first row of each "+value, slices.Clone(in)
	if len(keys) > 0 {
		text += " by " + logical.Pick(in, keys)
	}
	var of []string
	for _, f := range filters {
		which := "all"
		if f >= 0 {
			which = "those where " + logical.NameOf(in, f)
		}
		of, out = append(of, which), append(out, "first of "+value+" among "+which)
	}
	if time >= 0 {
		text += " in each window that ends at " + logical.NameOf(in, time)
	}
	return text + " among " + strings.Join(of, ", "), out
}
