package functions

import "strings"

func init() {
	generate("form", generator{kind: text, edges: []string{"hex", "base64", "escape", "none"}, random: randomPart})
	generate("coded", generator{kind: text, edges: []string{"", "616263", "6", "zz", "YWJj", "YWI=", "YQ==", "YQ", "=YQ", "YWJjZA", "a\nb", `\000`, `\x`, `\\`, "61 62", "YWJj\nYWJj", "Y=Jj"}, random: randomText})
	generate("hexed", generator{kind: text, edges: []string{"", "616263", "616", "zz", "6z", "C3BC", "abCD", "E4B8AD"}, random: randomPart})
	generate("name", generator{kind: text, edges: []string{"", "a", "A", "select", "user", "int", "abs", "a b", `a"b`, "1a", "_x", "über", "a1", "between", "name"}, random: randomText})
	generate("long", generator{kind: text, edges: []string{strings.Repeat("a", 57), strings.Repeat("b", 58), strings.Repeat("ü", 200)}, random: randomText})
	generate("chars", generator{kind: text, edges: []string{"", "a", "ab", " ", "xü", "abc 1"}, random: randomText})
	generate("code", generator{kind: integer, edges: []string{"0", "1", "65", "-1", "228", "8364", "128512", "1114111", "1114112", "127", "128"}, random: randomPoint})
	generate("byte", generator{kind: integer, edges: []string{"0", "65", "195", "188", "256", "-1", "16706", "50108"}, random: randomPoint})
	add(
		line{name: "upper", ours: "upper({s})", postgres: same, mariadb: same, gives: text},
		line{name: "lower", ours: "lower({s})", postgres: same, mariadb: same, gives: text},
		line{name: "reverse", ours: "reverse({s})", postgres: same, mariadb: same, gives: text},
		line{name: "char_length", ours: "char_length({s})", postgres: same, mariadb: same, gives: bigint},
		line{name: "octet_length", ours: "octet_length({s})", postgres: same, mariadb: same, gives: bigint},
		line{name: "bit_length", ours: "bit_length({s})", postgres: same, mariadb: same, gives: bigint},
		line{name: "trim", ours: "trim({s})", postgres: same, mariadb: same, gives: text},
		line{name: "trim", ours: "trim({part} from {s})", postgres: same, mariadb: same, gives: text, differs: inPostgres(severalChars("part"))},
		line{name: "trim", ours: "trim(leading {part} from {s})", postgres: same, mariadb: same, gives: text, differs: inPostgres(severalChars("part"))},
		line{name: "trim", ours: "trim(trailing {part} from {s})", postgres: same, mariadb: same, gives: text, differs: inPostgres(severalChars("part"))},
		line{name: "ltrim", ours: "ltrim({s})", postgres: same, mariadb: same, gives: text},
		line{name: "rtrim", ours: "rtrim({s})", postgres: same, mariadb: same, gives: text},
		line{name: "ltrim", ours: "ltrim({s}, {chars})", postgres: same, gives: text},
		line{name: "rtrim", ours: "rtrim({s}, {chars})", postgres: same, gives: text},
		line{name: "btrim", ours: "btrim({s}, {chars})", postgres: same, gives: text},
		line{name: "replace", ours: "replace({s}, {part}, {by})", postgres: same, mariadb: same, gives: text,
			differs: inMariaDB(func(c call) bool { return c.args["by"].null })},
		line{name: "repeat", ours: "repeat({s}, {few})", postgres: same, mariadb: same, gives: text},
		line{name: "left", ours: "left({s}, {n})", postgres: same, mariadb: same, gives: text, differs: negative("n")},
		line{name: "right", ours: "right({s}, {n})", postgres: same, mariadb: same, gives: text, differs: negative("n")},
		line{name: "lpad", ours: "lpad({s}, {few}, {by})", postgres: same, mariadb: same, gives: text, differs: either(negative("few"), emptyText("by"))},
		line{name: "rpad", ours: "rpad({s}, {few}, {by})", postgres: same, mariadb: same, gives: text, differs: either(negative("few"), emptyText("by"))},
		line{name: "lpad", ours: "lpad({s}, {few})", postgres: same, mariadb: same, gives: text, differs: negative("few")},
		line{name: "rpad", ours: "rpad({s}, {few})", postgres: same, mariadb: same, gives: text, differs: negative("few")},
		line{name: "instr", ours: "instr({s}, {part})", postgres: "strpos({s}, {part})", mariadb: same, gives: bigint},
		line{name: "strpos", ours: "strpos({s}, {part})", postgres: same, gives: bigint},
		line{name: "locate", ours: "locate({part}, {s}, {n})", mariadb: same, gives: bigint,
			differs: inMariaDB(func(c call) bool { return c.args["part"].text == "" })},
		line{name: "position", ours: "position({part} in {s})", postgres: same, mariadb: same, gives: bigint},
		line{name: "concat", ours: "concat({s}, {u})", postgres: "{s} || {u}", mariadb: same, gives: text},
		line{name: "concat_ws", ours: "concat_ws({by}, {s}, {u})", postgres: same, mariadb: same, gives: text},
		line{name: "ascii", ours: "ascii({s})", postgres: same, mariadb: same, gives: bigint, differs: inPostgres(func(c call) bool { return !isASCII(c.args["s"].text) })},
		line{name: "ord", ours: "ord({s})", mariadb: same, gives: bigint},
		line{name: "substring", ours: "substring({s}, {n}, {few})", postgres: same, mariadb: same, gives: text,
			differs: inPostgres(func(c call) bool {
				return isNegative(c.args["n"]) || c.args["n"].text == "0" || isNegative(c.args["few"])
			})},
		line{name: "starts_with", ours: "starts_with({s}, {part})", postgres: same, gives: boolean},
		line{name: "ends_with", ours: "ends_with({s}, {part})", postgres: "right({s}, length({part})) = {part}", gives: boolean},
		line{name: "initcap", ours: "initcap({s})", postgres: same, gives: text},
		line{name: "split_part", ours: "split_part({s}, {part}, {n})", postgres: same, gives: text},
		line{name: "substring_index", ours: "substring_index({s}, {part}, {n})", mariadb: same, gives: text},
		line{name: "translate", ours: "translate({s}, {chars}, {u})", postgres: same, gives: text},
		line{name: "overlay", ours: "overlay({s} placing {by} from {n} for {few})", postgres: same, gives: text, differs: beyond("integer out of range")},
		line{name: "overlay", ours: "overlay({s}, {by}, {n})", postgres: "overlay({s} placing {by} from {n})", gives: text, differs: beyond("integer out of range")},
		line{name: "insert", ours: "insert({s}, {n}, {few}, {by})", mariadb: same, gives: text},
		line{name: "space", ours: "space({few})", postgres: "repeat(' ', {few})", mariadb: same, gives: text},
		line{name: "chr", ours: "chr({code})", postgres: same, gives: text},
		line{name: "char", ours: "char({byte}, {code})", mariadb: "char({byte}, {code} using utf8mb4)", gives: text},
		line{name: "strcmp", ours: "strcmp({s}, {u})", mariadb: same, gives: bigint},
		line{name: "find_in_set", ours: "find_in_set({part}, {list})", mariadb: same, gives: bigint},
		line{name: "field", ours: "field({part}, {s}, {u}, {by}, 'a')", mariadb: same, gives: bigint},
		line{name: "field", ours: "field({n}, {few}, 2, -1)", mariadb: same, gives: bigint},
		line{name: "elt", ours: "elt({few}, {s}, {u})", mariadb: same, gives: text},
		line{name: "quote", ours: "quote({s})", mariadb: same, gives: text},
		line{name: "quote_literal", ours: "quote_literal({s})", postgres: same, gives: text},
		line{name: "quote_ident", ours: "quote_ident({name})", postgres: same, gives: text},
		line{name: "soundex", ours: "soundex({s})", mariadb: same, gives: text},
		line{name: "levenshtein", ours: "levenshtein({s}, {u})", postgres: same, gives: bigint, differs: inPostgres(func(c call) bool { return len(c.args["s"].text) > 255 || len(c.args["u"].text) > 255 })},
		line{name: "format", ours: "format({d}, {few})", mariadb: same, gives: text},
		line{name: "format", ours: "format({i}, {few})", mariadb: same, gives: text},
		line{name: "format", ours: "format({f}, {few})", mariadb: same, gives: text},
		line{name: "format", ours: "format({f}, 25)", mariadb: same, gives: text},
		line{name: "nvl2", ours: "nvl2({s}, {u}, 'x')", mariadb: same, gives: text},
		line{name: "isnull", ours: "isnull({s})", postgres: "{s} is null", mariadb: same, gives: boolean},
		line{name: "isnotnull", ours: "isnotnull({s})", postgres: "{s} is not null", gives: boolean},
		line{name: "nullif", ours: "nullif({s}, {part})", postgres: same, mariadb: same, gives: text},
		line{name: "ifnull", ours: "ifnull({s}, {u})", postgres: "coalesce({s}, {u})", mariadb: same, gives: text},
		line{name: "if", ours: "if({s} > {u}, {s}, {u})", postgres: `case when {s} collate "C" > {u} then {s} else {u} end`, mariadb: same, gives: text},
		line{name: "greatest", ours: "greatest({n}, {few}, 3)", postgres: same, mariadb: same, gives: bigint, differs: inPostgres(anyNull)},
		line{name: "least", ours: "least({n}, {few}, 3)", postgres: same, mariadb: same, gives: bigint, differs: inPostgres(anyNull)},
		line{name: "decode", ours: "decode({few}, 1, 'one', null, 'none', 2, 'two', 'many')", postgres: "case when {few} = 1 then 'one' when {few} is null then 'none' when {few} = 2 then 'two' else 'many' end", gives: text},
	)
}

func init() {
	add(
		line{name: "md5", ours: "md5({s})", postgres: same, mariadb: same, gives: text},
		line{name: "sha1", ours: "sha1({s})", mariadb: same, gives: text},
		line{name: "sha2", ours: "sha2({s}, {few})", mariadb: same, gives: text, differs: inMariaDB(func(c call) bool { return c.args["few"].null })},
		line{name: "sha2", ours: "sha2({s}, 384)", mariadb: same, gives: text},
		line{name: "sha224", ours: "sha224({s})", postgres: "encode(sha224(convert_to({s}, 'UTF8')), 'hex')", mariadb: "sha2({s}, 224)", gives: text},
		line{name: "sha256", ours: "sha256({s})", postgres: "encode(sha256(convert_to({s}, 'UTF8')), 'hex')", mariadb: "sha2({s}, 256)", gives: text},
		line{name: "sha384", ours: "sha384({s})", postgres: "encode(sha384(convert_to({s}, 'UTF8')), 'hex')", mariadb: "sha2({s}, 384)", gives: text},
		line{name: "sha512", ours: "sha512({s})", postgres: "encode(sha512(convert_to({s}, 'UTF8')), 'hex')", mariadb: "sha2({s}, 512)", gives: text},
		line{name: "crc32", ours: "crc32({s})", mariadb: same, gives: bigint},
		line{name: "hex", ours: "hex({s})", postgres: "upper(encode(convert_to({s}, 'UTF8'), 'hex'))", mariadb: same, gives: text},
		line{name: "hex", ours: "hex({i})", mariadb: same, gives: text},
		line{name: "hex", ours: "hex({d})", mariadb: same, gives: text},
		line{name: "unhex", ours: "hex(unhex({hexed}))", mariadb: same, gives: text},
		line{name: "to_base64", ours: "to_base64({long})", mariadb: same, gives: text},
		line{name: "base64", ours: "base64({long})", postgres: "replace(encode(convert_to({long}, 'UTF8'), 'base64'), e'\\n', '')", gives: text},
		line{name: "from_base64", ours: "hex(from_base64({coded}))", mariadb: same, gives: text},
		line{name: "encode", ours: "encode({long}, {form})", postgres: "encode(convert_to({long}, 'UTF8'), {form})", gives: text},
		line{name: "decode", ours: "hex(decode({coded}, {form}))", postgres: "upper(encode(decode({coded}, {form}), 'hex'))", gives: text},
		line{name: "url_encode", ours: "url_decode(url_encode({s}))", postgres: "{s}", gives: text},
	)
}
