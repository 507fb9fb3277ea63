package expr

import (
	"math"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
)

// earthRadius is that of MySQL and MariaDB, in metres.
const earthRadius = 6370986

func init() {
	kernels(map[string]kernel{"st_x": coordinate(0), "st_y": coordinate(1), "st_distance_sphere": distanceOnSphere})
}

// pointOf is POINT(x, y), which is NULL where one of them is.
type pointOf struct {
	x, y Evaluator
	out  scratch
}

func (k *pointOf) Eval(b *column.Batch, sel []int32) (_ *column.Vector, err error) {
	out := k.out.v
	out.Valid = nil
	for i, ev := range []Evaluator{k.x, k.y} {
		if out.Kids[i], err = ev.Eval(b, sel); err != nil {
			return nil, err
		}
	}
	k.out.both(out, out.Kids[0], out.Kids[1], b.Rows)
	return out, nil
}

func coordinate(n int) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		v := vs[0].Kids[n]
		if v.Null(i) {
			return false, nil
		}
		out.Floats[i] = v.Floats[i]
		return true, nil
	}
}

func distanceOnSphere(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	var place [4]float64 // longitude and latitude of both, in radians
	for n := range place {
		v := vs[n/2].Kids[n%2]
		if v.Null(i) {
			return false, nil
		}
		what, limit := "longitude", 180.0
		if n%2 == 1 {
			what, limit = "latitude", 90
		}
		degrees := v.Floats[i]
		if !(math.Abs(degrees) <= limit) { // also what is no number
			return false, sqlerr.New(sqlerr.OutOfRange, "a %s of %s is not within -%g and %g", what, shown(degrees), limit, limit)
		}
		place[n] = radians(degrees)
	}
	radius := float64(earthRadius)
	if len(vs) == 3 {
		radius = vs[2].Floats[i]
	}
	if !(radius > 0) {
		return false, sqlerr.New(sqlerr.OutOfRange, "a radius of %s is not above 0", shown(radius))
	}
	half := func(angle float64) float64 { s := math.Sin(angle / 2); return s * s } // haversine
	h := half(place[3]-place[1]) + math.Cos(place[1])*math.Cos(place[3])*half(place[2]-place[0])
	out.Floats[i] = 2 * radius * math.Asin(math.Min(1, math.Sqrt(h)))
	return true, nil
}
