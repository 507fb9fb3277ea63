package session

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/server/auth"
	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

var rewrite = flag.Bool("rewrite", false, "write what is answered into testdata")

// TestScripts plays every file of testdata to a session without a server: blocks of a message,
// a line of dashes and what the client is told. Each statement is described before it is
// executed, which runs nothing, and what was described is what comes.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	sent, played := map[reflect.Type]bool{}, 0
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			played++
			var standby *Standby
			if strings.Contains(file, "standby") {
				standby = &Standby{Leader: func() string { return "leader:10010" }, Heard: func() (string, time.Time) { return "", time.Time{} }}
			}
			play(t, file, newClient(t, standby, nil), sent)
		})
	}
	if t.Failed() || played < len(files) {
		return
	}
	for kind := range statements {
		if !sent[kind] {
			t.Errorf("no script sends a %s", kind.Elem().Name())
		}
	}
}

func play(t *testing.T, file string, c *client, sent map[reflect.Type]bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		message, want, _ := strings.Cut(block, "\n----")
		c.comesAs(message)
		got := c.answer(message, sent)
		fmt.Fprintf(&out, "%s\n----%s\n\n", message, got)
		if got != want && !*rewrite {
			t.Errorf("%s:\n%s\nanswers%s\nwant%s", file, message, got, want)
		}
	}
	if *rewrite {
		if err := os.WriteFile(file, []byte(strings.TrimSpace(out.String())+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// comesAs lets the client be who a message says that begins with "-- as name".
func (c *client) comesAs(message string) {
	first, _, _ := strings.Cut(message, "\n")
	if name, ok := strings.CutPrefix(first, "-- as "); ok {
		c.s.startup.User, c.s.startup.Identity = name, auth.Identity{User: name}
		c.s.rights = known{}
	}
}

// unsteady is what differs from run to run.
var unsteady = regexp.MustCompile(`\b[0-9a-f]{32}\b|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+|savepoint-\d{8}-\d{6}\.\d+`)

// answer is what the client is told of a message, each line behind a line break. A transaction
// goes on in the next message.
func (c *client) answer(message string, sent map[reflect.Type]bool) string {
	var lines []string
	list, err := c.s.Parse(message)
	for _, st := range list {
		var told []string
		told, err = c.answerOne(st)
		lines = append(append(lines, c.said...), told...)
		if c.said = nil; err != nil {
			break
		}
		sent[reflect.TypeOf(st)] = true
	}
	if err != nil {
		c.s.Failed()
		lines = append(lines, shownError(sqlerr.From(err)))
	}
	c.said = nil
	if state := c.s.TxStatus(); state != idle {
		lines = append(lines, "transaction: "+string(state))
	}
	text := strings.Join(lines, "\n")
	return "\n" + unsteady.ReplaceAllString(text, "<…>")
}

func (c *client) answerOne(st pgwire.Statement) (lines []string, err error) {
	before := c.ran
	said, outside, queries := len(c.said), c.runner.outside, len(c.runner.queries)
	_, described, describeErr := c.s.Describe(c.t.Context(), st, nil)
	if c.ran != before || len(c.said) != said || c.runner.outside != outside || len(c.runner.queries) != queries {
		c.t.Errorf("describing %s runs something", st)
	}
	r, err := c.s.Execute(c.t.Context(), st, nil)
	if err != nil {
		return nil, err
	}
	if describeErr != nil {
		c.t.Errorf("%s is executed, but describing it fails: %v", st, describeErr)
	}
	copied := r.CopyOut() != nil // its columns are those of the format
	if !copied && !slices.Equal(described, r.Columns()) {
		c.t.Errorf("%s is described as %v and gives %v", st, described, r.Columns())
	}
	if head := heading(r.Columns()); head != "" {
		lines = append(lines, head)
	}
	rows, err := readAll(c.t.Context(), r)
	if len(rows) > 0 && othersRows(st) {
		rows = []string{"…"}
	}
	lines = append(lines, rows...)
	if err != nil {
		return lines, err
	}
	return append(lines, r.Tag()), nil
}

// othersRows tells the statements whose rows are those of the compiler and of conf.
func othersRows(st pgwire.Statement) bool {
	switch st := st.(type) {
	case *ast.Explain, *ast.ExplainJob, *ast.ShowProperties:
		return true
	case *ast.ShowVariable:
		return st.All
	}
	return false
}

func heading(columns []pgwire.Column) string {
	var names []string
	for _, col := range columns {
		names = append(names, col.Name+" "+col.Type.String())
	}
	return strings.Join(names, ", ")
}
