package session

import "slipway/sql/types"

// typeDescribed is what the page of types says of one: the rest is computed.
type typeDescribed struct {
	typ  types.Type
	text string
	// example is a value as text, literal an expression that gives it.
	example, literal string
	// least and most are the ends of what it holds; beyond is refused.
	least, most, beyond string
	differs             string // from PostgreSQL and MySQL
}

var typesDescribed = []typeDescribed{
	{typ: types.Of(types.Boolean), text: "True and false. A text becomes one by PostgreSQL's words: `true yes on 1 t`, `false no off 0 f`.",
		example: "true", literal: "TRUE", beyond: "2",
		differs: "MySQL's is an integer of one byte; here it is not compared with numbers, CAST(x AS INT) = 1 is."},
	{typ: types.Of(types.TinyInt), text: "Whole numbers of 8 bits. UNSIGNED is a SMALLINT, which takes negative numbers too.", example: "-17",
		literal: "CAST(-17 AS TINYINT)", least: "-128", most: "127", beyond: "128",
		differs: "PostgreSQL has none; clients get it as int2. MySQL's arithmetic wraps or clips in some modes; here what leaves the type " +
			"is error 22003."},
	{typ: types.Of(types.SmallInt), text: "Whole numbers of 16 bits. UNSIGNED is an INT.", example: "-17", literal: "CAST(-17 AS SMALLINT)",
		least: "-32768", most: "32767", beyond: "32768",
		differs: "in arithmetic it is a BIGINT, as all integers; PostgreSQL's result keeps the wider of two types and overflows there."},
	{typ: types.Of(types.Int), text: "Whole numbers of 32 bits. UNSIGNED is a BIGINT.", example: "-17", literal: "CAST(-17 AS INT)",
		least: "-2147483648", most: "2147483647", beyond: "2147483648",
		differs: "as SMALLINT; `/` of two integers is a DOUBLE, as in MySQL and Hive, `div` cuts."},
	{typ: types.Of(types.BigInt), text: "Whole numbers of 64 bits. UNSIGNED is DECIMAL(20,0).", example: "9000000000", literal: "9000000000",
		least: "-9223372036854775808", most: "9223372036854775807",
		beyond: "9223372036854775808", differs: "as INT."},
	{typ: types.Of(types.Float),
		text: "Binary numbers of 32 bits, NaN and the infinities. The text is the shortest that reads back as the same.", example: "0.1",
		literal: "CAST(0.1 AS FLOAT)",
		least:   "-3.4028235e+38", most: "3.4028235e+38", beyond: "1e39",
		differs: "MySQL has neither NaN nor infinities. NaN equals itself and is the greatest number, as in PostgreSQL."},
	{typ: types.Of(types.Double), text: "Binary numbers of 64 bits, NaN and the infinities. A number with an exponent is one.",
		example: "0.0015", literal: "1.5e-3", least: "-1.7976931348623157e+308",
		most: "1.7976931348623157e+308", beyond: "1e309", differs: "as FLOAT; what is too small is zero where it is computed, not error 22003."},
	{typ: types.NewDecimal(10, 2),
		text: "`DECIMAL(p,s)`: exact numbers of up to p digits, s of them behind the point, p at most 38; DECIMAL alone is " +
			"DECIMAL(10,0). A number with a point is one.",
		example: "1.5",
		literal: "CAST(1.5 AS DECIMAL(10,2))", least: "-99999999.99", most: "99999999.99", beyond: "100000000",
		differs: "PostgreSQL's has up to 131072 digits and NaN, MySQL's 65. NUMERIC without digits keeps those of its value in CAST. Up to " +
			"18 digits take 8 bytes, more take 16."},
	{typ: types.Of(types.String), text: "Text of UTF-8 of any length.", example: `a "b"`, literal: `'a "b"'`,
		differs: "MySQL compares without regard to case, and blanks at the end do not count; here every byte counts, as in PostgreSQL with " +
			"the collation C."},
	{typ: types.Of(types.Varchar).WithLength(20), text: "`VARCHAR(n)`: text of at most n characters; without n as STRING.", example: "ab",
		literal: "CAST('ab' AS VARCHAR(20))",
		differs: "what is too long is refused (22001) by CAST too, where PostgreSQL cuts it."},
	{typ: types.Of(types.Char).WithLength(4), text: "`CHAR(n)`: as `VARCHAR(n)`, without a length as STRING.", example: "ab",
		literal: "CAST('ab' AS CHAR(4))",
		differs: "it is not filled up with blanks, and those that are there count in comparisons; CHAR alone is of one character in " +
			"PostgreSQL and MySQL."},
	{typ: types.Of(types.Binary), text: "Bytes. In JSON they stand as the text that they are in UTF-8; what is none is refused there (22021).",
		example: "a", literal: "X'61'",
		differs: "PostgreSQL reads `\\x61` as a hexadecimal text; here a parameter is read so, and CAST takes the characters."},
	{typ: types.Of(types.Date), text: "Days of the Gregorian calendar.", example: "2026-01-31", literal: "DATE '2026-01-31'",
		least: "0001-01-01", most: "9999-12-31", beyond: "10000-01-01",
		differs: "PostgreSQL's goes from 4713 BC to 5874897 and has infinity; MySQL's has the day zero."},
	{typ: types.NewTimestamp(3),
		text: "`TIMESTAMP(p)`: a day and a time without a zone, with p digits of a second, 0 to 6, 3 unless said. In JSON records it " +
			"may be a number (`timeformat`).",
		example: "2026-01-31 10:00:00.123",
		literal: "CAST('2026-01-31 10:00:00.123' AS TIMESTAMP)", least: "0001-01-01 00:00:00.000", most: "9999-12-31 23:59:59.999",
		beyond: "10000-01-01 00:00:00",
		differs: "a zone in the text counts and brings it to UTC, where PostgreSQL leaves it out; digits that are too many are cut, not " +
			"rounded, so that no time moves into the next window. PostgreSQL's has 6 digits unless said, MySQL's none."},
	{typ: types.NewTimestampTZ(3),
		text:    "A moment; the zone that it was written with is not kept. It is shown in the zone of the session, in records in UTC.",
		example: "2026-01-31 10:00:00.123+00",
		literal: "TIMESTAMPTZ(3) '2026-01-31 11:00:00.123+01'", least: "0001-01-01 00:00:00.000+00", most: "9999-12-31 23:59:59.999+00",
		beyond:  "10000-01-01 00:00:00+00",
		differs: "abbreviations of zones, such as EDT, are not read. MySQL's TIMESTAMP is one, from 1970 to 2038."},
	{typ: types.NewTime(0), text: "`TIME(p)`: a time of day without a zone, p = 0 unless said.", example: "10:00:00",
		literal: "CAST('10:00:00' AS TIME)", least: "00:00:00", most: "23:59:59", beyond: "24:00:00",
		differs: "PostgreSQL takes 24:00:00; MySQL's goes to 838 hours, which is an INTERVAL here. TIME WITH TIME ZONE is refused."},
	{typ: types.Of(types.Interval), text: "Months, days and microseconds.", example: "1 year 2 mons 3 days 04:05:06.7",
		literal: "INTERVAL '1 year 2 mons 3 days 04:05:06.7'", beyond: "1 foo",
		differs: "it ends at some 290,000 years. Compared, a month is 30 days and a day 24 hours, as in PostgreSQL; MySQL has no such " +
			"values, but takes INTERVAL n DAY in arithmetic."},
	{typ: types.Of(types.UUID), text: "16 bytes, written as 36 characters and ordered as bytes.", example: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
		literal: "UUID '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}'", least: "00000000-0000-0000-0000-000000000000",
		most: "ffffffff-ffff-ffff-ffff-ffffffffffff", beyond: "a0eebc99-9c0b-4ef8-bb6d",
		differs: "a text that is no constant becomes one by CAST alone; MySQL has functions of BINARY(16) in its place."},
	{typ: types.Of(types.JSON), text: "Text that is JSON by RFC 8259, as it was given but for blanks around it. " +
		"A member of a JSON record that is null is NULL: JSON's null on its own does not come back from there.", example: `{"a":[1,null]}`,
		literal: `JSON '{"a":[1,null]}'`, beyond: "{",
		differs: "it is PostgreSQL's json, not jsonb, which it is also called: two values are compared as texts."},
	{typ: types.NewArray(types.Of(types.Int)),
		text: "`ARRAY<t>`, `t[]`: values of one type, some of them NULL, counted from 1. They are ordered by the first that differs, " +
			"then by length; within, NULL equals NULL and is the greatest.",
		example: "{1,2,NULL}", literal: "CAST(ARRAY[1, 2, NULL] AS INT[])", beyond: "{1",
		differs: "an element may be an array of another length than its neighbours; PostgreSQL has one array of several dimensions, and " +
			"clients get such in text alone. MySQL has none."},
	{typ: types.NewMap(types.Of(types.String), types.Of(types.Int)),
		text: "`MAP<k,v>`: values by key, no key NULL or there twice: of two the last counts. Two are equal if they have the same " +
			"entries; there is an order, by keys and values in turn, for ORDER BY, not for MIN and MAX.",
		example: `{"b":2,"a":null}`, literal: "MAP['b', 2, 'a', NULL]", beyond: `[1]`, differs: "neither PostgreSQL nor MySQL has it."},
	{typ: types.NewStruct(types.Field{Name: "x", Type: types.Of(types.Int)}, types.Field{Name: "y", Type: types.Of(types.String)}),
		text:    "`STRUCT<name: t, …>`: fields by name, `s.x`. They are ordered by the first field that differs.",
		example: `(1,"a b")`, literal: "CAST(ROW(1, 'a b') AS STRUCT<x: INT, y: STRING>)", beyond: "(1)",
		differs: "a type without a name of its own, where PostgreSQL has CREATE TYPE; a STRUCT whose fields are all NULL is not NULL. " +
			"Clients get the fields without their names, or JSON with them (`SET slipway.struct.form = json`)."},
}

const typesFoot = `
## What is not there

- TIME WITH TIME ZONE, MONEY, BIT, ENUM, SET and YEAR are refused by name (0A000).
- Integers that are UNSIGNED are of the next wider type, which takes negative numbers too.
`
