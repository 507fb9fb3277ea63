// Package conf declares every setting of Slipway once: key, level, type, unit,
// default, bounds, meaning, source. Loading, validation, did-you-mean, SHOW,
// redaction and the reference page all come from the declaration. Connectors and formats
// declare their own options in the same way, and a Scope says which of them may be named.
//
// It is the ground: any package may import it, it imports only conf/near, the measure of
// its suggestions.
package conf

import (
	"fmt"
	"strings"
	"time"
)

// Level tells where a setting is given.
type Level uint8

const (
	// Server settings come from the file, the environment and flags.
	Server Level = iota
	// Job settings are JOBPROPERTIES.
	Job
	// Stream settings are TBLPROPERTIES.
	Stream
	// Session settings are SET.
	Session
	// Function settings stand in WITH (…) of CREATE FUNCTION … LANGUAGE wasm.
	Function
	// User settings are ALTER USER … SET: limits, which a session does not set itself.
	User
)

func (l Level) String() string {
	return [...]string{"server", "job", "stream", "session", "function", "user"}[l]
}

// Setting is one declaration.
type Setting struct {
	Key   string
	Level Level
	Type  string // boolean, integer, duration, bytes, text, choice, decimal
	// Unit of a bare number: "ms", "bytes", "rows" …
	Unit    string
	Default string
	// Choices of a choice, in lower case; Words are others that mean one of them.
	Choices  []string
	Words    map[string]string
	Min, Max int64 // bounds of numbers in Unit; both 0: none
	Text     string
	// Origin says who named the key: the vendor's article (S), the vendor's other
	// material (V), or this project (O).
	Origin string
	// Aliases are accepted with a notice that names Key.
	Aliases []string
	// Ignored keys of the vendor's are accepted with a notice and mean nothing here.
	Ignored bool
	// Secret values are printed as ******.
	Secret bool
	// MayBeSecret: the value is shown, unless secret('name') stands for it.
	MayBeSecret bool
	// Target says that the value leads outside, and how it does.
	Target Target
	// Prefix: Key is a family, "fields." stands for "fields.a.min" and so on.
	Prefix bool
	// Open: no member of the family is a secret, whatever its name.
	Open bool
	// Elsewhere are the names of it in other systems, which the refusal of one leads here.
	Elsewhere []string
}

// Target is how a value leads outside: not everybody may name everything.
type Target uint8

const (
	// NoTarget leads nowhere.
	NoTarget Target = iota
	// TargetHosts is host:port, with commas between.
	TargetHosts
	// TargetURL is a URL, perhaps behind jdbc:.
	TargetURL
	// TargetFile is a file on the server.
	TargetFile
)

// Leads tells how the value under a key of this setting leads outside. Clients' own settings name files by the ends of their keys.
func (s *Setting) Leads(key string) Target {
	key = strings.ToLower(key)
	if s.Prefix && !s.Open && (strings.HasSuffix(key, ".location") || strings.HasSuffix(key, ".file")) {
		return TargetFile
	}
	return s.Target
}

// Property is one key and value as given; the offsets point into the user's text, -1 if unknown.
type Property struct {
	Key, Value       string
	KeyPos, ValuePos int
}

// P makes a property without offsets.
func P(key, value string) Property { return Property{key, value, -1, -1} }

// Error is a fault in a setting; callers render it as 22023.
type Error struct {
	Key     string
	Message string
	Hint    string
	Pos     int // byte offset, -1 if unknown
}

func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + " (" + e.Hint + ")"
}

// Notice is something the user should know although the setting was accepted.
type Notice struct {
	Message string
	Pos     int
}

// Origins of a value, the later wins.
const (
	FromDefault     = "default"
	FromFile        = "file"
	FromEnvironment = "environment"
	FromFlag        = "flag"
	FromStatement   = "statement"
)

// given is one value in force.
type given struct {
	setting *Setting
	key     string // as spelled by the declaration, or the full key of a family
	text    string
	parsed  any
	origin  string
}

// Values are the settings of one level in force. They are not changed once made.
type Values struct {
	scope Scope
	set   map[string]*given // by lower-case key
	order []string
}

func newValues(s Scope) *Values { return &Values{scope: s, set: map[string]*given{}} }

// Defaults are the values of a level with nothing set.
func Defaults(level Level) *Values { return newValues(Of(level)) }

// IsSet tells whether a key was given.
func (v *Values) IsSet(key string) bool {
	g := v.set[strings.ToLower(key)]
	return g != nil && g.parsed != nil
}

// Text gives the text of a key as given, or its default.
func (v *Values) Text(key string) string {
	if g := v.set[strings.ToLower(key)]; g != nil {
		return g.text
	}
	if s := v.scope.Find(key); s != nil {
		return s.Default
	}
	return ""
}

// Source tells where a key's value comes from.
func (v *Values) Source(key string) string {
	if g := v.set[strings.ToLower(key)]; g != nil {
		return g.origin
	}
	return FromDefault
}

// Properties gives what was set, in order.
func (v *Values) Properties() []Property {
	out := make([]Property, 0, len(v.order))
	for _, k := range v.order {
		out = append(out, P(v.set[k].key, v.set[k].text))
	}
	return out
}

// Redacted gives what was set with secrets as ******.
func (v *Values) Redacted() []Property {
	out := v.Properties()
	for i, k := range v.order {
		out[i].Value = show(v.set[k].setting, v.set[k].key, v.set[k].text)
	}
	return out
}

// Family gives the values of a family by what follows its prefix.
func (v *Values) Family(prefix string) map[string]string {
	out := map[string]string{}
	for k, g := range v.set {
		if rest, ok := strings.CutPrefix(k, prefix); ok {
			out[g.key[len(g.key)-len(rest):]] = g.text
		}
	}
	return out
}

func show(s *Setting, key, text string) string {
	if s.Hides(key) && !IsReference(text) {
		return hidden(text)
	}
	return Redact(text)
}

// SameKey tells whether two keys name the same setting of a level, aliases and case aside.
func SameKey(level Level, a, b string) bool { return Of(level).Same(a, b) }

// Parse validates the properties of a job or session.
func Parse(level Level, properties []Property) (*Values, []Notice, error) {
	return Of(level).Parse(properties)
}

func (v *Values) add(properties []Property, origin string, once bool) (notices []Notice, err error) {
	seen := map[string]bool{}
	for _, p := range properties {
		s := v.scope.Find(p.Key)
		if s == nil {
			return notices, v.scope.unknown(p)
		}
		key := s.Key
		if s.Prefix {
			key = p.Key
		}
		lower := strings.ToLower(key)
		if once && seen[lower] {
			return notices, &Error{Key: key, Pos: p.KeyPos, Message: fmt.Sprintf("property %q is given twice", p.Key)}
		}
		seen[lower] = true
		if s.Ignored {
			notices = append(notices, Notice{fmt.Sprintf("property %q has no meaning here and is ignored", p.Key), p.KeyPos})
		} else if !s.Prefix && !strings.EqualFold(p.Key, s.Key) {
			notices = append(notices, Notice{fmt.Sprintf("property %q is accepted as %q", p.Key, s.Key), p.KeyPos})
		}
		if IsReference(p.Value) && !s.takesReference(key) {
			return notices, &Error{Key: key, Pos: p.ValuePos, Message: fmt.Sprintf("property %q takes no secret", p.Key),
				Hint: "secret('name') stands for passwords and their like: what SHOW would mask, and settings of a client that is handed through."}
		}
		parsed, err := s.value(p.Value)
		if err != nil {
			return notices, &Error{Key: key, Pos: p.ValuePos, Message: fmt.Sprintf("property %q: %s", s.Key, err)}
		}
		if v.set[lower] == nil {
			v.order = append(v.order, lower)
		}
		v.set[lower] = &given{setting: s, key: key, text: p.Value, parsed: parsed, origin: origin}
	}
	return notices, nil
}

// relations checks what holds between the keys of a level.
func (v *Values) relations() error {
	if v.scope.level != Job {
		return nil
	}
	if RestartStrategy.IsSet(v) && AutoFailover.IsSet(v) {
		if s, on := RestartStrategy.Get(v), AutoFailover.Get(v); (s == "none") == on {
			return contradiction(RestartStrategy.Setting, "Give one of the two.", "%q=%q contradicts %q=\"%t\"", RestartStrategy.Name(), s, AutoFailover.Name(), on)
		}
	}
	if RestartStrategy.IsSet(v) && TaskMaxFailures.IsSet(v) {
		if s, n := RestartStrategy.Get(v), TaskMaxFailures.Get(v); (s == "none") == (n > 0) {
			return contradiction(RestartStrategy.Setting, "Give one of the two.", "%q=%q contradicts %q=\"%d\"", RestartStrategy.Name(), s, TaskMaxFailures.Name(), n)
		}
	}
	if DeliveryGuarantee.Get(v) == ExactlyOnce && !EnableCheckpoint.Get(v) {
		return contradiction(DeliveryGuarantee.Setting, "Transactions are committed with checkpoints.",
			"%q=%q needs %q=\"true\"", DeliveryGuarantee.Name(), ExactlyOnce, EnableCheckpoint.Name())
	}
	return nil
}

func contradiction(s *Setting, hint, format string, args ...any) error {
	return &Error{Key: s.Key, Pos: -1, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// Typed keys: Get gives the value in force or the default; zero where there is none.
type (
	// BoolKey is true or false in any case.
	BoolKey struct{ *Setting }
	// IntKey is a whole number.
	IntKey struct{ *Setting }
	// DurationKey is a number of Unit or a text such as 10s.
	DurationKey struct{ *Setting }
	// BytesKey is a number of bytes or a text such as 512MB.
	BytesKey struct{ *Setting }
	// StringKey is any text.
	StringKey struct{ *Setting }
	// SecretTextKey is a text that is never printed.
	SecretTextKey struct{ *Setting }
	// ChoiceKey is one of Choices, in lower case.
	ChoiceKey struct{ *Setting }
)

// Name is the key.
func (s *Setting) Name() string { return s.Key }

// IsSet tells whether the key was given in v.
func (s *Setting) IsSet(v *Values) bool { return v.IsSet(s.Key) }

func get[T any](s *Setting, v *Values) T {
	if v == nil { // nothing was given
		v = &Values{}
	}
	if g := v.set[strings.ToLower(s.Key)]; g != nil && g.parsed != nil {
		return g.parsed.(T)
	}
	if s.Default == "" { // none
		var zero T
		return zero
	}
	parsed, err := s.parse(s.Default)
	if err != nil {
		panic(fmt.Sprintf("conf: default of %s: %v", s.Key, err))
	}
	return parsed.(T)
}

// Get gives the value in force.
func (k BoolKey) Get(v *Values) bool { return get[bool](k.Setting, v) }

// Get gives the value in force.
func (k IntKey) Get(v *Values) int64 { return get[int64](k.Setting, v) }

// Get gives the value in force.
func (k DurationKey) Get(v *Values) time.Duration { return get[time.Duration](k.Setting, v) }

// Get gives the value in force.
func (k BytesKey) Get(v *Values) int64 { return get[int64](k.Setting, v) }

// Get gives the value in force.
func (k StringKey) Get(v *Values) string { return get[string](k.Setting, v) }

// Get gives the value in force.
func (k SecretTextKey) Get(v *Values) Secret { return NewSecret(get[string](k.Setting, v)) }

// Get gives the value in force.
func (k ChoiceKey) Get(v *Values) string { return get[string](k.Setting, v) }

// All lists every declaration.
func All() []*Setting { return settings }
