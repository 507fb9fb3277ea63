package functions

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

var (
	moment    = kind{types: [3]string{"timestamp(6)", "timestamp", "datetime(6)"}, as: sameTime}
	day       = kind{types: [3]string{"date", "date", "date"}}
	clock     = kind{types: [3]string{"time(6)", "time", "time(6)"}, as: sameTime}
	timeSpan  = kind{types: [3]string{"interval", "interval", ""}, as: sameTime}
	zonedTime = kind{types: [3]string{"timestamptz", "timestamptz", ""}, as: sameTime}
)

// sameTime compares without the zeros behind a fraction.
func sameTime(a, b string) bool { return shortTime(a) == shortTime(b) }

func shortTime(s string) string {
	zone := ""
	if at := strings.LastIndexAny(s, "+"); at > 10 {
		s, zone = s[:at], s[at:]
	}
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s + zone
}

func randomDay(r *rand.Rand) string {
	return fmt.Sprintf("%04d-%02d-%02d", 1900+r.IntN(200), 1+r.IntN(12), 1+r.IntN(28))
}

func randomClock(r *rand.Rand) string {
	return fmt.Sprintf("%02d:%02d:%02d.%06d", r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1e6))
}

func randomTime(r *rand.Rand) string { return randomDay(r) + " " + randomClock(r) }

func randomSpan(r *rand.Rand) string {
	return fmt.Sprintf("%d mons %d days %d us", r.IntN(60)-30, r.IntN(80)-40, r.Int64N(1e12)-5e11)
}

var edgeDays = []string{"1970-01-01", "2024-02-29", "2023-02-28", "2024-12-31", "2024-12-30", "2025-01-01", "2026-01-01", "2027-01-03", "2000-02-29", "1900-02-28", "1999-12-31", "0001-01-01", "9999-12-31", "1582-10-10"}

func times(days []string, clocks ...string) (list []string) {
	for i, d := range days {
		list = append(list, d+" "+clocks[i%len(clocks)])
	}
	return list
}

func init() {
	edges := times(edgeDays, "00:00:00", "23:59:59.999999", "12:00:00", "10:11:12.5", "00:00:00.000001")
	generate("ts", generator{kind: moment, edges: edges, random: randomTime})
	generate("then", generator{kind: moment, edges: edges[:8], random: randomTime})
	generate("day", generator{kind: day, edges: edgeDays, random: randomDay})
	generate("dayb", generator{kind: day, edges: edgeDays[:6], random: randomDay})
	generate("clock", generator{kind: clock, edges: []string{"00:00:00", "23:59:59.999999", "12:00:00", "10:11:12.5"}, random: randomClock})
	generate("span", generator{kind: timeSpan, edges: []string{"0", "1 day", "1 mon", "-1 mon 1 day", "1 year 2 mons -3 days 04:05:06.7", "-00:00:00.000001", "30 days", "24:00:00", "36:00:00", "-25:00:00"}, random: randomSpan})
	generate("spanb", generator{kind: timeSpan, edges: []string{"0", "1 day", "30 days", "1 mon -1 day", "24 hours"}, random: randomSpan})
	generate("tstz", generator{kind: zonedTime, edges: []string{"2026-03-29 00:59:59+00", "2026-03-29 01:00:00+00", "2026-10-25 00:30:00+00", "2026-10-25 01:30:00+00", "1970-01-01 00:00:00+00"}, random: func(r *rand.Rand) string { return randomTime(r) + "+00" }})
	generate("zone", generator{kind: text, edges: []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo"}, never: true, random: func(r *rand.Rand) string {
		return []string{"Europe/London", "Asia/Tokyo", "Africa/Casablanca", "Pacific/Apia"}[r.IntN(4)]
	}})
	generate("mode", generator{kind: integer, edges: []string{"0", "1", "2", "3", "4", "5", "6", "7"}, never: true, random: func(r *rand.Rand) string { return fmt.Sprint(r.IntN(8)) }})
	generate("months", generator{kind: integer, edges: []string{"0", "1", "-1", "12", "13", "-25"}, random: func(r *rand.Rand) string { return fmt.Sprint(r.IntN(100) - 50) }})
	generate("factor", generator{kind: double, edges: []string{"0", "1", "-1", "0.5", "3", "7.3"}, random: func(r *rand.Rand) string { return fmt.Sprintf("%d.%d", r.IntN(20)-10, r.IntN(1000)) }})
	generate("yr", generator{kind: integer, edges: []string{"2024", "1", "9999", "2023"}, random: func(r *rand.Rand) string { return fmt.Sprint(1 + r.IntN(3000)) }})
	generate("mo", generator{kind: integer, edges: []string{"2", "1", "12", "0", "13"}, random: func(r *rand.Rand) string { return fmt.Sprint(1 + r.IntN(12)) }})
	generate("dom", generator{kind: integer, edges: []string{"29", "1", "31", "0", "32"}, random: func(r *rand.Rand) string { return fmt.Sprint(1 + r.IntN(31)) }})
	generate("secs", generator{kind: integer, edges: []string{"0", "86399", "3661"}, random: func(r *rand.Rand) string { return fmt.Sprint(r.IntN(86400)) }})
}

// beyondTime is a difference to MariaDB alone, which gives NULL of what is no time any more, and has a year 0.
func beyondTime(_ call, other dialect, here, there answer) bool {
	return other == mariadb && here.code == "22008" && (there.null || strings.HasPrefix(there.text, "0000"))
}

// Fields.
func init() {
	for _, f := range []string{"year", "quarter", "month", "day", "hour", "minute", "doy", "dow", "isodow", "week", "isoyear", "decade", "century", "millennium", "milliseconds", "microseconds", "epoch"} {
		add(line{name: "extract", ours: "extract(" + f + " from {ts})", postgres: same, gives: exact})
		add(line{name: "date_part", ours: "date_part('" + f + "', {ts})", postgres: same, gives: double})
	}
	for _, f := range []string{"year", "quarter", "month", "day", "hour", "minute", "decade", "century", "millennium", "milliseconds", "microseconds", "epoch"} {
		add(line{name: "extract", ours: "extract(" + f + " from {span})", postgres: same, gives: exact})
	}
	for _, f := range []string{"hour", "minute", "milliseconds", "microseconds", "epoch"} {
		add(line{name: "extract", ours: "extract(" + f + " from {clock})", postgres: same, gives: exact})
	}
	for _, f := range []string{"year", "quarter", "month", "day", "hour", "minute", "second"} {
		add(line{name: "extract", ours: "extract(" + f + " from {ts})", mariadb: same, gives: exact})
	}
	for _, f := range []string{"weekofyear", "dayname", "monthname", "to_days", "to_seconds", "microsecond", "dayofweek", "dayofyear", "weekday"} {
		add(line{name: f, ours: f + "({ts})", mariadb: same, gives: text})
	}
	for _, f := range []string{"microsecond", "second", "millisecond", "minute", "hour", "day", "week", "month", "quarter", "year", "decade", "century", "millennium"} {
		add(line{name: "date_trunc", ours: "date_trunc('" + f + "', {ts})", postgres: same, gives: moment, differs: either(inPostgres(func(c call) bool { return f == "microsecond" || strings.HasPrefix(c.args["ts"].text, "0001") }))})
	}
	add(
		line{name: "week", ours: "week({ts}, {mode})", mariadb: same, gives: bigint},
		line{name: "week", ours: "week({day})", mariadb: same, gives: bigint},
		line{name: "yearweek", ours: "yearweek({ts}, {mode})", mariadb: same, gives: bigint},
		line{name: "last_day", ours: "last_day({day})", mariadb: same, gives: day},
		line{name: "time_to_sec", ours: "time_to_sec({clock})", mariadb: "floor(time_to_sec({clock}))", gives: bigint},
		line{name: "sec_to_time", ours: "sec_to_time({secs})", mariadb: same, gives: clock},
		line{name: "timediff", ours: "timediff({clock}, {clock})", mariadb: same, gives: clock},
		line{name: "from_days", ours: "from_days(to_days({day}))", mariadb: same, gives: day},
	)
}

// Arithmetic.
func init() {
	add(
		line{name: "age", ours: "age({ts}, {then})", postgres: same, gives: timeSpan},
		line{name: "justify_days", ours: "justify_days({span})", postgres: same, gives: timeSpan},
		line{name: "justify_hours", ours: "justify_hours({span})", postgres: same, gives: timeSpan},
		line{name: "justify_interval", ours: "justify_interval({span})", postgres: same, gives: timeSpan},
		line{name: "date_bin", ours: "date_bin(interval '1 hour 17 minutes', {ts}, timestamp '2001-01-01 00:00:00')", postgres: same, gives: moment},
		line{name: "make_date", ours: "make_date({yr}, {mo}, {dom})", postgres: same, gives: day},
		line{name: "make_timestamp", ours: "make_timestamp({yr}, {mo}, {dom}, 23, 59, 59.5)", postgres: same, gives: moment},
		line{name: "make_interval", ours: "make_interval({months}, {n}, 0, 0, 1, 2, 3.5)", postgres: same, gives: timeSpan,
			differs: inPostgres(func(c call) bool { return len(c.args["n"].text) > 9 })},
		line{name: "convert_tz", ours: "convert_tz({ts}, '+02:00', '-05:30')", mariadb: same, gives: moment, differs: inMariaDB(func(c call) bool { y := c.args["ts"].text; return y < "1970-01-02" || y > "2037" })},
		line{name: "timestampadd", ours: "timestampadd(month, {months}, {ts})", mariadb: same, gives: moment, differs: beyondTime},
		line{name: "timestampadd", ours: "timestampadd(hour, {months}, {ts})", mariadb: same, gives: moment, differs: beyondTime},
		line{name: "date_add", ours: "date_add({day}, interval {months} month)", mariadb: same, gives: moment, differs: beyondTime},
		line{name: "subtime", ours: "subtime({ts}, '1 02:03:04.5')", mariadb: same, gives: moment, differs: beyondTime},
		line{name: "addtime", ours: "addtime({ts}, '1 02:03:04.5')", mariadb: same, gives: moment, differs: beyondTime},
		line{name: "datediff", ours: "datediff({day}, {dayb})", mariadb: same, postgres: "{day} - {dayb}", gives: bigint},
	)
}

// Texts.
func init() {
	for _, p := range []string{"YYYY-MM-DD HH24:MI:SS.US", "FMDay, DDth FMMonth YYYY", "Dy dy DY Mon mon MON", "IYYY-IW-ID IDDD", "Q CC WW W D DDD J", "HH12:MI:SS AM a.m.", "MS FF3 SSSSS", "Y,YYY YYY YY Y", "DAY day Day|MONTH|month|", `"at" FMHH24`} {
		add(line{name: "to_char", ours: "to_char({ts}, '" + p + "')", postgres: same, gives: text})
	}
	for _, p := range []string{"%Y-%m-%d %H:%i:%s.%f", "%D %b %M %a %W", "%U %u %V %v %X %x", "%k %l %h %p %r %T", "%j %w %c %e %y %%"} {
		add(line{name: "date_format", ours: "date_format({ts}, '" + p + "')", mariadb: same, gives: text})
	}
	for _, p := range []string{"%Y-%m-%d %H:%i:%s.%f", "%d.%m.%Y", "%M %e %Y %h:%i %p"} {
		add(line{name: "str_to_date", ours: "str_to_date(date_format({ts}, '" + p + "'), '" + p + "')", mariadb: same, gives: moment})
	}
	add(
		line{name: "to_timestamp", ours: "to_timestamp(to_char({ts}, 'YYYY-MM-DD HH24:MI:SS.US'), 'YYYY-MM-DD HH24:MI:SS.US')",
			postgres: "to_timestamp(to_char({ts}, 'YYYY-MM-DD HH24:MI:SS.US'), 'YYYY-MM-DD HH24:MI:SS.US')::timestamp", gives: moment},
		line{name: "to_date", ours: "to_date(to_char({day}, 'DD Mon YYYY'), 'DD Mon YYYY')", postgres: same, gives: day},
		line{name: "to_timestamp", ours: "to_timestamp({months})", postgres: same, gives: zonedTime},
	)
}
