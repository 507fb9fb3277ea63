package sql

import (
	"slipway/sql/logical"
	"slipway/sql/plan"
)

func explainCall(c plan.OverCall, in []string) string {
	text := showAgg(c.Agg, in)
	if c.Func != "" {
		text = c.Func + "()"
		if c.Agg.Arg >= 0 {
			text = c.Func + "(" + logical.NameOf(in, c.Agg.Arg) + ")"
		}
	}
	return text + logical.ShowNulls(c.IgnoreNulls) + logical.ShowFrame(c.Frame)
}

func explainOrder(o plan.Order, in []string) string {
	text := ""
	if len(o.Partition) > 0 {
		text = " by " + logical.Pick(in, o.Partition)
	}
	switch {
	case len(o.Keys) > 0:
		text += " " + logical.ShowSort(o.Keys, 0, in)
	case o.Latest:
		text += ", the latest first"
	}
	return text
}
