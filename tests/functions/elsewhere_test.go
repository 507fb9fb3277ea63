package functions

import (
	"math/rand/v2"
	"strconv"
)

func init() {
	generate("hours", generator{kind: integer, edges: []string{"0", "1", "23", "12"}, random: func(r *rand.Rand) string { return strconv.Itoa(r.IntN(24)) }})
	add(
		line{name: "get_byte", ours: "get_byte(convert_to({s}, 'UTF8'), {few})", postgres: same, gives: bigint},
		line{name: "set_byte", ours: "encode(set_byte(convert_to({s}, 'UTF8'), {few}, {byte}), 'hex')", postgres: same, gives: text},
		line{name: "convert_from", ours: "convert_from(convert_to({s}, 'UTF8'), 'LATIN1')", postgres: same, gives: text},
		line{name: "convert_to", ours: "encode(convert_to({s}, 'LATIN1'), 'hex')", postgres: same, gives: text},
		line{name: "pg_typeof", ours: "pg_typeof({n})", postgres: "pg_typeof({n})::text", gives: text},
		line{name: "pg_typeof", ours: "pg_typeof({f})", postgres: "pg_typeof({f})::text", gives: text},
		line{name: "pg_typeof", ours: "pg_typeof({s})", postgres: "pg_typeof({s})::text", gives: text},
		line{name: "maketime", ours: "cast(maketime({hours}, {n}, {few}) as string)", mariadb: "cast(maketime({hours}, {n}, {few}) as char)", gives: text},
		line{name: "time_format", ours: "time_format({clock}, '%H:%i:%s %p %h %f %k')", mariadb: same, gives: text},
	)
}
