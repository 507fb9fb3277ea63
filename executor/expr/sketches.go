package expr

import (
	"math"

	"slipway/executor/column"
	"slipway/executor/sketch"
)

// countOfSketch is how many different values a sketch has seen.
func countOfSketch(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	var d sketch.Distinct
	err := d.Load(vs[0].Bytes(i))
	if err == nil {
		out.Ints[i] = d.Estimate()
	}
	return err == nil, err
}

// quantileOfSketch is the number below which a part of those that a sketch has seen is; the part is the bits of a DOUBLE.
func quantileOfSketch(vs []*column.Vector, out *column.Vector, i int) (ok bool, err error) {
	var q sketch.Quantiles
	if err = q.Load(vs[0].Bytes(i)); err == nil {
		out.Floats[i], ok = q.At(math.Float64frombits(uint64(vs[1].Ints[i])))
	}
	return ok, err
}
