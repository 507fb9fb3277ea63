package session

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/conf"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
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

var timeUnits = map[string]time.Duration{"": time.Millisecond, "us": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

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
	}
	return variables[name].initial
}

// Timeout implements pgwire.Session.
func (s *session) Timeout() time.Duration {
	d, _ := duration(s.variable("statement_timeout"))
	return d
}

func cloneVars(m map[string]string) map[string]string { return maps.Clone(m) }

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

// set is SET.
func (s *session) set(st *ast.Set) error {
	if st.Scope == ast.LocalScope {
		if s.tx == idle {
			s.warn("25P01", "SET LOCAL can only be used in transaction blocks")
			return nil
		}
		return s.setLocal(st)
	}
	if s.undo != nil {
		delete(s.undo.local, st.Name)
	}
	return s.assign(st)
}

func (s *session) setLocal(st *ast.Set) error {
	before := s.current(st.Name)
	if err := s.assign(st); err != nil {
		return err
	}
	if _, again := s.undo.local[st.Name]; !again {
		s.undo.local[st.Name] = before
	}
	return nil
}

// current gives a setting as it is, to be put back later.
func (s *session) current(name string) former {
	if name == "search_path" {
		return former{s.database, true}
	}
	if v, ok := variables[name]; ok && !v.fixed {
		value, set := s.vars[name]
		return former{value, set}
	}
	for _, p := range s.settings.Properties() {
		if strings.EqualFold(p.Key, name) {
			return former{p.Value, true}
		}
	}
	return former{}
}

// endLocal takes SET LOCAL back.
func (s *session) endLocal(local map[string]former) {
	for name, f := range local {
		s.assign(&ast.Set{Name: name, Values: []string{f.value}, Default: !f.set, Pos: ast.NoPos, ValuePos: ast.NoPos})
	}
}

// restore takes all of a transaction's settings back.
func (s *session) restore(u *undo) {
	s.settings, s.database = u.settings, u.database
	for name := range variables {
		value, set := u.vars[name]
		s.put(name, value, set)
	}
}

// assign gives a setting its value, or its default.
func (s *session) assign(st *ast.Set) error {
	if st.Name == "search_path" {
		return s.setSearchPath(st)
	}
	v, ok := variables[st.Name]
	if !ok {
		return s.assignOwn(st)
	}
	value := strings.Join(st.Values, ", ")
	if v.fixed {
		return sqlerr.At(st.Pos, "55P02", "parameter %q cannot be changed", st.Name)
	}
	if v.check != nil && !st.Default {
		if value, ok = v.check(value); !ok {
			return sqlerr.At(st.ValuePos, sqlerr.InvalidParameter, "invalid value for parameter %q: %q", st.Name, strings.Join(st.Values, ", "))
		}
	}
	s.put(st.Name, value, !st.Default)
	return nil
}

func (s *session) setSearchPath(st *ast.Set) error {
	if st.Default || len(st.Values) == 0 {
		return nil
	}
	return s.use(ast.Ident{Pos: st.ValuePos, Name: strings.ToLower(st.Values[0])})
}

// assignOwn is SET slipway.….
func (s *session) assignOwn(st *ast.Set) error {
	list := slices.DeleteFunc(s.settings.Properties(), func(p conf.Property) bool { return strings.EqualFold(p.Key, st.Name) })
	if !st.Default {
		list = append(list, conf.Property{Key: st.Name, Value: strings.Join(st.Values, ", "), KeyPos: st.Pos, ValuePos: st.ValuePos})
	}
	v, notices, err := conf.Parse(conf.Session, list)
	if err != nil {
		e := sqlerr.From(sql.SettingError(err))
		if strings.HasPrefix(e.Message, "unknown") {
			e.Code, e.Message = sqlerr.UndefinedObject, "unrecognized configuration parameter "+strconv.Quote(st.Name)
		}
		return e
	}
	for _, n := range notices {
		s.notice("%s", n.Message)
	}
	s.settings = v
	return nil
}

// reset is RESET.
func (s *session) reset(r *ast.Reset) error {
	if !r.All {
		return s.assign(&ast.Set{Pos: r.Pos, Name: r.Name, Default: true, ValuePos: ast.NoPos})
	}
	s.settings = conf.Defaults(conf.Session)
	for name := range variables {
		s.put(name, "", false)
	}
	return nil
}

// discard is DISCARD: ALL is what pools send when a client is done.
func (s *session) discard(d *ast.Discard) error {
	if d.What != "ALL" {
		return nil
	}
	if s.tx != idle {
		return sqlerr.New(sqlerr.ActiveTransaction, "DISCARD ALL cannot run inside a transaction block")
	}
	s.closeCursors(true)
	if err := s.deallocate(&ast.Deallocate{All: true}); err != nil {
		return err
	}
	return s.reset(&ast.Reset{All: true})
}

// use is USE and SET search_path.
func (s *session) use(n ast.Ident) error {
	snapshot := s.Catalog.Snapshot()
	if snapshot.Databases[n.Name] == nil {
		if n.Name == "public" || n.Name == "pg_catalog" || n.Name == "$user" { // what clients say without thinking
			return nil
		}
		return sqlerr.At(n.Pos, sqlerr.UndefinedDatabase, "database %q does not exist", n.Name)
	}
	if n.Name != s.database {
		s.application = defaultApplication // applications belong to their database
	}
	s.database = n.Name
	return nil
}

// showVariable is SHOW name and SHOW ALL.
func (s *session) showVariable(st *ast.ShowVariable) (*table, error) {
	if !st.All {
		heading := st.Name
		if r := variables[st.Name].report; r != "" {
			heading = r
		}
		t := newTable("SHOW", heading)
		v, ok := s.shown(st.Name)
		if !ok {
			return t, sqlerr.At(st.Pos, sqlerr.UndefinedObject, "unrecognized configuration parameter %q", st.Name)
		}
		t.add(v)
		return t, nil
	}
	t := newTable("SHOW", "name", "setting")
	names := slices.Collect(maps.Keys(variables))
	for _, c := range conf.All() {
		if c.Level == conf.Session && !c.Ignored {
			names = append(names, c.Key)
		}
	}
	for _, n := range slices.Sorted(slices.Values(names)) {
		v, _ := s.shown(n)
		t.add(n, v)
	}
	return t, nil
}

func (s *session) shown(name string) (string, bool) {
	if _, ok := variables[name]; ok {
		return s.variable(name), true
	}
	for _, c := range conf.All() {
		if c.Level == conf.Session && c.Key == name && !c.Ignored {
			return s.settings.Text(name), true
		}
	}
	return "", false
}
