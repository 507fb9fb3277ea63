package function

// What is said of functions of scripts of other systems.

func init() {
	const maskNulls = "NULL where an argument is."
	describe(Texts,
		Description{Name: "mask", Form: "mask(s[, capital[, small[, digit[, other]]]])", Text: "The text with X for capitals, x for small letters, n for digits, or the first character of what is given instead.",
			Example: "mask('Ab-12')", Gives: "Xx-nn", Follows: Hive, Nulls: maskNulls},
		Description{Name: "mask_first_n", Form: "mask_first_n(s[, n])", Text: "The text with its first n (4) characters masked.", Example: "mask_first_n('1234-5678')", Gives: "nnnn-5678", Follows: Hive},
		Description{Name: "mask_last_n", Form: "mask_last_n(s[, n])", Text: "The text with its last n (4) characters masked.", Example: "mask_last_n('1234-5678')", Gives: "1234-nnnn", Follows: Hive},
		Description{Name: "mask_show_first_n", Form: "mask_show_first_n(s[, n])", Text: "All but the first n (4) characters masked.", Example: "mask_show_first_n('1234-5678')", Gives: "1234-nnnn",
			Follows: Hive},
		Description{Name: "mask_show_last_n", Form: "mask_show_last_n(s[, n])", Text: "All but the last n (4) characters masked.", Example: "mask_show_last_n('1234-5678')", Gives: "nnnn-5678",
			Follows: Hive},
		Description{Name: "mask_hash", Form: "mask_hash(s)", Text: "The SHA-256 sum in hexadecimal digits.", Example: "left(mask_hash('abc'), 8)", Gives: "ba7816bf", Follows: Hive},
		Description{Name: "printf", Form: "printf(template, x, …)", Text: "The values in the places of a template of Java's: %s, %d, %.2f, %05d, %,d, %x, %e, %b, %c, %2$s, %%, %n.", Example: "printf('%s: %05d, %.2f', 'a', 42, 1.5)",
			Gives: "a: 00042, 1.50", Follows: Hive, Nulls: "NULL without a template; a value that is NULL is written null. 22023 where a value is missing, or of another type.",
			Differs: "Java takes no whole number for %f, and rounds halves up."},
		Description{Name: "convert_from", Form: "convert_from(b, encoding)", Text: "The text of bytes, BINARY, in UTF8 or LATIN1.", Example: "convert_from(unhex('FC'), 'LATIN1')", Gives: "ü", Follows: PostgreSQL,
			Nulls: "22021 where the bytes are none; 22023 of another encoding."},
		Description{Name: "convert_to", Form: "convert_to(s, encoding)", Text: "The bytes, BINARY, of a text in UTF8 or LATIN1.", Example: "hex(convert_to('ü', 'LATIN1'))", Gives: "FC", Follows: PostgreSQL,
			Nulls: "22P05 where a character has no place in it; 22023 of another encoding."})
	describe(Encodings,
		Description{Name: "get_byte", Form: "get_byte(b, n)", Text: "Byte n, from 0, of BINARY.", Example: "get_byte(unhex('FF00'), 0)", Gives: "255", Follows: PostgreSQL, Nulls: "2202E where there is none."},
		Description{Name: "set_byte", Form: "set_byte(b, n, x)", Text: "BINARY with byte n, from 0, being x; of x the lowest eight bits count.", Example: "hex(set_byte(unhex('FF00'), 1, 17))", Gives: "FF11",
			Follows: PostgreSQL, Nulls: "2202E where there is none."},
		Description{Name: "is_uuid", Form: "is_uuid(s)", Text: "Whether it is a UUID: 32 hexadecimal digits, or with dashes, these perhaps in braces.", Example: "is_uuid('6ccd780c-baba-1026-9564-5b8c656024db')", Gives: "t",
			Follows: MySQL},
		Description{Name: "uuid_to_bin", Form: "uuid_to_bin(s[, swap])", Text: "The 16 bytes, BINARY, of a UUID; with swap = 1 the parts of its time change places, so that later ones are greater.",
			Example: "hex(uuid_to_bin('6ccd780c-baba-1026-9564-5b8c656024db', 1))", Gives: "1026BABA6CCD780C95645B8C656024DB", Follows: MySQL, Nulls: "22P02 where it is none."},
		Description{Name: "bin_to_uuid", Form: "bin_to_uuid(b[, swap])", Text: "The UUID of 16 bytes.", Example: "bin_to_uuid(unhex('1026BABA6CCD780C95645B8C656024DB'), 1)", Gives: "6ccd780c-baba-1026-9564-5b8c656024db",
			Follows: MySQL, Nulls: "22P02 of another length."})
	describe(Numbers,
		Description{Name: "bround", Form: "bround(x[, digits])", Text: "The number, DOUBLE, rounded to so many digits, halves to the even one.", Example: "bround(2.5)", Gives: "2", Follows: Hive})
	describe(Conditions,
		Description{Name: "typeof", Form: "typeof(x)", Text: "The name of the value's type.", Example: "typeof(1.50)", Gives: "DECIMAL(3,2)", Follows: Hive, Nulls: "Never NULL.", Differs: "Hive writes it in small letters."},
		Description{Name: "pg_typeof", Form: "pg_typeof(x)", Text: "PostgreSQL's name of the value's type.", Example: "pg_typeof(1.50)", Gives: "numeric", Follows: PostgreSQL, Nulls: "Never NULL.",
			Differs: "PostgreSQL calls a quoted text and NULL unknown."})
	describe(Times,
		Description{Name: "maketime", Form: "maketime(hour, minute, second)", Text: "A time of day.", Example: "maketime(12, 15, 30)", Gives: "12:15:30", Follows: MySQL,
			Nulls: "NULL where minute or second is not from 0 to 59; 22008 where hour is not from 0 to 23.", Differs: "MySQL has times of up to 838 hours, and fractions of a second."},
		Description{Name: "time_format", Form: "time_format(t, pattern)", Text: "A time of day by MySQL's pattern (%H:%i:%s).", Example: "time_format(time '10:05:00', '%h.%i %p')", Gives: "10.05 AM", Follows: MySQL,
			Differs: "What a pattern asks of a date is that of 1970-01-01; MySQL gives zeros, or NULL."})
}
