package value

// Age is the interval from one time to another in years, months, days and a time, as PostgreSQL counts it: from the
// earlier to the later by the calendar, a missing day borrowed from the month of the earlier.
func Age(a, b int64) Interval {
	if a < b {
		return ageBetween(b, a).Neg()
	}
	return ageBetween(a, b)
}

func ageBetween(later, earlier int64) Interval {
	d1, d2 := floorDiv(later, Day), floorDiv(earlier, Day)
	y1, m1, day1 := CivilFromDays(d1)
	y2, m2, day2 := CivilFromDays(d2)
	clock := later - d1*Day - (earlier - d2*Day)
	years, months, days := y1-y2, m1-m2, day1-day2
	if clock < 0 {
		clock += Day
		days--
	}
	for days < 0 {
		days += DaysIn(y2, m2)
		months--
	}
	return Interval{Months: years*12 + months, Days: days, Micros: clock}
}

// JustifyHours brings 24 hours to a day.
func (v Interval) JustifyHours() Interval {
	v.Days, v.Micros = v.Days+v.Micros/Day, v.Micros%Day
	return v.sameSign()
}

// sameSign lets days and time have one sign.
func (v Interval) sameSign() Interval {
	switch {
	case v.Days > 0 && v.Micros < 0:
		v.Days, v.Micros = v.Days-1, v.Micros+Day
	case v.Days < 0 && v.Micros > 0:
		v.Days, v.Micros = v.Days+1, v.Micros-Day
	}
	return v
}

// JustifyDays brings 30 days to a month.
func (v Interval) JustifyDays() Interval {
	v.Months, v.Days = v.Months+v.Days/monthDays30, v.Days%monthDays30
	switch {
	case v.Months > 0 && v.Days < 0:
		v.Months, v.Days = v.Months-1, v.Days+monthDays30
	case v.Months < 0 && v.Days > 0:
		v.Months, v.Days = v.Months+1, v.Days-monthDays30
	}
	return v
}

// Justify does both, and lets all fields have one sign.
func (v Interval) Justify() Interval {
	v.Days, v.Micros = v.Days+v.Micros/Day, v.Micros%Day
	v.Months, v.Days = v.Months+v.Days/monthDays30, v.Days%monthDays30
	switch {
	case v.Months > 0 && (v.Days < 0 || v.Days == 0 && v.Micros < 0):
		v.Months, v.Days = v.Months-1, v.Days+monthDays30
	case v.Months < 0 && (v.Days > 0 || v.Days == 0 && v.Micros > 0):
		v.Months, v.Days = v.Months+1, v.Days-monthDays30
	}
	return v.sameSign()
}
