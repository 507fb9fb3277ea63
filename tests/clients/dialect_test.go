package clients

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDialect plays what the dialect says of its statements, as a client sees it: the files of testdata/dialect, in the
// form of TestScripts. In front of each message stands the section that says it.
func TestDialect(t *testing.T) { eachScript(t, "testdata/dialect/*.txt", playFile) }

var (
	testShown = regexp.MustCompile("`([a-z0-9/]+) (Test\\w+)`")
	textShown = regexp.MustCompile("`([a-z0-9/_-]+/testdata/[\\w./-]+)`: (`` .*? ``|``.*?``|`[^`]+`)")
)

// TestDialectTable: every line of the dialect's table says what shows it, how it differs or that nothing shows it, and what it names is there.
func TestDialectTable(t *testing.T) {
	file, err := os.Open("testdata/dialect.md")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, shown := bufio.NewScanner(file), 0
	for lines.Scan() {
		line := strings.ReplaceAll(lines.Text(), `\|`, "\x00")
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if !strings.HasPrefix(line, "| ") || len(cells) < 2 || cells[1] == "Shown by" {
			continue
		}
		n := 0
		for _, m := range testShown.FindAllStringSubmatch(cells[1], -1) {
			hasTest(t, m[1], m[2])
			n++
		}
		for _, m := range textShown.FindAllStringSubmatch(cells[1], -1) {
			holdsText(t, m[1], strings.ReplaceAll(strings.TrimSpace(strings.Trim(m[2], "`")), "\x00", "|"))
			n++
		}
		if n == 0 && !strings.HasPrefix(cells[1], "differs: ") && strings.TrimSpace(cells[1]) != "not shown" {
			t.Errorf("nothing shows %q: %s", cells[0], cells[1])
		}
		shown += n
	}
	if shown < 100 {
		t.Errorf("the table names %d tests and texts", shown)
	}
}

// hasTest looks for a test in a package of the project.
func hasTest(t *testing.T, dir, name string) {
	t.Helper()
	files, _ := filepath.Glob("../../" + dir + "/*_test.go")
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && strings.Contains(string(b), "\nfunc "+name+"(") {
			return
		}
	}
	t.Errorf("%s has no %s", dir, name)
}

func holdsText(t *testing.T, file, text string) {
	t.Helper()
	if b, err := os.ReadFile("../../" + file); err != nil || !strings.Contains(string(b), text) {
		t.Errorf("%s does not hold %q: %v", file, text, err)
	}
}
