package function

import "strings"

// elsewhere are names that functions have in other systems and not here, and what they are called here.
var elsewhere = map[string]string{
	"charindex": "locate", "strlen": "char_length", "len_utf8": "char_length", "datalength": "octet_length", "lengthb": "octet_length", "getdate": "now",
	"array_size": "cardinality", "string_split": "string_to_array", "regexp_matches": "regexp_extract", "json_extract_scalar": "json_value", "approx_distinct_count": "approx_distinct", "count_distinct": "approx_distinct", "quantile": "percentile_approx", "to_hex": "hex", "iif": "if",
	"zeroifnull": "coalesce", "logb": "log2",
}

// Elsewhere gives the name here of a function that another system calls so; empty if none is known.
func Elsewhere(name string) string { return elsewhere[strings.ToLower(name)] }
