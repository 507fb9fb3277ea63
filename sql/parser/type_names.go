package parser

import (
	"slices"
	"strings"

	"slipway/sql/types"
)

// longNames are the names of types that are more than one word, or may have a word behind them.
var longNames = map[types.Kind][]string{
	types.Double: {"DOUBLE PRECISION"}, types.Varchar: {"CHARACTER VARYING"}, types.TimestampTZ: {"TIMESTAMP WITH TIME ZONE"},
	types.Timestamp: {"TIMESTAMP WITHOUT TIME ZONE"}, types.Time: {"TIME WITHOUT TIME ZONE"},
}

// TypeNames are the names by which a kind of type can be declared, that by which it is shown first.
func TypeNames(k types.Kind) []string {
	names := slices.Clone(longNames[k])
	for name, kind := range typeNames {
		if kind == k {
			names = append(names, name)
		}
	}
	for name, long := range timeTypes {
		if zoned := strings.HasSuffix(long, withZone); zoned && k == types.TimestampTZ && name != "TIMETZ" || name == "TIME" && k == types.Time {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if first := k.String(); a == first || b == first {
			return map[bool]int{true: -1, false: 1}[a == first]
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(names)
}
