package functions

import "time"

// Parts of times, and times made of them.
func init() {
	for _, f := range []string{"year", "quarter", "month", "dayofmonth", "hour", "minute", "second"} {
		add(line{name: f, ours: f + "({ts})", mariadb: same, gives: bigint})
	}
	for _, unit := range []string{"microsecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"} {
		add(line{name: "timestampdiff", ours: "timestampdiff(" + unit + ", {then}, {ts})", mariadb: same, gives: bigint})
	}
	add(
		line{name: "date", ours: "date({ts})", mariadb: same, gives: day},
		line{name: "time", ours: "time({ts})", mariadb: same, gives: clock},
		line{name: "timestamp", ours: "timestamp({day})", mariadb: same, gives: moment},
		line{name: "timestamp", ours: "timestamp({day}, '23:59:59.5')", mariadb: same, gives: moment, differs: beyondTime},
		line{name: "date_sub", ours: "date_sub({day}, interval {months} month)", mariadb: same, gives: moment, differs: beyondTime},
		line{name: "date_sub", ours: "date_sub({ts}, interval {months} hour)", mariadb: same, gives: moment, differs: beyondTime},
		line{name: "from_unixtime", ours: "from_unixtime({secs})", mariadb: "cast(from_unixtime({secs}) as char)", gives: text},
		line{name: "unix_timestamp", ours: "unix_timestamp(date_add(timestamp '1970-01-02 00:00:00', interval {secs} second))", mariadb: same, gives: bigint},
		line{name: "add_months", ours: "add_months({day}, {months})", mariadb: same, gives: day, differs: either(beyondTime, inMariaDB(func(c call) bool { return endsMonth(c.args["day"].text) }))},
		line{name: "make_time", ours: "make_time({mo}, {dom}, 59.5)", postgres: same, gives: clock},
		line{name: "make_timestamptz", ours: "make_timestamptz({yr}, {mo}, {dom}, 23, 59, 59.5, {zone})", postgres: same, gives: zonedTime},
	)
}

// endsMonth tells the last day of a month.
func endsMonth(day string) bool {
	t, err := time.Parse("2006-01-02", day)
	return err == nil && t.AddDate(0, 0, 1).Day() == 1
}
