package clients

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

var rewrite = flag.Bool("rewrite", false, "write what is answered into testdata")

// TestScripts plays every file of testdata against a node of its own: blocks of a
// message, a line of dashes and what a client sees of the answer. A message that begins
// with \n and a name is sent by another client of that name; \wait runs the message
// until the answer is the expected one.
func TestScripts(t *testing.T) { eachScript(t, "testdata/*.txt", playFile) }

// eachScript gives the files of a pattern, at the same time.
func eachScript(t *testing.T, pattern string, play func(t *testing.T, file string)) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			play(t, file)
		})
	}
}

// playFile plays a file against a node of its own.
func playFile(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n := start(t)
	p := &player{t: t, clients: map[string]*client{}, open: func() *client {
		return openClient(t, "postgres://test@"+n.SQLAddress()+"/default?sslmode=disable&application_name=script")
	}}
	if got := p.play(string(text)); got != string(text) && *rewrite {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// player answers a script.
type player struct {
	t       *testing.T
	open    func() *client
	clients map[string]*client
}

// client is a connection with the notices that came since the last answer.
type client struct {
	conn *pgconn.PgConn
	said []string
}

func openClient(t *testing.T, url string) *client {
	t.Helper()
	c := &client{}
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		c.said = append(c.said, problem(n.Severity, n.Code, n.Message, n.Detail, n.Hint, n.Position))
	}
	if c.conn, err = pgconn.ConnectConfig(context.Background(), &cfg.Config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.conn.Close(context.Background()) })
	return c
}

func problem(severity, code, message, detail, hint string, position int32) string {
	s := severity + " " + code
	if position > 0 {
		s += fmt.Sprintf(" at %d", position)
	}
	s += ": " + message
	if detail != "" {
		s += "\n  detail: " + detail
	}
	if hint != "" {
		s += "\n  hint: " + hint
	}
	return s
}

// play runs the blocks and gives the script with the answers put in.
func (p *player) play(text string) string {
	var out []string
	for _, block := range strings.Split(strings.TrimSpace(text), "\n\n") {
		message, want, ok := strings.Cut(block, "\n----")
		if !ok { // a remark
			out = append(out, block)
			continue
		}
		want = strings.TrimPrefix(want, "\n")
		got := p.answer(message, want)
		if got != want && !*rewrite {
			p.t.Errorf("%s\nanswered:\n%s\nwant:\n%s", message, got, want)
		}
		block = message + "\n----"
		if got != "" {
			block += "\n" + got
		}
		out = append(out, block)
	}
	return strings.Join(out, "\n\n") + "\n"
}

func (p *player) answer(message, want string) string {
	if strings.HasPrefix(message, "[") { // where it is from
		_, message, _ = strings.Cut(message, "\n")
	}
	name := ""
	if rest, ok := strings.CutPrefix(message, `\client `); ok {
		name, message, _ = strings.Cut(rest, "\n")
	}
	c := p.clients[name]
	if c == nil {
		c = p.open()
		p.clients[name] = c
	}
	rest, waits := strings.CutPrefix(message, "\\wait\n")
	if !waits {
		return c.ask(message)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if got := c.ask(rest); got == want || time.Now().After(deadline) || *rewrite && time.Now().After(deadline.Add(-27*time.Second)) {
			return got
		}
	}
}

// masks hide what differs from run to run.
var masks = []struct {
	find *regexp.Regexp
	put  string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?`), "<time>"},
	{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "<id>"},
	{regexp.MustCompile(`\b127\.0\.0\.1:\d+`), "<address>"},
}

// ask sends one message and shows the answer as psql would.
func (c *client) ask(message string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c.said = nil
	var out []string
	if upper := strings.ToUpper(message); strings.HasPrefix(upper, "COPY") {
		var text strings.Builder
		tag, err := c.conn.CopyTo(ctx, &text, message)
		if text.Len() > 0 {
			out = append(out, strings.TrimSuffix(text.String(), "\n"))
		}
		out = append(out, ending(tag, err)...)
	} else {
		r := c.conn.Exec(ctx, message)
		for r.NextResult() {
			out = append(out, show(r.ResultReader())...)
		}
		out = append(out, ending(pgconn.CommandTag{}, r.Close())...)
	}
	text := strings.Join(append(c.said, out...), "\n")
	for _, m := range masks {
		text = m.find.ReplaceAllString(text, m.put)
	}
	return text
}

func show(r *pgconn.ResultReader) (out []string) {
	var names []string
	for _, f := range r.FieldDescriptions() {
		names = append(names, f.Name)
	}
	if names != nil {
		out = append(out, strings.Join(names, "|"))
	}
	for r.NextRow() {
		var cells []string
		for _, v := range r.Values() {
			if v == nil {
				cells = append(cells, "∅")
			} else {
				cells = append(cells, string(v))
			}
		}
		out = append(out, strings.Join(cells, "|"))
	}
	tag, err := r.Close()
	if err != nil { // the multi-result reader gives it once more
		return out
	}
	return append(out, ending(tag, nil)...)
}

func ending(tag pgconn.CommandTag, err error) []string {
	if e, ok := err.(*pgconn.PgError); ok {
		return []string{problem(e.Severity, e.Code, e.Message, e.Detail, e.Hint, e.Position)}
	}
	if err != nil {
		return []string{"broken: " + err.Error()}
	}
	if tag.String() == "" {
		return nil
	}
	return []string{tag.String()}
}
