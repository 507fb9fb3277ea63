package function

// What users read of PostgreSQL's operators of jsonb and of arrays.

const (
	badPath  = "22004 of NULL in a path, 22P02 of a step into an array that is no number, 22023 of a scalar. " + badJSON
	inOrders = "What is made has the members in PostgreSQL's order, by length and then by bytes, the last of one name."
)

func init() {
	describe(JSON,
		Description{Name: "jsonb_contains", Form: "json @> json, jsonb_contains(json, json)",
			Text:    "Whether the first contains the second: members of objects at every depth, elements of arrays in any order.",
			Example: `jsonb_contains('{"a":[1,2],"b":0}', '{"a":[2]}')`, Gives: "t", Follows: PostgreSQL, Nulls: badJSON},
		Description{Name: "jsonb_contained", Form: "json <@ json, jsonb_contained(json, json)", Text: "Whether the second contains the first.",
			Example: `jsonb_contained('[2]', '[1,2]')`, Gives: "t", Follows: PostgreSQL, Nulls: badJSON},
		Description{Name: "jsonb_exists", Form: "json ? name, jsonb_exists(json, name)", Text: "Whether it has a member, or a text among its elements.",
			Example: `jsonb_exists('{"a":1}', 'a')`, Gives: "t", Follows: PostgreSQL, Nulls: badJSON},
		Description{Name: "jsonb_exists_any", Form: "json ?| names, jsonb_exists_any(json, names)", Text: "Whether it has one of them.",
			Example: `jsonb_exists_any('{"a":1}', ARRAY['a', 'b'])`, Gives: "t", Follows: PostgreSQL, Nulls: "NULL among the names is left out. " + badJSON},
		Description{Name: "jsonb_exists_all", Form: "json ?& names, jsonb_exists_all(json, names)", Text: "Whether it has all of them.",
			Example: `jsonb_exists_all('{"a":1}', ARRAY['a', 'b'])`, Gives: "f", Follows: PostgreSQL, Nulls: "NULL among the names is left out. " + badJSON},
		Description{Name: "jsonb_concat", Form: "json || json, jsonb_concat(json, json)",
			Text:    "The members of both objects, those of the second before those of the first; else the elements of both. " + inOrders,
			Example: `jsonb_concat('{"a":1,"b":1}', '{"b":2}')`, Gives: `{"a":1,"b":2}`, Follows: PostgreSQL, Nulls: badJSON,
			Differs: "PostgreSQL reads a constant text beside || as jsonb, or with json as a text; here one that is an object or an array is JSON, and any other a text."},
		Description{Name: "jsonb_delete", Form: "json - name, json - number, json - names, jsonb_delete(json, …)",
			Text:    "Without a member, or without the elements that are the text; without an element by its number from 0, or from -1 at the end. " + inOrders,
			Example: `jsonb_delete('{"a":1,"b":2}', 'a')`, Gives: `{"b":2}`, Follows: PostgreSQL, Nulls: "22023 of a scalar, and of an object and a number. " + badJSON},
		Description{Name: "jsonb_delete_path", Form: "json #- names, jsonb_delete_path(json, names)", Text: "Without what a path leads to. " + inOrders,
			Example: `jsonb_delete_path('{"a":[5,6]}', '{a,0}')`, Gives: `{"a":[6]}`, Follows: PostgreSQL, Nulls: badPath},
		Description{Name: "jsonb_set", Form: "jsonb_set(json, names, new[, create])",
			Text:    "With new where a path leads to; its last step is made if it is not there, unless create is false. " + inOrders,
			Example: `jsonb_set('{"a":[5,6]}', '{a,1}', '7')`, Gives: `{"a":[5,7]}`, Follows: PostgreSQL, Nulls: badPath},
		Description{Name: "jsonb_insert", Form: "jsonb_insert(json, names, new[, after])",
			Text:    "With new before the element that a path leads to, or after it, or as a new member. " + inOrders,
			Example: `jsonb_insert('{"a":[5,6]}', '{a,1}', '7')`, Gives: `{"a":[5,7,6]}`, Follows: PostgreSQL, Nulls: "22023 where the member is there. " + badPath},
		Description{Name: "jsonb_pretty", Form: "jsonb_pretty(json)", Text: "JSON in lines, four blanks further in at each level.",
			Example: "jsonb_pretty('[1]')", Gives: "[\n    1\n]", Follows: PostgreSQL, Nulls: badJSON,
			Differs: "A number with an exponent beyond 400 stays as it is written."},
		Description{Name: "json_strip_nulls", Form: "json_strip_nulls(json)", Text: "Without members that are null, at every depth. " + inOrders,
			Example: `json_strip_nulls('{"a":null,"b":[null]}')`, Gives: `{"b":[null]}`, Follows: PostgreSQL, Nulls: badJSON},
	)
	describe(Collections,
		Description{Name: "arraycontains", Form: "a @> b, arraycontains(a, b)", Text: "Whether each element of b is one of a.",
			Example: "arraycontains(ARRAY[1, 2, 3], ARRAY[3, 1])", Gives: "t", Follows: PostgreSQL, Nulls: "NULL as an element equals none.",
			Differs: "The elements of arrays of arrays are arrays; in PostgreSQL they are what those hold."},
		Description{Name: "arraycontained", Form: "a <@ b, arraycontained(a, b)", Text: "Whether each element of a is one of b.",
			Example: "arraycontained(ARRAY[1], ARRAY[1, 2])", Gives: "t", Follows: PostgreSQL, Nulls: "NULL as an element equals none."},
		Description{Name: "arrayoverlap", Form: "a && b, arrayoverlap(a, b)", Text: "Whether an element of a is one of b.",
			Example: "arrayoverlap(ARRAY[1, 2], ARRAY[2, 3])", Gives: "t", Follows: PostgreSQL, Nulls: "NULL as an element equals none."},
		Description{Name: "array_slice", Form: "a[low:high], array_slice(a, low, high)",
			Text:    "The elements from low to high, counted from 1; those that are there. A bound may be missing: a[:2], a[2:].",
			Example: "array_slice(ARRAY[5, 6, 7], 2, 3)", Gives: "{6,7}", Follows: PostgreSQL,
			Differs: "Slices of several dimensions are refused."},
	)
}
