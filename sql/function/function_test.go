package function

import (
	"slices"
	"testing"

	"slipway/sql/types"
)

// TestKinds: what the compiler asks of a name before it knows any argument.
func TestKinds(t *testing.T) {
	for name, want := range map[string]struct {
		kind       Kind
		volatility Volatility
	}{
		"upper": {Scalar, Immutable}, "UCASE": {Scalar, Immutable}, "now": {Scalar, Stable}, "current_date": {Scalar, Stable},
		"rand": {Scalar, Volatile}, "avg": {Aggregate, Immutable}, "tumble": {Table, Immutable}, "nothing": {Unknown, Immutable},
	} {
		if k, v := KindOf(name), VolatilityOf(name); k != want.kind || v != want.volatility {
			t.Errorf("%s is of kind %d and volatility %d, want %v", name, k, v, want)
		}
	}
	if !slices.Contains(Callable(), "uuid") || slices.Contains(Callable(), "random_uuid") || slices.Contains(Callable(), "and") || !slices.Contains(Callable(), "avg") || !slices.Contains(Callable(), "now") {
		t.Errorf("callable by name: %v", Callable())
	}
}

// TestAggregatesAreWhole: what an aggregate is made of fits together, for every type it takes.
func TestAggregatesAreWhole(t *testing.T) {
	for _, name := range Names(Aggregate) {
		taken := 0
		for k := types.Boolean; k.Known(); k++ {
			sig, err := ResolveAggregate(name, []types.Type{types.Of(k)})
			if err != nil {
				sig, err = ResolveAggregate(name, []types.Type{types.Of(k), types.Of(k)})
			}
			if err != nil && keptInArray(types.Of(k)) { // one of names and values
				sig, err = ResolveAggregate(name, []types.Type{types.NewStruct(types.Field{Name: "name", Type: textT}, types.Field{Name: "value", Type: types.Of(k)})})
			}
			if err != nil {
				continue
			}
			taken++
			if sig.Name != name || sig.Kind != Aggregate || len(sig.Parts) == 0 {
				t.Fatalf("%s: %+v", name, sig)
			}
			if sig.Finish == "" {
				if len(sig.Parts) != 1 || sig.Parts[0].Result != sig.Result {
					t.Errorf("%s(%s) gives %s, its only part should: %+v", name, types.Of(k), sig.Result, sig.Parts)
				}
				continue
			}
			as := make([]types.Type, len(sig.Parts))
			for i, p := range sig.Parts {
				as[i] = p.As
			}
			for range sig.Constants {
				as = append(as, bigT)
			}
			if finish, _, err := Resolve(sig.Finish, as); err != nil || !slices.Equal(finish.Args, as) {
				t.Errorf("%s(%s) ends in %s over %v: %v, %v", name, types.Of(k), sig.Finish, as, finish.Args, err)
			}
		}
		if taken == 0 {
			t.Errorf("%s takes no type", name)
		}
	}
}
