package expr

import (
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var zonedMicro = types.NewTimestampTZ(6)

func as(x plan.Expr, t types.Type) plan.Expr {
	if t.Kind == types.TimestampTZ {
		t.Precision = 6
	}
	return &plan.Cast{Arg: x, Typ: t}
}

func moment(text string) plan.Expr { return as(str(text), zonedMicro) }

func interval(text string) plan.Expr { return as(str(text), span) }

// inZone computes an expression as a session in a zone sees it.
func inZone(t *testing.T, zone string, e plan.Expr) string {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	ev, err := Compile(as(e, types.Of(types.String)), Options{Location: location})
	if err != nil {
		return err.Error()
	}
	v, err := ev.Eval(&column.Batch{Rows: 1}, nil)
	if err != nil {
		return err.Error()
	}
	return string(column.AppendText(nil, v, 0))
}

// of resolves an operator of times over arguments that have their types.
func of(t *testing.T, operator string, x, y plan.Expr) plan.Expr {
	t.Helper()
	name, swap := function.TimeOperator(operator, x.Type(), y.Type())
	if swap {
		x, y = y, x
	}
	sig, _, err := function.Resolve(name, []types.Type{x.Type(), y.Type()})
	if err != nil {
		t.Fatal(err)
	}
	return &plan.Call{Func: sig.Name, Args: []plan.Expr{as(x, sig.Args[0]), as(y, sig.Args[1])}, Typ: sig.Result}
}

// TestZones: what PostgreSQL 15 gives, round the changes of clocks and where offsets are odd.
func TestZones(t *testing.T) {
	const berlin, newYork, london, kathmandu = "Europe/Berlin", "America/New_York", "Europe/London", "Asia/Kathmandu"
	for _, c := range []struct {
		zone string
		e    plan.Expr
		want string
	}{
		{berlin, moment("2026-03-29 02:30"), "2026-03-29 03:30:00.000000+02"}, // never shown
		{berlin, moment("2026-10-25 02:30"), "2026-10-25 02:30:00.000000+01"}, // shown twice
		{newYork, moment("2026-03-08 02:30"), "2026-03-08 03:30:00.000000-04"},
		{newYork, moment("2026-11-01 01:30"), "2026-11-01 01:30:00.000000-05"},
		{newYork, moment("2026-11-01 05:30+00"), "2026-11-01 01:30:00.000000-04"},
		{newYork, moment("2026-11-01 06:30+00"), "2026-11-01 01:30:00.000000-05"},
		{newYork, moment("9999-12-31 23:00"), `"9999-12-31 23:00" is out of range for TIMESTAMP(6) WITH TIME ZONE`},
		{newYork, moment("1900-01-01 00:00+00"), "1899-12-31 19:00:00.000000-05"},
		{berlin, moment("2026-07-01 00:00 America/New_York"), "2026-07-01 06:00:00.000000+02"},
		{berlin, moment("2026-07-01 00:00 america/new_york"), "2026-07-01 06:00:00.000000+02"},
		{berlin, moment("2026-07-01 00:00 Z"), "2026-07-01 02:00:00.000000+02"},
		{berlin, moment("2026-07-01 00:00 +02:30"), "2026-06-30 23:30:00.000000+02"},
		{berlin, moment("2026-07-01T00:00:00.5-0330"), "2026-07-01 05:30:00.500000+02"},
		{berlin, moment("2026-07-01 00:00 Mars/Olympus"), `invalid input for type TIMESTAMP(6) WITH TIME ZONE: "2026-07-01 00:00 Mars/Olympus"`},
		{kathmandu, moment("2026-03-08 02:30+00"), "2026-03-08 08:15:00.000000+05:45"},
		{kathmandu, as(moment("2026-03-08 22:30+00"), types.Of(types.Date)), "2026-03-09"},
		{kathmandu, as(moment("2026-03-08 22:30+00"), types.NewTime(0)), "04:15:00"},
		{kathmandu, as(moment("2026-03-08 22:30+00"), types.NewTimestamp(0)), "2026-03-09 04:15:00"},
		{newYork, as(ts("2026-11-01 01:30"), zonedMicro), "2026-11-01 01:30:00.000000-05"},
		{berlin, as(as(str("2026-07-01"), types.Of(types.Date)), zonedMicro), "2026-07-01 00:00:00.000000+02"},
		{london, moment("1970-06-01 00:00"), "1970-06-01 00:00:00.000000+01"},
		{berlin, as(moment("2026-07-01 00:00"), types.Of(types.BigInt)), "1782856800000"},
		{berlin, as(bigint(1782856800000), zonedMicro), "2026-07-01 00:00:00.000000+02"},

		{berlin, of(t, "+", moment("2026-03-29 01:30"), interval("1 hour")), "2026-03-29 03:30:00.000000+02"},
		{berlin, of(t, "+", moment("2026-03-28 02:30"), interval("1 day")), "2026-03-29 03:30:00.000000+02"},
		{berlin, of(t, "+", moment("2026-10-24 02:30"), interval("1 day")), "2026-10-25 02:30:00.000000+01"},
		{berlin, of(t, "+", interval("24 hours"), moment("2026-10-24 02:30")), "2026-10-25 02:30:00.000000+02"},
		{berlin, of(t, "-", moment("2026-10-26 12:00"), moment("2026-10-24 12:00")), "2 days 01:00:00"},
		{london, of(t, "+", moment("2026-01-31 12:00"), interval("1 month")), "2026-02-28 12:00:00.000000+00"},
		{london, of(t, "+", moment("2026-02-28 12:00"), interval("1 month 1 hour")), "2026-03-28 13:00:00.000000+00"},
		{london, of(t, "-", moment("2026-10-26 00:00"), interval("1 day")), "2026-10-25 00:00:00.000000+01"},
		{london, of(t, "-", moment("2026-10-26 00:00"), interval("24 hours")), "2026-10-25 01:00:00.000000+01"},

		{berlin, call(t, "at_time_zone", ts("2026-03-29 02:30"), str(berlin)), "2026-03-29 03:30:00.000+02"},
		{berlin, call(t, "at_time_zone", moment("2026-10-25 00:30+00"), str(berlin)), "2026-10-25 02:30:00.000000"},
		{berlin, call(t, "at_time_zone", moment("2026-10-25 01:30+00"), str(berlin)), "2026-10-25 02:30:00.000000"},
		{berlin, call(t, "at_time_zone", ts("2024-01-01 00:00"), interval("2 hours")), "2023-12-31 23:00:00.000+01"},
		{berlin, call(t, "at_time_zone", ts("2024-01-01 00:00"), str("+02")), `time zone "+02" is not known`},

		{"UTC", of(t, "+", as(str("10:00"), types.NewTime(6)), interval("15 hours")), "01:00:00.000000"},
		{"UTC", of(t, "-", as(str("10:00"), types.NewTime(6)), interval("11 hours")), "23:00:00.000000"},
		{"UTC", of(t, "-", as(str("10:00"), types.NewTime(6)), as(str("12:30"), types.NewTime(6))), "-02:30:00"},
		{"UTC", of(t, "+", as(str("10:00"), types.NewTime(6)), interval("1 mon 2 days 1 hour")), "11:00:00.000000"},
		{"UTC", as(interval("25 hours"), types.NewTime(0)), "01:00:00"},
		{"UTC", as(interval("-1 hour"), types.NewTime(0)), "23:00:00"},
		{"UTC", as(as(str("10:11"), types.NewTime(0)), span), "10:11:00"},
		{"UTC", of(t, "+", as(str("2024-01-01"), types.Of(types.Date)), as(str("10:00"), types.NewTime(0))), "2024-01-01 10:00:00.000000"},
		{"UTC", as(ts("2024-01-01 10:11:12.3"), types.NewTime(3)), "10:11:12.300"},
	} {
		if got := inZone(t, c.zone, c.e); got != c.want {
			t.Errorf("%s in %s is %s, want %s", c.e, c.zone, got, c.want)
		}
	}
}
