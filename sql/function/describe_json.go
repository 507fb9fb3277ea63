package function

// What users read of functions of JSON.

const (
	noJSON = "NULL where the text is no JSON. 22023 where the path is none."
	// withClauses says what an error is to the clauses.
	withClauses = "With ON ERROR a text that is no JSON is an error, as are several values, what cannot be converted, and what a strict path lacks: 22032, 22034, 22035, 2203F."
	badJSON     = "22P02 where the text is no JSON."
)

func init() {
	describe(JSON,
		Description{Name: "json_value", Form: "json_value(json, path [RETURNING type] [x ON EMPTY] [x ON ERROR])",
			Text:    "What stands at a path, a text without its quotes. RETURNING reads it as a type. ON EMPTY says what stands for nothing, ON ERROR for an error: NULL, ERROR, or DEFAULT and a value.",
			Example: `json_value('{"a":{"b":[5,7]}}', '$.a.b[1]')`, Gives: "7", Follows: MySQL, Nulls: "NULL where nothing or null stands there. " + noJSON + " " + withClauses,
			Differs: "Without clauses, an object or an array is given as its text, as in MySQL and Hive; PostgreSQL, Flink and MariaDB give NULL. With clauses it is an error, as in the SQL standard, unless JSON is returned, as in MySQL. MariaDB has no clauses, gives true and false as 1 and 0, and the first of members of one name."},
		Description{Name: "json_query", Form: "json_query(json, path [RETURNING type] [WITH [CONDITIONAL] WRAPPER] [KEEP QUOTES, OMIT QUOTES] [x ON EMPTY] [x ON ERROR])",
			Text:    "The object or array at a path, as JSON, or as the array, the map, the row or the text that RETURNING says. WITH WRAPPER puts all that is there into an array, CONDITIONAL unless it is one object or array. ON EMPTY and ON ERROR also take EMPTY ARRAY and EMPTY OBJECT.",
			Example: `json_query('{"a":[1,2]}', '$.a')`, Gives: "[1,2]", Follows: Flink, Nulls: "NULL where it is a scalar, unless KEEP QUOTES or OMIT QUOTES says how it is given. " + noJSON + " " + withClauses,
			Differs: "PostgreSQL gives a scalar as it is, also with CONDITIONAL WRAPPER. MariaDB has no clauses, and gives the first of members of one name."},
		Description{Name: "json_exists", Form: "json_exists(json, path [x ON ERROR])",
			Text:    "Whether a path leads to something. ON ERROR takes TRUE, FALSE, UNKNOWN and ERROR.",
			Example: `json_exists('{"a":null}', '$.a')`, Gives: "t", Follows: MySQL, Nulls: noJSON,
			Differs: "MariaDB: false where the text is no JSON."},
		Description{Name: "json_extract", Form: "json_extract(json, path, …)",
			Text:    "What stands at a path, as JSON; of several paths, or of one with *, an array.",
			Example: `json_extract('{"a":"x","b":2}', '$.a', '$.b')`, Gives: `["x",2]`, Follows: MySQL,
			Nulls:   "NULL where nothing stands there. " + noJSON,
			Differs: "MariaDB takes a scalar for an array of one, gives the first of members of one name, and the values in the order of the text."},
		Description{Name: "json_unquote", Form: "json_unquote(s)", Text: "What a JSON string says; any other text as it is.",
			Example: `json_unquote('"a\u0062"')`, Gives: "ab", Follows: MySQL,
			Differs: "MariaDB leaves a text in quotes that is no JSON without its quotes."},
		Description{Name: "json_quote", Form: "json_quote(s)", Text: "The text as a JSON string.", Example: `json_quote('a"b')`,
			Gives: `"a\"b"`, Follows: MySQL},
		Description{Name: "json_valid", Form: "json_valid(s), s IS [NOT] JSON [VALUE | OBJECT | ARRAY | SCALAR]",
			Text: "Whether the text is JSON.", Example: `json_valid('{"a":1}')`, Gives: "t", Follows: MySQL},
		Description{Name: "json_type", Form: "json_type(json)", Text: "OBJECT, ARRAY, STRING, INTEGER, DOUBLE, BOOLEAN or NULL.",
			Example: `json_type('[1]')`, Gives: "ARRAY", Follows: MySQL, Nulls: "NULL where the text is no JSON.",
			Differs: "MariaDB: 1e3 is INTEGER."},
		Description{Name: "json_length", Form: "json_length(json[, path])", Text: "How many elements or members; of a scalar 1.",
			Example: `json_length('[1,[2,3]]')`, Gives: "2", Follows: MySQL, Nulls: "NULL where nothing stands there. " + noJSON},
		Description{Name: "json_keys", Form: "json_keys(json[, path])", Text: "The names of the members, as a JSON array.",
			Example: `json_keys('{"b":1,"a":2}')`, Gives: `["b","a"]`, Follows: MySQL, Nulls: "NULL where it is no object. " + noJSON,
			Differs: "MySQL orders them by length; MariaDB gives each name once."},
		Description{Name: "json_object", Form: "json_object(name, value, …)", Text: "An object of names and values in turn.",
			Example: `json_object('a', 1, 'b', NULL)`, Gives: `{"a":1,"b":null}`, Follows: MySQL,
			Nulls: "NULL as a value is null; 22023 as a name."},
		Description{Name: "json_array", Form: "json_array(value, …)", Text: "An array of the values.", Example: `json_array(1, 'a', NULL)`,
			Gives: `[1,"a",null]`, Follows: MySQL, Nulls: "NULL is null."},
		Description{Name: "json_build_object", Form: "json_build_object(name, value, …)", Text: "An object of names and values in turn.",
			Example: `json_build_object('a', ARRAY[1, 2])`, Gives: `{"a":[1,2]}`, Follows: PostgreSQL,
			Nulls: "NULL as a value is null; 22023 as a name."},
		Description{Name: "json_build_array", Form: "json_build_array(value, …)", Text: "An array of the values.",
			Example: `json_build_array(1, TRUE)`, Gives: `[1,true]`, Follows: PostgreSQL, Nulls: "NULL is null."},
		Description{Name: "to_json", Form: "to_json(x)",
			Text:    "The value as JSON: a text as a string, an array, a map or a row as it is written in records.",
			Example: "to_json(ARRAY['a', NULL])", Gives: `["a",null]`, Follows: PostgreSQL,
			Differs: "PostgreSQL writes a timestamp with T."},
		Description{Name: "json_extract_path", Form: "json_extract_path(json, name, …), json -> name -> …",
			Text:    "What stands behind names, and numbers of elements from 0, as JSON.",
			Example: `json_extract_path('{"a":[5,"x"]}', 'a', '1')`, Gives: `"x"`, Follows: PostgreSQL,
			Nulls: "NULL where nothing stands there. " + badJSON},
		Description{Name: "json_extract_path_text", Form: "json_extract_path_text(json, name, …), json ->> name",
			Text: "The same as text, a string without its quotes.", Example: `json_extract_path_text('{"a":[5,"x"]}', 'a', '1')`, Gives: "x",
			Follows: PostgreSQL,
			Nulls:   "NULL where nothing or null stands there. " + badJSON},
		Description{Name: "json_array_length", Form: "json_array_length(json)", Text: "How many elements.",
			Example: "json_array_length('[1,2]')", Gives: "2", Follows: PostgreSQL, Nulls: "22023 of what is no array. " + badJSON},
		Description{Name: "json_typeof", Form: "json_typeof(json)", Text: "object, array, string, number, boolean or null.",
			Example: "json_typeof('1.5')", Gives: "number", Follows: PostgreSQL, Nulls: badJSON},
	)
}
