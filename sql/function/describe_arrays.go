package function

// What users read of functions of arrays and maps.

func init() {
	describe(Collections,
		Description{Name: "cardinality", Form: "cardinality(x)", Text: "How many elements or entries.", Example: "cardinality(ARRAY[1, 2])", Gives: "2", Follows: PostgreSQL},
		Description{Name: "array_length", Form: "array_length(a[, 1])", Text: "How many elements.", Example: "array_length(ARRAY[1, 2], 1)", Gives: "2", Follows: PostgreSQL, Nulls: "With 1 behind it NULL of none."},
		Description{Name: "array_contains", Form: "array_contains(a, x)", Text: "Whether it is among the elements.", Example: "array_contains(ARRAY[1, 2], 2)", Gives: "t", Follows: Hive},
		Description{Name: "array_position", Form: "array_position(a, x)", Text: "Where it is first, counted from 1.", Example: "array_position(ARRAY[5, 7], 7)", Gives: "2", Follows: PostgreSQL, Nulls: "NULL where it is not."},
		Description{Name: "array_append", Form: "array_append(a, x), a || x", Text: "With x behind the last.", Example: "array_append(ARRAY[1], 2)", Gives: "{1,2}", Follows: PostgreSQL, Nulls: "A NULL array is as an empty one."},
		Description{Name: "array_prepend", Form: "array_prepend(x, a), x || a", Text: "With x before the first.", Example: "array_prepend(1, ARRAY[2])", Gives: "{1,2}", Follows: PostgreSQL, Nulls: "A NULL array is as an empty one."},
		Description{Name: "array_remove", Form: "array_remove(a, x)", Text: "Without the elements that equal x.", Example: "array_remove(ARRAY[1, 2, 1], 1)", Gives: "{2}", Follows: PostgreSQL},
		Description{Name: "array_cat", Form: "array_cat(a, b), a || b", Text: "One behind the other.", Example: "array_cat(ARRAY[1], ARRAY[2])", Gives: "{1,2}", Follows: PostgreSQL, Nulls: "A NULL array is as an empty one."},
		Description{Name: "array_distinct", Form: "array_distinct(a)", Text: "Each value once.", Example: "array_distinct(ARRAY[1, 2, 1])", Gives: "{1,2}", Follows: Flink},
		Description{Name: "array_reverse", Form: "array_reverse(a)", Text: "In the other order.", Example: "array_reverse(ARRAY[1, 2])", Gives: "{2,1}", Follows: Flink},
		Description{Name: "sort_array", Form: "sort_array(a)", Text: "In order, NULLs last.", Example: "sort_array(ARRAY[3, 1, 2])", Gives: "{1,2,3}", Follows: Hive, Differs: "Hive has NULLs first."},
		Description{Name: "array_max", Form: "array_max(a)", Text: "The greatest element.", Example: "array_max(ARRAY[1, 3])", Gives: "3", Follows: Flink, Nulls: "NULLs are left out."},
		Description{Name: "array_min", Form: "array_min(a)", Text: "The least element.", Example: "array_min(ARRAY[1, 3])", Gives: "1", Follows: Flink, Nulls: "NULLs are left out."},
		Description{Name: "array_to_string", Form: "array_to_string(a, by[, null])", Text: "The elements with by in between.", Example: "array_to_string(ARRAY[1, 2], '-')", Gives: "1-2", Follows: PostgreSQL,
			Nulls: "NULLs are left out, or stand as the third argument."},
		Description{Name: "string_to_array", Form: "string_to_array(s, by)", Text: "The parts that by separates.", Example: "string_to_array('a,b', ',')", Gives: "{a,b}", Follows: PostgreSQL},
		Description{Name: "map_keys", Form: "map_keys(m)", Text: "The keys, in order.", Example: "map_keys(MAP['a', 1])", Gives: "{a}", Follows: Hive},
		Description{Name: "map_values", Form: "map_values(m)", Text: "The values, in the order of the keys.", Example: "map_values(MAP['a', 1])", Gives: "{1}", Follows: Hive},
		Description{Name: "named_struct", Form: "named_struct('a', x, …)", Text: "A row with these fields.", Example: "named_struct('a', 1)", Gives: `{"a":1}`, Follows: Hive},
	)
}
