package query

import (
	"regexp"
	"strings"
	"testing"
)

// examples are the statements of a page of docs, with the blank lines between them gone.
var examples = regexp.MustCompile("(?s)```sql\n(.*?)```")

// TestDocs runs what docs/queries.md shows, one statement behind the other.
func TestDocs(t *testing.T) {
	blocks := examples.FindAllStringSubmatch(read(t, "../../docs/queries.md"), -1)
	if len(blocks) < 8 {
		t.Fatalf("%d blocks", len(blocks))
	}
	s := newServer(t)
	s.topics(t, "orders", "payments", "customers", "per_product", "large")
	runExamples(t, s, blocks)
}

// TestFunctionDocs runs what docs/sql/create-function.md and docs/sql/wasm.md show.
func TestFunctionDocs(t *testing.T) {
	blocks := examples.FindAllStringSubmatch(read(t, "../../docs/sql/create-function.md"), -1)
	if len(blocks) < 2 {
		t.Fatalf("%d blocks", len(blocks))
	}
	s := newServer(t)
	runExamples(t, s, blocks)
	runExamples(t, s, examples.FindAllStringSubmatch(read(t, "../../docs/sql/wasm.md"), -1))
}

func runExamples(t *testing.T, s *server, blocks [][]string) {
	t.Helper()
	for _, b := range blocks {
		for _, statement := range strings.SplitAfter(b[1], ";\n") {
			if strings.TrimSpace(statement) != "" {
				s.exec(t, statement)
			}
		}
	}
}
