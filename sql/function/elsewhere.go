package function

import "strings"

// elsewhere are names that functions have in other systems and not here, and what they are called here.
var elsewhere = map[string]string{
	"charindex": "locate", "strlen": "char_length", "len_utf8": "char_length", "datalength": "octet_length", "lengthb": "octet_length", "getdate": "now",
	"array_size": "cardinality", "string_split": "string_to_array", "json_extract_scalar": "json_value", "approx_distinct_count": "approx_distinct", "count_distinct": "approx_distinct", "quantile": "percentile_approx", "iif": "if",
	"zeroifnull": "coalesce", "logb": "log2",
}

// rowFunctions are the functions that give rows for values.
var rowFunctions = map[string]bool{"unnest": true, "explode": true, "posexplode": true, "inline": true, "generate_series": true, "json_tuple": true,
	"json_array_elements": true, "json_array_elements_text": true, "json_object_keys": true, "jsonb_array_elements": true,
	"jsonb_array_elements_text": true, "jsonb_object_keys": true, "regexp_matches": true, "regexp_split_to_table": true, "string_to_table": true}

// GivesRows tells a function that gives rows, so that it is no value.
func GivesRows(name string) bool { return rowFunctions[strings.ToLower(name)] }

// Elsewhere gives the name here of a function that another system calls so; empty if none is known.
func Elsewhere(name string) string { return elsewhere[strings.ToLower(name)] }
