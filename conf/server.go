package conf

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"slipway/conf/near"
)

// LoadServer reads the server's settings: the file (empty: none), then the
// environment, then key=value texts from flags; the later wins.
func LoadServer(file string, environ, sets []string) (*Values, []Notice, error) {
	v := newValues(Of(Server))
	var notices []Notice
	for _, load := range []struct {
		origin string
		read   func() ([]Property, error)
	}{
		{FromFile, func() ([]Property, error) { return readFile(file) }},
		{FromEnvironment, func() ([]Property, error) {
			properties, more := readEnvironment(environ)
			notices = append(notices, more...)
			return properties, nil
		}},
		{FromFlag, func() ([]Property, error) { return readFlags(sets) }},
	} {
		properties, err := load.read()
		if err != nil {
			return nil, notices, err
		}
		if err := refuse(properties); err != nil {
			return nil, notices, err
		}
		switch secret := holdsSecret(v.scope, properties); {
		case secret != "" && load.origin == FromFlag:
			return nil, notices, &Error{Key: secret, Pos: -1, Message: fmt.Sprintf("--set of %s is refused: everybody on this machine reads a command line", secret),
				Hint: fmt.Sprintf("Set it in the configuration file or by %s, or give secret('name').", environmentName(secret))}
		case secret != "" && load.origin == FromFile && othersRead(file):
			notices = append(notices, Notice{fmt.Sprintf("%s holds %s and can be read by others: it should have mode 0600", file, secret), -1})
		}
		more, err := v.add(properties, load.origin, load.origin != FromFlag)
		notices = append(notices, more...)
		if err != nil {
			return nil, notices, err
		}
	}
	return v, notices, nil
}

// holdsSecret is the first key whose value is a secret itself; empty if there is none.
func holdsSecret(s Scope, properties []Property) string {
	for _, p := range properties {
		if d := s.Find(p.Key); d != nil && d.Hides(p.Key) && p.Value != "" && !IsReference(p.Value) {
			return d.Key
		}
	}
	return ""
}

// othersRead tells that a file is readable for more than its owner.
func othersRead(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().Perm()&0o044 != 0
}

// refuse answers what cannot be had with its reason: the vendor's old mode.
func refuse(properties []Property) error {
	for _, p := range properties {
		if strings.EqualFold(p.Key, RecoveryMode.Key) && strings.EqualFold(p.Value, "standalone") {
			return &Error{Key: RecoveryMode.Key, Pos: -1, Hint: "Use local.",
				Message: fmt.Sprintf("%s=standalone was removed in 8.0: it kept checkpoint metadata in memory and lost it with the server", RecoveryMode.Key)}
		}
	}
	return nil
}

func readFile(path string) ([]Property, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading configuration: %w", err)
	}
	var tree yaml.Node
	if err := yaml.Unmarshal(b, &tree); err != nil {
		return nil, fmt.Errorf("reading configuration %s: %w", path, err)
	}
	if len(tree.Content) == 0 {
		return nil, nil
	}
	return flatten(nil, "", tree.Content[0])
}

// flatten joins nested keys with dots, so that both forms of YAML are right.
func flatten(out []Property, prefix string, n *yaml.Node) ([]Property, error) {
	switch n.Kind {
	case yaml.ScalarNode:
		return append(out, P(prefix, n.Value)), nil
	case yaml.MappingNode:
		var err error
		for i := 0; i+1 < len(n.Content) && err == nil; i += 2 {
			key := n.Content[i].Value
			if prefix != "" {
				key = prefix + "." + key
			}
			out, err = flatten(out, key, n.Content[i+1])
		}
		return out, err
	}
	return nil, fmt.Errorf("configuration line %d: %s must be one value", n.Line, prefix)
}

const environmentPrefix = "SLIPWAY_"

// environmentName is how a key stands in the environment.
func environmentName(key string) string {
	return environmentPrefix + strings.NewReplacer(".", "_", "-", "_").Replace(strings.ToUpper(key))
}

// foreign are families of variables with the prefix that belong to tests and tools.
var foreign = []string{"REQUIRE_", "E2E_", "SIM_", "TEST_", "BENCH_", "CRASHPOINT"}

// readEnvironment takes the variables that name a server key. Another one with the prefix
// is told of: most likely it was meant to be a setting.
func readEnvironment(environ []string) (out []Property, notices []Notice) {
	byName := map[string]string{}
	for _, s := range settings {
		if s.Level == Server {
			byName[environmentName(s.Key)] = s.Key
		}
	}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		rest, ours := strings.CutPrefix(name, environmentPrefix)
		if key, ok := byName[name]; ok {
			out = append(out, P(key, value))
		} else if ours && !slices.ContainsFunc(foreign, func(f string) bool { return strings.HasPrefix(rest, f) }) {
			notices = append(notices, Notice{noSetting(name, rest), -1})
		}
	}
	return out, notices
}

func noSetting(name, rest string) string {
	text := fmt.Sprintf("the environment variable %s names no setting and is ignored", name)
	if known := near.Name(strings.ReplaceAll(rest, "_", "."), keysOf(Server)); known != "" {
		text += "; perhaps you meant " + environmentName(known)
	}
	return text
}

func keysOf(level Level) (keys []string) {
	for _, s := range Of(level).Settings() {
		keys = append(keys, s.Key)
	}
	return keys
}

func readFlags(sets []string) (out []Property, err error) {
	for _, s := range sets {
		key, value, ok := strings.Cut(s, "=")
		if !ok {
			return nil, &Error{Key: s, Pos: -1, Message: fmt.Sprintf("--set %s: it must read key=value", s)}
		}
		out = append(out, P(strings.TrimSpace(key), strings.TrimSpace(value)))
	}
	return out, nil
}

// Print shows every key of the level in force and where it comes from.
func (v *Values) Print(w io.Writer) error {
	for _, s := range settings {
		if s.Level != v.scope.level || s.Prefix || s.Ignored {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s=%s  # %s\n", s.Key, show(s, s.Key, v.Text(s.Key)), v.Source(s.Key)); err != nil {
			return err
		}
	}
	return nil
}

// MemoryBudget is the limit in force: server.memory.limit, or 60 % of what the
// machine or its cgroup has.
func MemoryBudget(v *Values) int64 {
	if n := MemoryLimit.Get(v); n > 0 {
		return n
	}
	total := machineMemory()
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if b, err := os.ReadFile(path); err == nil {
			if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && n > 0 {
				total = min(total, n)
			}
		}
	}
	return total / 10 * 6
}

// machineMemory reads MemTotal; where there is no /proc, four gigabytes are assumed.
func machineMemory() int64 {
	b, _ := os.ReadFile("/proc/meminfo")
	fields := strings.Fields(string(b))
	if i := slices.Index(fields, "MemTotal:"); i >= 0 && i+1 < len(fields) {
		if kb, err := strconv.ParseInt(fields[i+1], 10, 64); err == nil {
			return kb << 10
		}
	}
	return 4 << 30
}

// Section is the settings of one connector or format on the reference page.
type Section struct {
	Title string
	// Text says what it is and can do.
	Text     string
	Settings []*Setting
}

// WriteReference writes the reference page: the settings of the levels, then the sections.
func WriteReference(w io.Writer, sections []Section) error {
	var b strings.Builder
	b.WriteString("# Settings\n\nGenerated from the declarations. Origin: S the vendor's article, V the vendor's other material, O Slipway's own.\n")
	for level, title := range []string{"Server: file, environment, `--set`", "Jobs: `JOBPROPERTIES`", "Streams and tables: `TBLPROPERTIES`",
		"Sessions: `SET`", "Functions in WebAssembly: `WITH` of CREATE FUNCTION",
		"Users: `ALTER USER … SET`"} {
		fmt.Fprintf(&b, "\n## %s\n", title)
		writeTable(&b, Of(Level(level)).list)
		if Level(level) != Stream {
			continue
		}
		b.WriteString("\nTo these come those of the stream's connector and of its format; what belongs to another one is refused.\n")
		for _, s := range sections {
			fmt.Fprintf(&b, "\n### %s\n\n%s\n", s.Title, s.Text)
			writeTable(&b, s.Settings)
		}
	}
	b.WriteString("\nAccepted with a notice and without meaning here:")
	for _, s := range settings {
		if s.Ignored {
			fmt.Fprintf(&b, " `%s` (%s)", s.Key, s.Level)
		}
	}
	b.WriteString(".\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func writeTable(b *strings.Builder, list []*Setting) {
	if len(list) == 0 {
		return
	}
	b.WriteString("\n| Key | Type | Default | Meaning | Origin |\n|---|---|---|---|---|\n")
	for _, s := range list {
		if !s.Ignored {
			fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", s.shownKey(), s.shownType(), s.shownDefault(), strings.ReplaceAll(s.Text, "|", "\\|"), s.Origin)
		}
	}
}

func (s *Setting) shownKey() string {
	if s.Prefix {
		return s.Key + "…"
	}
	return s.Key
}

func (s *Setting) shownType() string {
	t := s.Type
	switch {
	case len(s.Choices) > 0:
		t = strings.Join(s.Choices, ", ")
	case s.Unit != "":
		t += ", " + s.Unit
	}
	switch {
	case s.Type == "bytes" && s.Min != 0:
		t += fmt.Sprintf(", at least %dMB", s.Min>>20)
	case s.Min != 0 || s.Max != 0:
		t += fmt.Sprintf(", %d…%d", s.Min, s.Max)
	}
	return t
}

func (s *Setting) shownDefault() string {
	if s.Default == "" {
		return ""
	}
	return "`" + s.Default + "`"
}
