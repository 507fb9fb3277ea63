package functions

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"slipway/sql/function"
)

var numbers = kind{types: [3]string{"bigint[]", "bigint[]", ""}}

func init() {
	generate("array", generator{kind: numbers, edges: []string{"{}", "{1}", "{1,2,3}", "{NULL}", "{1,NULL,1}", "{3,1,2,3}"}, random: func(r *rand.Rand) string {
		return fmt.Sprintf("{%d,%d,%d}", r.IntN(4), r.IntN(4), r.IntN(4))
	}})
	generate("item", generator{kind: bigint, edges: []string{"1", "2", "0"}, random: func(r *rand.Rand) string { return fmt.Sprint(r.IntN(5)) }})
	add(
		line{name: "cardinality", ours: "cardinality({array})", postgres: same, gives: bigint},
		line{name: "array_length", ours: "array_length({array}, 1)", postgres: same, gives: bigint},
		line{name: "array_append", ours: "array_append({array}, {item})", postgres: same, gives: numbers},
		line{name: "array_prepend", ours: "array_prepend({item}, {array})", postgres: same, gives: numbers},
		line{name: "array_cat", ours: "array_cat({array}, array_append({array}, {item}))", postgres: same, gives: numbers},
		line{name: "array_remove", ours: "array_remove({array}, {item})", postgres: same, gives: numbers},
		line{name: "array_position", ours: "array_position({array}, {item})", postgres: same, gives: bigint},
		line{name: "array_contains", ours: "array_contains({array}, {item})", postgres: "case when {array} is not null and {item} is not null then coalesce({item} = any ({array}), false) end", gives: boolean},
		line{name: "array_to_string", ours: "array_to_string({array}, {by}, 'none')", postgres: same, gives: text},
		line{name: "array_to_string", ours: "array_to_string({array}, ',')", postgres: same, gives: text},
		line{name: "string_to_array", ours: "string_to_array({s}, {part})", postgres: same, gives: text},
		line{name: "array_max", ours: "array_max({array})", postgres: "(select max(x) from unnest({array}) as u (x))", gives: bigint},
		line{name: "array_min", ours: "array_min({array})", postgres: "(select min(x) from unnest({array}) as u (x))", gives: bigint},
	)
}

// without are scalar functions that stand beside no server, and why.
var without = map[string]string{
	"url_decode": "neither has it; that of url_encode is held beside the text", "split_index": "neither has it; executor/expr holds it beside a plain reading",
	"regexp_extract": "neither has it", "power": "tests/oracle", "array_distinct": "neither has it", "array_reverse": "neither has it", "sort_array": "neither has it",
	"map_from_arrays": "neither has maps", "str_to_map": "neither has maps", "parse_url": "neither has it", "regexp_extract_all": "neither has it; the same matches as REGEXP_MATCHES", "is_alpha": "neither has it", "is_digit": "neither has it",
	"map_keys": "neither has maps", "map_values": "neither has maps", "named_struct": "neither has it", "is_null": "by its other name", "field_of_list": "by its other name", "truncate": "by its other name", "%": "by its other name",
	"shiftrightunsigned": "neither has it", "months_between": "neither has it", "next_day": "neither has it",
	"mask": "neither has it", "mask_hash": "neither has it", "mask_first_n": "neither has it", "mask_last_n": "neither has it", "mask_show_first_n": "neither has it", "mask_show_last_n": "neither has it",
	"printf": "neither has it", "bround": "neither has it", "typeof": "neither has it",
	"is_uuid": "MariaDB lacks it", "uuid_to_bin": "MariaDB lacks it", "bin_to_uuid": "MariaDB lacks it",
	"uuid": "another value each time", "gen_random_uuid": "another value each time",
	"current_date": "the clock", "current_time": "the clock", "current_timestamp": "the clock", "utc_date": "the clock", "utc_time": "the clock", "utc_timestamp": "the clock",
}

// TestEveryFunctionHasALine: of the groups whose originals are these servers.
func TestEveryFunctionHasALine(t *testing.T) {
	groups := []function.Group{function.Conditions, function.Numbers, function.Bits, function.Texts, function.Patterns, function.Encodings, function.Network, function.Collections, function.JSON, function.Times}
	for _, name := range function.Described() {
		d, _ := function.Describe(name)
		if d.Kind != function.Scalar || !slices.Contains(groups, d.Group) {
			continue
		}
		called := append(function.OtherNames(name), name)
		has := slices.ContainsFunc(lines, func(l line) bool { return slices.Contains(called, l.name) && (l.postgres != "" || l.mariadb != "") })
		if reason := without[name]; has != (reason == "") && !strings.HasPrefix(reason, "by its") {
			t.Errorf("%s has a line beside a server: %v; said of it: %q", name, has, reason)
		}
	}
}
