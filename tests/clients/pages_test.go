package clients

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
)

// block is one of statements of a page, and that of what the last one answers behind it.
var block = regexp.MustCompile("(?s)```sql\n(.*?)```(?:\n```text\n(.*?)```)?")

// TestDocumentation runs the statements of pages of docs from top to bottom; a query is asked again until it answers
// what the page says. With -rewrite the page gets what it answers after a while.
func TestDocumentation(t *testing.T) {
	for page, answers := range map[string]int{"cookbook": 20, "coming-from": 2, "sql/patterns": 6, "sql/statements": 0} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			if n := runPage(t, "../../docs/"+page+".md"); n < answers {
				t.Errorf("the page has %d answers", n)
			}
		})
	}
}

// runPage tells how many answers the page has.
func runPage(t *testing.T, page string) (answers int) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	conn := connect(t, start(t), "").PgConn()
	written := block.ReplaceAllStringFunc(string(text), func(whole string) string {
		parts := block.FindStringSubmatch(whole)
		list := splitStatements(parts[1])
		for _, s := range list[:len(list)-1] {
			// Of one partition none is silent: nothing waits five seconds for it.
			rowsOf(t, conn, strings.Replace(s, `"format"="json")`, `"format"="json", "topic.partitions"="1")`, 1))
		}
		if !strings.Contains(whole, "```text") {
			rowsOf(t, conn, list[len(list)-1])
			return whole
		}
		answers++
		return "```sql\n" + parts[1] + "```\n```text\n" + awaitAnswer(t, conn, list[len(list)-1], parts[2]) + "```"
	})
	if *rewrite {
		if err := os.WriteFile(page, []byte(written), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return answers
}

// awaitAnswer asks until the answer is the expected one.
func awaitAnswer(t *testing.T, conn *pgconn.PgConn, statement, want string) string {
	t.Helper()
	if *rewrite && strings.HasPrefix(statement, "SELECT") {
		time.Sleep(2 * time.Second)
	}
	got := rowsOf(t, conn, statement)
	for deadline := time.Now().Add(30 * time.Second); got != want && !*rewrite && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		got = rowsOf(t, conn, statement)
	}
	if got != want && !*rewrite {
		t.Errorf("%s\nanswers\n%swant\n%s", statement, got, want)
	}
	return got
}

// rowsOf runs a statement and gives its rows as a table; it fails the test where the statement does.
func rowsOf(t *testing.T, conn *pgconn.PgConn, statement string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	results, err := conn.Exec(ctx, statement).ReadAll()
	if err != nil {
		t.Fatalf("%s\n%v", statement, err)
	}
	var rows [][]string
	for _, r := range results {
		if len(r.FieldDescriptions) == 0 {
			continue
		}
		names := make([]string, len(r.FieldDescriptions))
		for i, f := range r.FieldDescriptions {
			names[i] = f.Name
		}
		rows = append(rows, names)
		for _, row := range r.Rows {
			cells := make([]string, len(row))
			for i, cell := range row {
				cells[i] = string(cell)
			}
			rows = append(rows, cells)
		}
	}
	return drawn(rows)
}

// drawn draws rows, the first of which are the columns' names.
func drawn(rows [][]string) string {
	if len(rows) == 0 {
		return ""
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var out strings.Builder
	for n, row := range rows {
		line := make([]string, len(row))
		for i, cell := range row {
			line[i] = cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		}
		fmt.Fprintln(&out, strings.TrimRight(strings.Join(line, " | "), " "))
		if n == 0 {
			for i, w := range widths {
				line[i] = strings.Repeat("-", w)
			}
			fmt.Fprintln(&out, strings.Join(line, "-+-"))
		}
	}
	return out.String()
}

// splitStatements cuts a text at its semicolons, as psql does: not within quotes and parentheses.
func splitStatements(text string) (out []string) {
	depth, quote, from := 0, rune(0), 0
	for i, r := range text {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"':
			quote = r
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ';' && depth == 0:
			out = append(out, strings.TrimSpace(text[from:i]))
			from = i + 1
		}
	}
	return out
}
