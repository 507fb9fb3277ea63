package functions

func init() {
	add(
		line{name: "upper", ours: "upper({s})", postgres: same, mariadb: same, gives: text},
		line{name: "lower", ours: "lower({s})", postgres: same, mariadb: same, gives: text},
		line{name: "reverse", ours: "reverse({s})", postgres: same, mariadb: same, gives: text},
		line{name: "char_length", ours: "char_length({s})", postgres: same, mariadb: same, gives: bigint},
		line{name: "octet_length", ours: "octet_length({s})", postgres: same, mariadb: same, gives: bigint},
		line{name: "trim", ours: "trim({s})", postgres: same, mariadb: same, gives: text},
		line{name: "ltrim", ours: "ltrim({s})", postgres: same, mariadb: same, gives: text},
		line{name: "rtrim", ours: "rtrim({s})", postgres: same, mariadb: same, gives: text},
		line{name: "replace", ours: "replace({s}, {part}, {by})", postgres: same, mariadb: same, gives: text,
			differs: inMariaDB(func(c call) bool { return c.args["by"].null })},
		line{name: "repeat", ours: "repeat({s}, {few})", postgres: same, mariadb: same, gives: text},
		line{name: "left", ours: "left({s}, {n})", postgres: same, mariadb: same, gives: text, differs: negative("n")},
		line{name: "right", ours: "right({s}, {n})", postgres: same, mariadb: same, gives: text, differs: negative("n")},
		line{name: "lpad", ours: "lpad({s}, {few}, {by})", postgres: same, mariadb: same, gives: text, differs: either(negative("few"), emptyText("by"))},
		line{name: "rpad", ours: "rpad({s}, {few}, {by})", postgres: same, mariadb: same, gives: text, differs: either(negative("few"), emptyText("by"))},
		line{name: "instr", ours: "instr({s}, {part})", postgres: "strpos({s}, {part})", mariadb: same, gives: bigint},
		line{name: "locate", ours: "locate({part}, {s}, {n})", mariadb: same, gives: bigint},
		line{name: "concat", ours: "concat({s}, {u})", postgres: "{s} || {u}", mariadb: same, gives: text},
		line{name: "concat_ws", ours: "concat_ws({by}, {s}, {u})", postgres: same, mariadb: same, gives: text},
		line{name: "ascii", ours: "ascii({s})", postgres: same, mariadb: same, gives: bigint, differs: inPostgres(func(c call) bool { return !isASCII(c.args["s"].text) })},
		line{name: "substring", ours: "substring({s}, {n}, {few})", postgres: same, mariadb: same, gives: text,
			differs: inPostgres(func(c call) bool {
				return isNegative(c.args["n"]) || c.args["n"].text == "0" || isNegative(c.args["few"])
			})},
		line{name: "md5", ours: "md5({s})", postgres: same, mariadb: same, gives: text},
		line{name: "sha1", ours: "sha1({s})", mariadb: same, gives: text},
		line{name: "sha2", ours: "sha2({s}, 224)", mariadb: same, gives: text},
		line{name: "hex", ours: "hex({s})", postgres: "upper(encode(convert_to({s}, 'UTF8'), 'hex'))", mariadb: same, gives: text},
	)
}

func init() {
	add(
		line{name: "isnull", ours: "isnull({s})", postgres: "{s} is null", mariadb: same, gives: boolean},
		line{name: "sqrt", ours: "sqrt({f})", postgres: same, mariadb: same, gives: double, differs: code("2201F")},
		line{name: "ln", ours: "ln({f})", postgres: same, mariadb: same, gives: double, differs: code("2201E")},
	)
}
