package function

import "strings"

// Parameter is an argument that may be given by name: f(name => x).
type Parameter struct {
	Name string
	// Default is the number that stands for one that is missing, empty where it may only be missing at the end or not at all.
	Default string
}

// parameters are those of the functions that take arguments by name, as PostgreSQL names them.
var parameters = map[string][]Parameter{
	"make_date":        named("year month day"),
	"make_time":        named("hour min sec"),
	"make_timestamp":   named("year month mday hour min sec"),
	"make_timestamptz": named("year month mday hour min sec timezone"),
	"make_interval":    withDefault("0", named("years months weeks days hours mins secs")),
}

func named(names string) (list []Parameter) {
	for _, n := range strings.Fields(names) {
		list = append(list, Parameter{Name: n})
	}
	return list
}

func withDefault(value string, list []Parameter) []Parameter {
	for i := range list {
		list[i].Default = value
	}
	return list
}

// Parameters gives the names of a function's arguments; nil: they stand in their order only.
func Parameters(name string) []Parameter { return parameters[canonical(name)] }
