package sketch

import (
	"math"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"
)

// Quantiles estimates the number below which a part of the numbers is, within 1 % of the number: it counts the
// numbers in buckets whose bounds are each 2 % above the one before. Of both signs there are at most maxBuckets,
// a range of 10^17; numbers nearer to 0 are then counted in the last one.
type Quantiles struct {
	s *ddsketch.DDSketch
	m mapping.IndexMapping
}

const (
	accuracy   = 0.01
	maxBuckets = 2048
)

func buckets() store.Store { return store.NewCollapsingLowestDenseStore(maxBuckets) }

// Load implements Sketch.
func (q *Quantiles) Load(b []byte) (err error) {
	if q.m == nil {
		if q.m, err = mapping.NewLogarithmicMapping(accuracy); err != nil {
			return err
		}
	}
	q.s = ddsketch.NewDDSketch(q.m, buckets(), buckets())
	if len(b) == 0 {
		return nil
	}
	return q.Merge(b)
}

// Add takes in a number. An infinity counts as the number next to it, NaN as the greatest.
func (q *Quantiles) Add(x float64) error {
	if math.IsNaN(x) {
		x = math.Inf(1)
	}
	end := q.m.MaxIndexableValue()
	return q.s.Add(min(max(x, -end), end))
}

// Merge implements Sketch.
func (q *Quantiles) Merge(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	b, err := body(b)
	if err != nil {
		return err
	}
	return q.s.DecodeAndMergeWith(b)
}

// Append implements Sketch.
func (q *Quantiles) Append(dst []byte) []byte {
	dst = append(dst, version)
	q.s.Encode(&dst, true)
	return dst
}

// At is about the first number up to which there is a part of the numbers, from 0 to 1, as PERCENTILE_DISC has it; ok is
// false if there are none.
func (q *Quantiles) At(part float64) (x float64, ok bool) {
	n, below := q.s.GetCount(), q.s.GetNegativeValueStore()
	negative := below.TotalCount()
	switch at := max(0, math.Ceil(part*n)-1); {
	case n == 0:
		return 0, false
	case at < negative:
		return -q.m.Value(below.KeyAtRank(negative - 1 - at)), true
	case at < negative+q.s.GetZeroCount():
		return 0, true
	default:
		return q.m.Value(q.s.GetPositiveValueStore().KeyAtRank(at - negative - q.s.GetZeroCount())), true
	}
}
