package session

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/conf"
	"slipway/sql/ast"
)

// variable is one of PostgreSQL's settings: kept, shown, and mostly without effect.
type variable struct {
	initial string
	// report is the name under which clients follow it (ParameterStatus).
	report string
	// check gives the value as it is kept; nil takes any.
	check func(value string) (string, bool)
	fixed bool // SHOW only
}

var variables = map[string]variable{
	"application_name":                    {report: "application_name"},
	"bytea_output":                        {initial: "hex", check: only("hex")},
	"client_encoding":                     {initial: "UTF8", report: "client_encoding", check: encoding},
	"client_min_messages":                 {initial: "notice"},
	"datestyle":                           {initial: "ISO, MDY", report: "DateStyle", check: dateStyle},
	"default_table_access_method":         {initial: "heap", fixed: true},
	"default_transaction_deferrable":      {initial: "off"},
	"default_transaction_isolation":       {initial: "read committed"},
	"default_transaction_read_only":       {initial: "off"},
	"extra_float_digits":                  {initial: "1"},
	"idle_in_transaction_session_timeout": {initial: "0", check: timeout},
	"in_hot_standby":                      {initial: "off", fixed: true},
	"integer_datetimes":                   {initial: "on", fixed: true},
	"intervalstyle":                       {initial: "postgres", report: "IntervalStyle", check: only("postgres")},
	"is_superuser":                        {initial: "off", fixed: true},
	"jit":                                 {initial: "off"},
	"lock_timeout":                        {initial: "0", check: timeout},
	"max_identifier_length":               {initial: "63", fixed: true},
	"max_index_keys":                      {initial: "32", fixed: true},
	"password_encryption":                 {initial: "scram-sha-256", check: only("scram-sha-256")}, // psql's \password asks for it
	"row_security":                        {initial: "on"},
	"search_path":                         {},
	"server_encoding":                     {initial: "UTF8", fixed: true},
	"server_version":                      {initial: "13.14", fixed: true},
	"server_version_num":                  {initial: "130014", fixed: true},
	"standard_conforming_strings":         {initial: "on", report: "standard_conforming_strings", check: only("on")},
	"statement_timeout":                   {initial: "0", check: timeout},
	"synchronous_commit":                  {initial: "on"},
	"timezone":                            {report: "TimeZone", check: zone},
	"transaction_deferrable":              {initial: "off"},
	"transaction_isolation":               {initial: "read committed"},
	"transaction_read_only":               {initial: "off"},
	"xmloption":                           {initial: "content"},
}

// only takes one value, in PostgreSQL's spellings of on.
func only(want string) func(string) (string, bool) {
	return func(v string) (string, bool) {
		v = strings.ToLower(v)
		if want == "on" && slices.Contains([]string{"true", "yes", "1"}, v) {
			v = "on"
		}
		return want, v == want
	}
}

func encoding(v string) (string, bool) {
	v = strings.ToLower(strings.NewReplacer("-", "", "_", "", "'", "").Replace(v))
	return "UTF8", v == "utf8" || v == "unicode"
}

// dateStyle: everything is written as ISO; the order of day and month means nothing then.
func dateStyle(v string) (string, bool) {
	first, order, both := strings.Cut(strings.ToUpper(strings.ReplaceAll(v, " ", "")), ",")
	if !both {
		order = "MDY"
	}
	return "ISO, " + order, first == "ISO" && slices.Contains([]string{"MDY", "DMY", "YMD"}, order)
}

var timeUnits = map[string]time.Duration{
	"": time.Millisecond, "us": time.Microsecond, "ms": time.Millisecond,
	"s": time.Second, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
}

// duration reads a time as PostgreSQL's settings have it: 500, 5s, 1min.
func duration(v string) (time.Duration, bool) {
	v = strings.TrimSpace(v)
	digits := strings.TrimRight(v, "abcdefghijklmnopqrstuvwxyz ")
	n, err := strconv.ParseInt(digits, 10, 64)
	unit, known := timeUnits[strings.TrimSpace(v[len(digits):])]
	return time.Duration(n) * unit, err == nil && known && n >= 0 && n < 1<<31
}

func timeout(v string) (string, bool) {
	_, ok := duration(v)
	return v, ok
}

// variable gives the value of one of PostgreSQL's settings.
func (s *session) variable(name string) string {
	if v, ok := s.vars[name]; ok {
		return v
	}
	switch name {
	case "transaction_read_only", "in_hot_standby": // by which clients tell the leader from the others
		if s.Standby != nil {
			return "on"
		}
	case "search_path":
		return s.database
	case "timezone":
		return conf.TimeZone.Get(s.Server)
	case "application_name":
		return s.startup.Application
	case "is_superuser":
		if s.startup.Identity.Owner {
			return "on"
		}
	}
	return variables[name].initial
}

// put sets or, without a value, resets a variable, and reports it.
func (s *session) put(name, value string, set bool) {
	before := s.variable(name)
	if set {
		s.vars[name] = value
	} else {
		delete(s.vars, name)
	}
	if v := s.variable(name); v != before {
		s.report(name, v)
	}
}

func (s *session) report(name, value string) {
	if r := variables[name].report; r != "" && s.startup.Status != nil {
		s.startup.Status(r, value)
	}
}

// startupSettings takes what the startup packet holds of settings, also its options
// (-c name=value). What is unknown or wrong is no reason to refuse a client, but for the
// time zone, in which its values would be read and written.
func (s *session) startupSettings(params map[string]string) error {
	s.report("timezone", s.variable("timezone"))
	var wrong error
	take := func(name, value string) {
		err := s.set(&ast.Set{Pos: ast.NoPos, ValuePos: ast.NoPos, Name: name, Values: []string{value}})
		if name == "timezone" && err != nil {
			wrong = err
		}
	}
	for name, value := range startupOptions(params["options"]) {
		take(name, value)
	}
	for name, value := range params {
		name = strings.ToLower(name)
		if v, ok := variables[name]; ok && !v.fixed && name != "search_path" {
			take(name, value)
		}
	}
	return wrong
}

// startupOptions reads -c name=value and --name=value; a backslash keeps a blank.
func startupOptions(text string) map[string]string {
	out := map[string]string{}
	var words []string
	word, escaped := "", false
	for _, r := range text + " " {
		switch {
		case escaped:
			word, escaped = word+string(r), false
		case r == '\\':
			escaped = true
		case r != ' ':
			word += string(r)
		case word != "":
			words, word = append(words, word), ""
		}
	}
	for i, w := range words {
		if i > 0 && words[i-1] == "-c" || strings.HasPrefix(w, "--") || strings.HasPrefix(w, "-c") && len(w) > 2 {
			name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(w, "--"), "-c"), "=")
			if ok {
				out[strings.ToLower(strings.ReplaceAll(name, "-", "_"))] = value
			}
		}
	}
	return out
}
