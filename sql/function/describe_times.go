package function

// What users read of functions of dates and times.

func init() {
	describe(Times,
		Description{Name: "year", Form: "year(t)", Text: "The year.", Example: "year(TIMESTAMP '2024-02-29 10:11:12')", Gives: "2024", Follows: MySQL},
		Description{Name: "quarter", Form: "quarter(t)", Text: "The quarter, 1 to 4.", Example: "quarter(DATE '2024-02-29')", Gives: "1", Follows: MySQL},
		Description{Name: "month", Form: "month(t)", Text: "The month, 1 to 12.", Example: "month(DATE '2024-02-29')", Gives: "2", Follows: MySQL},
		Description{Name: "dayofmonth", Form: "dayofmonth(t)", Text: "The day of the month.", Example: "day(DATE '2024-02-29')", Gives: "29", Follows: MySQL},
		Description{Name: "dayofyear", Form: "dayofyear(t)", Text: "The day of the year.", Example: "dayofyear(DATE '2024-02-29')", Gives: "60", Follows: MySQL},
		Description{Name: "dayofweek", Form: "dayofweek(t)", Text: "The day of the week, 1 for Sunday.", Example: "dayofweek(DATE '2024-02-29')", Gives: "5", Follows: MySQL},
		Description{Name: "weekday", Form: "weekday(t)", Text: "The day of the week, 0 for Monday.", Example: "weekday(DATE '2024-02-29')", Gives: "3", Follows: MySQL},
		Description{Name: "hour", Form: "hour(t)", Text: "The hour.", Example: "hour(TIMESTAMP '2024-02-29 10:11:12')", Gives: "10", Follows: MySQL},
		Description{Name: "minute", Form: "minute(t)", Text: "The minute.", Example: "minute(TIMESTAMP '2024-02-29 10:11:12')", Gives: "11", Follows: MySQL},
		Description{Name: "second", Form: "second(t)", Text: "The second, without its fraction.", Example: "second(TIMESTAMP '2024-02-29 10:11:12.9')", Gives: "12", Follows: MySQL},
		Description{Name: "extract", Form: "extract(unit FROM t)", Text: "YEAR, QUARTER, MONTH, DAY, DOY, HOUR, MINUTE or SECOND.", Example: "extract(DOY FROM DATE '2024-02-29')", Gives: "60", Follows: MySQL},
		Description{Name: "current_timestamp", Form: "current_timestamp, now()", Text: "The time of the batch, in the zone of the session or server.", Follows: Standard},
		Description{Name: "current_date", Form: "current_date, curdate()", Text: "The day of the batch, in the zone of the session or server.", Follows: Standard},
		Description{Name: "date_add", Form: "date_add(t, INTERVAL n unit)", Text: "A date or time, later.", Example: "date_add(DATE '2024-01-31', INTERVAL 1 MONTH)", Gives: "2024-02-29", Follows: MySQL, Nulls: "22008 beyond the years 1 to 9999."},
		Description{Name: "date_sub", Form: "date_sub(t, INTERVAL n unit)", Text: "A date or time, earlier.", Example: "date_sub(DATE '2024-03-31', INTERVAL 1 MONTH)", Gives: "2024-02-29", Follows: MySQL, Nulls: "22008 beyond the years 1 to 9999."},
		Description{Name: "datediff", Form: "datediff(a, b)", Text: "Days from b to a.", Example: "datediff('2024-03-01', '2024-02-01')", Gives: "29", Follows: MySQL},
		Description{Name: "timestampdiff", Form: "timestampdiff(unit, a, b)", Text: "Whole units from a to b.", Example: "timestampdiff(MONTH, '2024-01-31', '2024-03-01')", Gives: "1", Follows: MySQL},
		Description{Name: "date_trunc", Form: "date_trunc(unit, t)", Text: "The beginning of the unit in which a time lies.", Example: "date_trunc('month', TIMESTAMP '2024-02-29 10:11:12')", Gives: "2024-02-01 00:00:00.000", Follows: PostgreSQL},
		Description{Name: "date_format", Form: "date_format(t, pattern)", Text: "A text by MySQL's pattern (%Y-%m-%d) or Java's (yyyy-MM-dd).", Example: "date_format(TIMESTAMP '2024-02-29 10:11:12', '%Y/%m/%d %H:%i')", Gives: "2024/02/29 10:11", Follows: MySQL},
		Description{Name: "to_date", Form: "to_date(s)", Text: "The date that a text is.", Example: "to_date('2024-02-29')", Gives: "2024-02-29", Follows: Hive, Nulls: "22007 where it is none."},
		Description{Name: "to_timestamp", Form: "to_timestamp(s)", Text: "The time that a text is.", Example: "to_timestamp('2024-02-29 10:11:12')", Gives: "2024-02-29 10:11:12.000", Follows: Flink, Nulls: "22007 where it is none."},
		Description{Name: "unix_timestamp", Form: "unix_timestamp(t)", Text: "Seconds since 1970.", Example: "unix_timestamp(TIMESTAMP '1970-01-02 00:00:00')", Gives: "86400", Follows: MySQL},
		Description{Name: "from_unixtime", Form: "from_unixtime(n)", Text: "The text of the time so many seconds after 1970 began.", Example: "from_unixtime(0)", Gives: "1970-01-01 00:00:00", Follows: MySQL},
	)
}
