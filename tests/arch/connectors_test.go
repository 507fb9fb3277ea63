package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// atHome has the connectors and who may name them: their own folder, and of
// the default its setting.
var atHome = map[string][]string{
	"kafka":     {"kafkaio/", "conf/settings.go"},
	"datagen":   {"executor/connector/datagen/"},
	"nexmark":   {"executor/connector/datagen/"},
	"jdbc":      {"executor/connector/jdbc/", "sql/plan/plantest/samples.go"},
	"blackhole": {"executor/connector/blackhole/"},
	"print":     {"executor/connector/blackhole/"},
}

// backends are named as one of the connectors is, and are something else.
var backends = []string{"cmd/node/", "server/jobs/backend.go", "conf/settings.go"}

// TestConnectorsAreNamedAtHome: what differs between connectors is a trait that they declare.
func TestConnectorsAreNamedAtHome(t *testing.T) {
	found := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(strings.TrimPrefix(path, "../../"))
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "tests/") {
			return err
		}
		for _, word := range texts(t, path) {
			homes, connector := atHome[word]
			if !connector || word == "kafka" && slices.ContainsFunc(backends, func(b string) bool { return strings.HasPrefix(name, b) }) {
				continue
			}
			if found[word] = true; !slices.ContainsFunc(homes, func(h string) bool { return strings.HasPrefix(name, h) }) {
				t.Errorf("%s names the connector %q", name, word)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != len(atHome) {
		t.Errorf("only %v of the connectors are found at all", found)
	}
}

// texts are the string literals of a file.
func texts(t *testing.T, path string) (out []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, err := strconv.Unquote(l.Value); err == nil {
				out = append(out, s)
			}
		}
		return true
	})
	return out
}
