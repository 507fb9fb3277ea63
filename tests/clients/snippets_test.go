package clients

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSnippets runs what docs/clients.md shows under "Connect from": each program answers 42.
func TestSnippets(t *testing.T) {
	page, err := os.ReadFile(matrixPage)
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Connect from\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, port := addressOf(t, start(t))
	t.Setenv("PYTHONPATH", packages(t, "python"))
	t.Setenv("NODE_PATH", filepath.Join(packages(t, "node"), "node_modules"))
	parts := strings.Split(section, "\n### ")
	if len(parts) < 9 {
		t.Fatalf("the page has %d snippets", len(parts)-1)
	}
	for _, part := range parts[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		_, rest, _ = strings.Cut(rest, "```")
		language, rest, _ := strings.Cut(rest, "\n")
		text, _, ok := strings.Cut(rest, "```")
		if !ok {
			t.Errorf("%s has no snippet", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			if out := runSnippet(t, language, strings.ReplaceAll(text, "10010", port)); !strings.Contains(out, "42") {
				t.Errorf("it printed %s", out)
			}
		})
	}
}

// runSnippet runs a program and gives what it prints.
func runSnippet(t *testing.T, language, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "snippet."+language)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	program := map[string][]string{"sh": {"bash"}, "python": {"python3"}, "js": {"node"}, "go": {"go", "run"}}[language]
	if program == nil {
		t.Fatalf("nothing runs %q", language)
	}
	if _, err := exec.LookPath(program[0]); err != nil {
		missing(t, program[0])
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program[0], append(program[1:], file)...)
	cmd.Env = append(os.Environ(), "PYTHONWARNINGS=ignore", "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v", err)
	}
	return string(out)
}
