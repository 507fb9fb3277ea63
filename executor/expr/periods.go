package expr

import (
	"maps"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/value"
)

func init() {
	maps.Copy(timeFuncs, map[string]func(Options) kernel{
		"makedate":    func(Options) kernel { return dayOfYear },
		"period_add":  func(Options) kernel { return periodAdd },
		"period_diff": func(Options) kernel { return periodDiff },
	})
}

// dayOfYear is MySQL's MAKEDATE: a day by its number in a year.
func dayOfYear(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	y, n := vs[0].Ints[i], vs[1].Ints[i]
	if y < 0 || y > 9999 || n < 1 || n > 9999*366 {
		return false, nil
	}
	if y < 100 {
		y = fullYear(y)
	}
	out.Ints[i] = value.DaysFromCivil(y, 1, 1) + n - 1
	last, _ := value.DateOf(9999, 12, 31)
	return out.Ints[i] <= last, nil
}

// monthsOf is the number of months since the year 0 of a period, YYMM or YYYYMM.
func monthsOf(period int64) int64 {
	y, m := period/100, period%100
	if y < 100 {
		y = fullYear(y)
	}
	return y*12 + m - 1
}

func periodAdd(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	p, n := vs[0].Ints[i], vs[1].Ints[i]
	if p%100 < 1 || p%100 > 12 || p < 1 || p > 999912 || n != int64(int32(n)) {
		return false, noPeriod(p)
	}
	months := monthsOf(p) + n
	if months < 0 {
		return false, noPeriod(p)
	}
	out.Ints[i] = months/12*100 + months%12 + 1
	return true, nil
}

func periodDiff(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	for _, v := range vs {
		if p := v.Ints[i]; p%100 < 1 || p%100 > 12 || p < 1 || p > 999912 {
			return false, noPeriod(p)
		}
	}
	out.Ints[i] = monthsOf(vs[0].Ints[i]) - monthsOf(vs[1].Ints[i])
	return true, nil
}

func noPeriod(p int64) error {
	return sqlerr.New(sqlerr.InvalidParameter, "%d and so many months are no period: it is YYYYMM or YYMM", p)
}
