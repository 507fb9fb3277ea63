package sketch

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func distinctOf(t *testing.T, from, to int) *Distinct {
	t.Helper()
	d := &Distinct{}
	if err := d.Load(nil); err != nil {
		t.Fatal(err)
	}
	for i := from; i < to; i++ {
		d.Add(fmt.Appendf(nil, "value %d", i))
	}
	return d
}

// TestDistinctError: of few values the estimate is exact, of many it is within three standard errors.
func TestDistinctError(t *testing.T) {
	for n, within := range map[int]float64{0: 0, 1: 0, 10: 0, 1000: 0.001, 3000: 0.001, 20_000: 0.025, 300_000: 0.025} {
		d := distinctOf(t, 0, n)
		if got := float64(d.Estimate()); math.Abs(got-float64(n)) > within*float64(n) {
			t.Errorf("of %d values it is %v", n, got)
		}
	}
}

// TestDistinctIsOfItsValues: however values were put together, and written and read between, the bytes are
// the same.
func TestDistinctIsOfItsValues(t *testing.T) {
	for _, n := range []int{1, 50, 700, 1200, 1500, 1700, 2500, 5000, 5400, 5800, 6200, 6600, 7000, 20_000} {
		want := distinctOf(t, 0, n).Append(nil)
		for _, step := range []int{1 + n/7, 1 + n/100, n} {
			d := &Distinct{}
			var b []byte
			for i := 0; i < n; i += step {
				if err := d.Load(b); err != nil {
					t.Fatal(err)
				}
				part := distinctOf(t, i/2, min(n, i+step)).Append(nil)
				if err := d.Merge(part); err != nil {
					t.Fatal(err)
				}
				b = d.Append(b[:0:0])
			}
			if !bytes.Equal(b, want) {
				t.Errorf("%d values in steps of %d are %d bytes, at once %d", n, step, len(b), len(want))
			}
		}
	}
}

func quantilesOf(t *testing.T, list []float64) *Quantiles {
	t.Helper()
	q := &Quantiles{}
	if err := q.Load(nil); err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		if err := q.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	return q
}

// TestQuantileError: an estimate is within 1 % of the number that is there, also behind a merge, and the bytes
// are those of the numbers in any order.
func TestQuantileError(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, kind := range []func() float64{r.Float64, r.NormFloat64, func() float64 { return math.Exp(r.NormFloat64() * 5) }, func() float64 { return float64(r.IntN(20) - 5) }} {
		var list []float64
		for range 10_000 {
			list = append(list, kind())
		}
		half := quantilesOf(t, list[:3000])
		if err := half.Merge(quantilesOf(t, list[3000:]).Append(nil)); err != nil {
			t.Fatal(err)
		}
		slices.Sort(list)
		whole := quantilesOf(t, list)
		if !bytes.Equal(half.Append(nil), whole.Append(nil)) {
			t.Error("two halves are not the whole")
		}
		for _, p := range []float64{0, 0.01, 0.25, 0.5, 0.9, 0.999, 1} {
			got, ok := whole.At(p)
			if want := list[max(0, int(math.Ceil(p*float64(len(list)))-1))]; !ok || math.Abs(got-want) > 0.0101*math.Abs(want) {
				t.Errorf("the %v of %v … %v is %v, want %v", p, list[0], list[len(list)-1], got, want)
			}
		}
	}
	q := quantilesOf(t, []float64{math.Inf(-1), 0, math.NaN(), math.Inf(1)})
	if x, _ := q.At(1); x < 1e300 {
		t.Errorf("the greatest is %v", x)
	}
	if _, ok := quantilesOf(t, nil).At(0.5); ok {
		t.Error("there is a middle of nothing")
	}
}

// TestStoredSketches pins what is in the state of jobs.
func TestStoredSketches(t *testing.T) {
	for want, b := range map[string][]byte{
		"01020e00010000000000000003023efb560000000c9692d508dca6e804e4bdbe04": distinctOf(t, 0, 3).Append(nil), "01040305026c02c6040207010002": quantilesOf(t, []float64{-1, 0, 0, 3, 1000}).Append(nil),
	} {
		if got := hex.EncodeToString(b); got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	}
	d, q := &Distinct{}, &Quantiles{}
	if d.Load([]byte{2, 1}) == nil || d.Load([]byte{1, 1}) == nil || q.Load([]byte{9}) == nil {
		t.Error("damaged bytes are taken")
	}
	if err := d.Load(distinctOf(t, 0, 1500).Append(nil)); err != nil || d.Estimate() != 1500 {
		t.Errorf("%v, %d values", err, d.Estimate())
	}
}
