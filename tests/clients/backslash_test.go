package clients

import (
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestBackslash: psql's commands about what there is, each with what it shows. The first lines of the file declare it.
func TestBackslash(t *testing.T) {
	if version, err := exec.Command("psql", "--version").Output(); err != nil || !strings.Contains(string(version), " 15.") {
		if os.Getenv("SLIPWAY_REQUIRE_SERVERS") == "1" {
			t.Fatalf("psql 15 is not installed: %s %v", version, err)
		}
		t.Skip("PSQL 15 IS NOT INSTALLED, its commands are not tried")
	}
	host, port, err := net.SplitHostPort(start(t).SQLAddress())
	if err != nil {
		t.Fatal(err)
	}
	const file = "testdata/backslash"
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for line := range strings.Lines(string(want)) {
		if command, ok := strings.CutPrefix(line, "> "); ok {
			cmd := exec.Command("psql", "-X", "-h", host, "-p", port, "-U", "ann", "-d", "default")
			cmd.Stdin = strings.NewReader(command)
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PGOPTIONS=")
			out, _ := cmd.CombinedOutput() // an error is a part of what is compared
			got.WriteString(line + trailing.ReplaceAllString(string(out), "\n"))
		}
	}
	if *rewrite {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got.String() != string(want) {
		t.Errorf("psql shows\n%s", firstDifference(got.String(), string(want)))
	}
}

// trailing are the blanks that psql fills its columns with at the end of a line.
var trailing = regexp.MustCompile(` +\n`)

// firstDifference is the first line that differs, with some around it, and what was to be there.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return strings.Join(g[max(0, i-5):min(len(g), i+5)], "\n") + "\nwant\n" + strings.Join(w[min(len(w), max(0, i-5)):min(len(w), i+5)], "\n")
		}
	}
	return "too little"
}
