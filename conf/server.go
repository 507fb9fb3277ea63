package conf

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// LoadServer reads the server's settings: the file (empty: none), then the
// environment, then key=value texts from flags; the later wins.
func LoadServer(file string, environ, sets []string) (*Values, []Notice, error) {
	v := newValues(Server)
	var notices []Notice
	for _, load := range []struct {
		origin string
		read   func() ([]Property, error)
	}{
		{FromFile, func() ([]Property, error) { return readFile(file) }},
		{FromEnvironment, func() ([]Property, error) { return readEnvironment(environ), nil }},
		{FromFlag, func() ([]Property, error) { return readFlags(sets) }},
	} {
		properties, err := load.read()
		if err != nil {
			return nil, notices, err
		}
		if err := refuseStandalone(properties); err != nil {
			return nil, notices, err
		}
		more, err := v.add(properties, load.origin, load.origin != FromFlag)
		notices = append(notices, more...)
		if err != nil {
			return nil, notices, err
		}
	}
	return v, notices, nil
}

// refuseStandalone answers the vendor's old mode with its reason.
func refuseStandalone(properties []Property) error {
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

// readEnvironment takes the variables that name a server key; others with the
// prefix belong to tests and tools.
func readEnvironment(environ []string) (out []Property) {
	byName := map[string]string{}
	for _, s := range settings {
		if s.Level == Server {
			byName[environmentName(s.Key)] = s.Key
		}
	}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if key, ok := byName[name]; ok {
			out = append(out, P(key, value))
		}
	}
	return out
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
		if s.Level != v.level || s.Prefix || s.Ignored {
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

// WriteReference writes the reference page of all settings.
func WriteReference(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Settings\n\nGenerated from the declarations in `conf`. Origin: S the vendor's article, V the vendor's other material, O Slipway's own.\n")
	for level, title := range []string{"Server: file, environment, `--set`", "Jobs: `JOBPROPERTIES`", "Streams and tables: `TBLPROPERTIES`", "Sessions: `SET`"} {
		fmt.Fprintf(&b, "\n## %s\n\n| Key | Type | Default | Meaning | Origin |\n|---|---|---|---|---|\n", title)
		for _, s := range settings {
			if s.Level == Level(level) && !s.Ignored {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", s.shownKey(), s.shownType(), s.shownDefault(), strings.ReplaceAll(s.Text, "|", "\\|"), s.Origin)
			}
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
	if s.Min != 0 || s.Max != 0 {
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
