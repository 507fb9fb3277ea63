package conf

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/conf/near"
)

// Scope is the settings among which the keys of a statement are looked up: those of a level,
// and of a stream also those of its connector and of its format. Two connectors may declare
// the same key differently.
type Scope struct {
	level  Level
	list   []*Setting
	others []*Setting
}

// Of gives the settings that every statement of a level may name.
func Of(level Level) Scope {
	s := Scope{level: level}
	for _, d := range settings {
		if d.Level == level {
			s.list = append(s.list, d)
		}
	}
	return s
}

// With adds settings.
func (s Scope) With(more ...*Setting) Scope {
	s.list = slices.Concat(s.list, more)
	return s
}

// Beside adds settings that are known and cannot be named here: a misspelt key may have been
// meant to be one of them.
func (s Scope) Beside(others ...*Setting) Scope {
	s.others = slices.Concat(s.others, others)
	return s
}

// Settings are those that mean something here: what completes their names offers them.
func (s Scope) Settings() (out []*Setting) {
	for _, d := range s.list {
		if !d.Ignored {
			out = append(out, d)
		}
	}
	return out
}

// Find gives the declaration of a key: exact, by alias, or by family; nil if there is none.
func (s Scope) Find(key string) *Setting {
	key = strings.ToLower(key)
	var family *Setting
	for _, d := range s.list {
		if d.Prefix {
			if strings.HasPrefix(key, d.Key) && len(key) > len(d.Key) && (family == nil || len(d.Key) > len(family.Key)) {
				family = d
			}
			continue
		}
		if strings.ToLower(d.Key) == key || slices.Contains(d.Aliases, key) {
			return d
		}
	}
	return family
}

// Same tells whether two keys name the same setting, aliases and case aside.
func (s Scope) Same(a, b string) bool {
	d := s.Find(a)
	return d != nil && d == s.Find(b) && (!d.Prefix || strings.EqualFold(a, b))
}

// Parse validates what a statement gives.
func (s Scope) Parse(properties []Property) (*Values, []Notice, error) {
	v := newValues(s)
	notices, err := v.add(properties, FromStatement, true)
	if err == nil {
		err = v.relations()
	}
	return v, notices, err
}

// Read takes what was validated when it was declared, perhaps by a former build: a key that
// is not in the scope stays as it is and has no meaning, a value that is none gives way to
// the default, and of a key that is there twice the last counts.
func (s Scope) Read(properties []Property) *Values {
	v := newValues(s)
	for _, p := range properties {
		v.put(p)
	}
	return v
}

// ReadMap is Read of what Values.Map gave.
func (s Scope) ReadMap(properties map[string]string) *Values {
	v := newValues(s)
	for _, k := range slices.Sorted(maps.Keys(properties)) {
		v.put(P(k, properties[k]))
	}
	return v
}

// With is a copy in which one setting has another value.
func (v *Values) With(key, text string) *Values {
	out := v.scope.Read(v.Properties())
	out.put(P(key, text))
	return out
}

func (v *Values) put(p Property) {
	g := &given{setting: v.scope.Find(p.Key), key: p.Key, text: p.Value, origin: FromStatement}
	if g.setting == nil { // shown as a member of a family is
		g.setting = &Setting{Key: p.Key, Level: v.scope.level, Type: "text", Prefix: true}
	} else if !g.setting.Prefix {
		g.key = g.setting.Key
	}
	if parsed, err := g.setting.value(p.Value); err == nil {
		g.parsed = parsed
	}
	lower := strings.ToLower(g.key)
	if v.set[lower] == nil {
		v.order = append(v.order, lower)
	}
	v.set[lower] = g
}

// Map gives what was set as plain data, by lower-case key; a choice in its declared form.
func (v *Values) Map() map[string]string {
	out := make(map[string]string, len(v.set))
	for k, g := range v.set {
		if out[k] = g.text; g.setting.Type == "choice" && g.parsed != nil {
			out[k] = g.parsed.(string)
		}
	}
	return out
}

// unknown refuses a key, and names the known one that it was probably meant to be.
func (s Scope) unknown(p Property) error {
	e := &Error{Key: p.Key, Pos: p.KeyPos, Message: fmt.Sprintf("unknown %s property %q", s.level, p.Key)}
	if e.Hint = s.elsewhere(p.Key); e.Hint == "" {
		e.Hint = suggest(p.Key, s.list)
	}
	if e.Hint == "" {
		e.Hint = suggest(p.Key, s.others)
	}
	if e.Hint == "" {
		e.Hint = lists[s.level]
	}
	return e
}

// lists say where the settings of a level can be read: the answer to a key that is like none of them.
var lists = [...]string{
	Server:   "slipway settings prints them all, slipway config those in force.",
	Job:      "SHOW PROPERTIES FOR STREAMJOB name lists those of a job with their meanings; slipway settings prints them all (docs/settings.md).",
	Stream:   "slipway settings prints them all, by connector and format (docs/settings.md).",
	Session:  "SHOW ALL lists what SET takes; a job's settings stand in JOBPROPERTIES, those of a stream in TBLPROPERTIES.",
	Function: "They are export, memory.limit, time.limit and rows.limit (docs/settings.md).",
	User:     "They are those that SET takes, and slipway.limit.… (docs/settings.md).",
}

// places are where the properties of a level stand.
var places = [...]string{Server: "of the server's configuration", Job: "of JOBPROPERTIES", Stream: "of TBLPROPERTIES", Session: "that SET takes",
	Function: "of CREATE FUNCTION", User: "of ALTER USER … SET"}

// elsewhere tells where a key that is known on another level stands.
func (s Scope) elsewhere(key string) string {
	for level := range Level(len(places)) {
		if level == s.level {
			continue
		}
		for _, d := range Of(level).list {
			if !d.Prefix && (strings.EqualFold(d.Key, key) || slices.Contains(d.Aliases, strings.ToLower(key)) || slices.Contains(d.Elsewhere, strings.ToLower(key))) {
				return fmt.Sprintf("%q is a property %s.", d.Key, places[level])
			}
		}
	}
	if s.level != Stream && (Scope{list: options}).Find(key) != nil {
		return fmt.Sprintf("%q is a property %s.", key, places[Stream])
	}
	return ""
}

func suggest(key string, list []*Setting) string {
	var keys []string
	for _, d := range list {
		if slices.Contains(d.Elsewhere, strings.ToLower(key)) {
			return fmt.Sprintf("Here it is %q.", d.Key)
		}
		if !d.Ignored {
			keys = append(keys, d.Key)
		}
	}
	if known := near.Name(key, keys); known != "" {
		return fmt.Sprintf("Perhaps you meant %q.", known)
	}
	return ""
}
