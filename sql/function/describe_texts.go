package function

// What users read of functions of texts.

func init() {
	describe(Texts,
		Description{Name: "upper", Form: "upper(s)", Text: "In capitals.", Example: "upper('äb')", Gives: "ÄB", Follows: Standard},
		Description{Name: "lower", Form: "lower(s)", Text: "In small letters.", Example: "lower('ÄB')", Gives: "äb", Follows: Standard},
		Description{Name: "trim", Form: "trim(s), trim([BOTH | LEADING | TRAILING] [part] FROM s)",
			Text: "Without blanks, or a part as often as it stands there, at both ends or one.", Example: "trim(LEADING 'ab' FROM 'ababc')", Gives: "c",
			Follows: MySQL, Differs: "PostgreSQL takes any of the part's characters away: BTRIM."},
		Description{Name: "reverse", Form: "reverse(s)", Text: "The characters in the other order.", Example: "reverse('abc')", Gives: "cba",
			Follows: Standard},
		Description{Name: "char_length", Form: "char_length(s)", Text: "How many characters it has.", Example: "char_length('中文')", Gives: "2",
			Follows: Standard, Differs: "MySQL's LENGTH counts bytes: OCTET_LENGTH."},
		Description{Name: "octet_length", Form: "octet_length(s)", Text: "How many bytes it has.", Example: "octet_length('中文')", Gives: "6",
			Follows: Standard},
		Description{Name: "ascii", Form: "ascii(s)", Text: "The number of the first byte, 0 of an empty text.", Example: "ascii('A')", Gives: "65",
			Follows: MySQL, Differs: "PostgreSQL gives the code point of the first character."},
		Description{Name: "concat", Form: "concat(x, …), a || b", Text: "One behind the other; values of other types as their text.",
			Example: "concat('a', 5)", Gives: "a5", Follows: MySQL, Nulls: "NULL where one is.",
			Differs: "PostgreSQL's concat leaves NULLs out, and has no 2-argument form for arrays."},
		Description{Name: "concat_ws", Form: "concat_ws(by, x, …)", Text: "One behind the other with by in between; NULLs are left out.",
			Example: "concat_ws('-', 'a', NULL, 'b')", Gives: "a-b", Follows: Standard, Nulls: "NULL only where by is."},
		Description{Name: "substring", Form: "substring(s, from[, n]), substring(s FROM from FOR n), substring(s FROM pattern [FOR escape])",
			Text: "n characters from a place, counted from 1, or from the end where it is negative. Of a pattern it is the first group of the first " +
				"match of a regular expression, the match where there are no groups; with an escape character the part of a pattern of SIMILAR TO " +
				"that stands between two times that character with a double quote, also written SUBSTRING(s SIMILAR pattern ESCAPE escape).", Example: "substring('abcdef', -3, 2)",
			Gives: "de", Follows: MySQL, Nulls: "Empty where from is 0 or n is not positive; NULL where a pattern does not match.",
			Differs: "PostgreSQL counts places before the first too, and a negative n is 22011; of patterns as REGEXP_MATCH."},
		Description{Name: "left", Form: "left(s, n)", Text: "The first n characters.", Example: "left('abcdef', 2)", Gives: "ab", Follows: MySQL,
			Nulls: "Empty where n is negative.", Differs: "PostgreSQL: a negative n leaves so many out at the end."},
		Description{Name: "right", Form: "right(s, n)", Text: "The last n characters.", Example: "right('abcdef', 2)", Gives: "ef", Follows: MySQL,
			Nulls: "Empty where n is negative.", Differs: "PostgreSQL: a negative n leaves so many out at the beginning."},
		Description{Name: "repeat", Form: "repeat(s, n)", Text: "n times.", Example: "repeat('ab', 3)", Gives: "ababab", Follows: Standard,
			Nulls: "Empty where n is not positive."},
		Description{Name: "lpad", Form: "lpad(s, n[, fill])", Text: "Filled up at the beginning, or cut at the end, to n characters.",
			Example: "lpad('7', 3, '0')", Gives: "007", Follows: MySQL,
			Nulls:   "NULL where n is negative; empty where fill is empty and there is something to fill.",
			Differs: "PostgreSQL: empty where n is negative, and not filled where fill is empty; MariaDB: NULL where fill is empty and needed."},
		Description{Name: "rpad", Form: "rpad(s, n[, fill])", Text: "Filled up, or cut, at the end, to n characters.", Example: "rpad('7', 3, '0')",
			Gives: "700", Follows: MySQL, Nulls: "NULL where n is negative; empty where fill is empty and there is something to fill.",
			Differs: "PostgreSQL: empty where n is negative, and not filled where fill is empty; MariaDB: NULL where fill is empty and needed."},
		Description{Name: "replace", Form: "replace(s, old, new)", Text: "With new in place of every old.", Example: "replace('abab', 'a', 'xy')",
			Gives: "xybxyb", Follows: Standard, Differs: "MariaDB gives s where nothing is replaced, be new NULL or not."},
		Description{Name: "instr", Form: "instr(s, part)", Text: "Where a part first stands, counted from 1; 0 where it does not.",
			Example: "instr('xay', 'a')", Gives: "2", Follows: MySQL},
		Description{Name: "locate", Form: "locate(part, s[, from]), position(part IN s)",
			Text: "Where a part first stands, from a place on; 0 where it does not.", Example: "locate('a', 'xaya', 3)", Gives: "4", Follows: MySQL,
			Differs: "MariaDB counts bytes where the part is empty, up to the end."},
		Description{Name: "split_index", Form: "split_index(s, by, n)", Text: "Part n, counted from 0, of those that by separates.",
			Example: "split_index('a,b,c', ',', 1)", Gives: "b", Follows: Flink, Nulls: "NULL where there is no such part."},
	)
	describe(Patterns,
		Description{Name: "regexp_replace", Form: "regexp_replace(s, pattern, by[, flags]), regexp_replace(s, pattern, by, from[, n[, flags]])",
			Text: "With by in place of every match; $1 stands for a group. With flags behind it, it is PostgreSQL's: the first match is replaced, " +
				"with the flag g all of them, and \\1 and \\& stand for a group and for the match. With numbers it is MySQL's: match n from a place " +
				"on, all of them where n is 0 or missing. Flags are i, c, m and n, as in MySQL.",
			Example: "regexp_replace('1-2', '([0-9])', '<$1>')", Gives: "<1>-<2>", Follows: Hive, Nulls: "2201B where the pattern is none, 22023 of other flags.",
			Differs: "Without flags PostgreSQL replaces the first match only and writes groups \\1, as MariaDB does; with numbers and no n " +
				"PostgreSQL replaces one match. Patterns are RE2's everywhere here, without back references; . is no newline unless the flag n says so, which " +
				"it is in PostgreSQL, and an empty match right behind another one does not count."},
		Description{Name: "regexp_extract", Form: "regexp_extract(s, pattern[, group])",
			Text:    "A group of the first match, the first group unless one is said; 0 is the whole match.",
			Example: "regexp_extract('a=12', '=([0-9]+)', 1)", Gives: "12", Follows: Hive,
			Nulls: "NULL where nothing matches, and empty where the group takes no part.", Differs: "Hive: empty where nothing matches."},
	)
}
