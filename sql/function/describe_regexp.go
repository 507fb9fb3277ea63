package function

// What users read of the functions in scalar_regexp.go.

func init() {
	const (
		wrong   = "2201B where the pattern is none, 22023 of other flags."
		differs = "Classes such as [[:alpha:]] are of ASCII, \\pL is every letter; PostgreSQL's . is a newline too, and its flags m and n mean another thing. " +
			"MariaDB's $ is in front of a newline at the end too. An empty match right behind another one does not count, which it does in PostgreSQL."
	)
	describe(Patterns,
		Description{Name: "regexp_like", Form: "regexp_like(s, pattern[, flags])",
			Text: "Whether a part of it matches; flags are i, c, m and n, as in MySQL.", Example: "regexp_like('Abc', '^a.c$', 'i')", Gives: "t",
			Follows: MySQL, Nulls: wrong, Differs: differs},
		Description{Name: "similar_to", Form: "s SIMILAR TO pattern [ESCAPE character]",
			Text: "Whether all of a text is like a pattern: % and _ as in LIKE, and | * + ? {n,m} ( ) [ ] as in regular expressions. The character behind " +
				"\\, or behind another one, stands for itself.",
			Example: "'abc' SIMILAR TO '%(b|d)%'", Gives: "t", Follows: PostgreSQL, Nulls: "2201B where the pattern is none, 22019 of a longer ESCAPE.",
			Differs: "Classes such as [[:alpha:]] are of ASCII."},
		Description{Name: "regexp_count", Form: "regexp_count(s, pattern[, from[, flags]])", Text: "How many parts match, from a place on.",
			Example: "regexp_count('a1b22c', '[0-9]+')", Gives: "2", Follows: PostgreSQL, Nulls: wrong, Differs: differs},
		Description{Name: "regexp_substr", Form: "regexp_substr(s, pattern[, from[, n[, flags]]])",
			Text: "The n-th part that matches, from a place on, which ^ takes for the beginning.", Example: "regexp_substr('a1b22c', '[0-9]+', 1, 2)",
			Gives: "22", Follows: MySQL, Nulls: "NULL where nothing does. " + wrong, Differs: differs + " MariaDB: empty where nothing matches."},
		Description{Name: "regexp_instr", Form: "regexp_instr(s, pattern[, from[, n[, end[, flags]]]])",
			Text: "Where the n-th part that matches begins, or what is behind it where end is 1.", Example: "regexp_instr('a1b22c', '[0-9]+', 1, 2)",
			Gives: "4", Follows: MySQL, Nulls: "0 where nothing does. " + wrong, Differs: differs},
		Description{Name: "regexp_match", Form: "regexp_match(s, pattern[, flags])",
			Text: "An array of the groups of the first match, of the match where there are no groups.", Example: "regexp_match('k=v', '(.)=(.)')",
			Gives: "{k,v}", Follows: PostgreSQL, Nulls: "NULL where nothing matches, and for a group that takes no part. " + wrong, Differs: differs},
		Description{Name: "regexp_extract_all", Form: "regexp_extract_all(s, pattern[, group])",
			Text:    "An array of a group of every match, the first group unless one is said; 0 is the whole match.",
			Example: "regexp_extract_all('a=1,b=2', '=([0-9]+)')", Gives: "{1,2}", Follows: Flink,
			Nulls: "Empty where nothing matches, NULL where there is no such group, and an empty text for a group that takes no part. " + wrong, Differs: differs},
		Description{Name: "regexp_matches", Form: "regexp_matches(s, pattern[, flags])",
			Text:    "Rows, in FROM or alone in a select list: an array of the groups of the first match, with the flag g of each match.",
			Follows: PostgreSQL, Nulls: "No rows where nothing matches. " + wrong, Differs: differs},
		Description{Name: "regexp_split_to_table", Form: "regexp_split_to_table(s, pattern[, flags])",
			Text: "Rows, in FROM or alone in a select list: what lies between the matches.", Follows: PostgreSQL, Nulls: wrong, Differs: differs},
		Description{Name: "regexp_split_to_array", Form: "regexp_split_to_array(s, pattern[, flags]), split(s, pattern)",
			Text: "An array of what lies between the matches.", Example: "split('a1b22c', '[0-9]+')", Gives: "{a,b,c}", Follows: PostgreSQL,
			Nulls: wrong, Differs: differs},
	)
}
