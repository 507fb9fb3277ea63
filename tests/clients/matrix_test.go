package clients

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"slipway/cmd/node"
	"slipway/tests/servers"
)

// The matrix: what clients are tried for, each by itself against one server. A step that a client has nothing for says why.
const (
	matrixPage  = "../../docs/clients.md"
	matrixBegin = "<!-- matrix: printed by tests/clients, TestMatrix -rewrite -->\n"
	matrixEnd   = "<!-- end of matrix -->"
)

// matrixSteps are the steps in their order.
var matrixSteps = []string{
	"connect", "types", "null", "chinese", "mebibyte", "parameters", "prepared", "insert", "cursor", "batch", "error", "transaction", "cancel", "copy in", "copy out",
	"pool", "time zone", "catalog", "empty",
}

// stepOf is how a client did one step: yes, no or failed, and why.
type stepOf struct{ answer, why string }

// matrixClient is a column of the matrix.
type matrixClient struct {
	name string
	run  func(t *testing.T, n *node.Node, name string) map[string]stepOf
}

var matrixClients = []matrixClient{
	{"psycopg2", runPython}, {"psycopg", runPython}, {"asyncpg", runPython}, {"sqlalchemy", runPython}, {"pandas", runPython},
	{"node-postgres", runNode}, {"postgres.js", runNode}, {"knex", runNode},
	{"pgx prepared", runPgx(pgx.QueryExecModeCacheStatement)}, {"pgx describe", runPgx(pgx.QueryExecModeCacheDescribe)}, {"pgx each time", runPgx(pgx.QueryExecModeDescribeExec)},
	{"pgx exec", runPgx(pgx.QueryExecModeExec)}, {"pgx simple", runPgx(pgx.QueryExecModeSimpleProtocol)},
}

// TestMatrix: clients × steps are as docs/clients.md has them.
func TestMatrix(t *testing.T) {
	n := start(t)
	python, node := packages(t, "python"), packages(t, "node")
	t.Setenv("PYTHONPATH", python)
	t.Setenv("NODE_PATH", filepath.Join(node, "node_modules"))
	results := make([]map[string]stepOf, len(matrixClients))
	t.Run("clients", func(t *testing.T) {
		for i, c := range matrixClients {
			t.Run(c.name, func(t *testing.T) {
				results[i] = c.run(t, n, c.name)
				for _, step := range matrixSteps {
					if got := results[i][step]; got.answer != "yes" && got.answer != "no" {
						t.Errorf("%s: %s %s", step, got.answer, got.why)
					}
				}
			})
		}
	})
	page, err := os.ReadFile(matrixPage)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(page), matrixBegin)
	former, tail, ok2 := strings.Cut(rest, matrixEnd)
	if !ok || !ok2 {
		t.Fatal("the page has no matrix")
	}
	got := matrixTable(results)
	if got != former && *rewrite {
		if err := os.WriteFile(matrixPage, []byte(head+matrixBegin+got+matrixEnd+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != former {
		t.Errorf("the matrix is\n%s\nthe page has\n%s", got, former)
	}
}

// matrixTable prints the matrix: a line for each client, and below it why a step is not there.
func matrixTable(results []map[string]stepOf) string {
	var b strings.Builder
	b.WriteString("| Client | " + strings.Join(matrixSteps, " | ") + " |\n|---" + strings.Repeat("|---", len(matrixSteps)) + "|\n")
	var reasons []string
	for i, c := range matrixClients {
		b.WriteString("| " + c.name)
		for _, step := range matrixSteps {
			s := results[i][step]
			b.WriteString(" | " + s.answer)
			if s.answer == "no" {
				reasons = append(reasons, fmt.Sprintf("- %s, %s: %s.", c.name, step, s.why))
			}
		}
		b.WriteString(" |\n")
	}
	return b.String() + "\n" + strings.Join(reasons, "\n") + "\n"
}

func runPython(t *testing.T, n *node.Node, name string) map[string]stepOf {
	return runSteps(t, n, name, "python3", "drivers/steps.py")
}

func runNode(t *testing.T, n *node.Node, name string) map[string]stepOf {
	return runSteps(t, n, name, "node", "drivers/steps.js")
}

// runSteps runs a program that prints a line for each step.
func runSteps(t *testing.T, n *node.Node, name string, program ...string) map[string]stepOf {
	t.Helper()
	host, port := addressOf(t, n)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program[0], append(program[1:], name, host, port)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC", "PYTHONWARNINGS=ignore", "PYTHONDONTWRITEBYTECODE=1")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v\n%s", name, err, errs.String())
	}
	got := map[string]stepOf{}
	for line := range strings.Lines(out.String()) {
		w := strings.SplitN(strings.TrimSpace(line), "\t", 3)
		got[w[0]] = stepOf{answer: strings.Join(w[1:min(2, len(w))], ""), why: strings.Join(w[min(2, len(w)):], "")}
	}
	return got
}

// packages are the packages of a language as its lock file has them, fetched the first time into the cache of the tests.
func packages(t *testing.T, language string) string {
	t.Helper()
	tools := map[string][]string{"python": {"python3", "pip"}, "node": {"node", "npm"}}[language]
	lock, err := os.ReadFile(map[string]string{"python": "drivers/requirements.txt", "node": "drivers/package-lock.json"}[language])
	if err != nil {
		t.Fatal(err)
	}
	version, err := exec.Command(tools[0], "--version").Output()
	if err != nil {
		missing(t, tools[0])
	}
	cache, err := servers.CacheFolder()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, fmt.Sprintf("clients-%s-%.8x", language, sha256.Sum256(append(lock, version...))))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	work, err := os.MkdirTemp(cache, ".fetching-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(work)
	if out, err := fetchPackages(t, language, work).CombinedOutput(); err != nil {
		if servers.Required() {
			t.Fatalf("fetching the packages of %s: %v\n%s", language, err, out)
		}
		t.Skipf("THE PACKAGES OF %s CANNOT BE FETCHED, test not run: %v", language, err)
	}
	if err := os.Rename(work, dir); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	return dir
}

func fetchPackages(t *testing.T, language, work string) *exec.Cmd {
	t.Helper()
	if language == "python" {
		return exec.Command("python3", "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--target", work, "-r", "drivers/requirements.txt")
	}
	for _, file := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile("drivers/" + file)
		if err == nil {
			err = os.WriteFile(filepath.Join(work, file), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return exec.Command("npm", "ci", "--prefix", work, "--no-audit", "--no-fund", "--ignore-scripts")
}

// errNone is a step that a mode of pgx has nothing for.
type errNone string

func (e errNone) Error() string { return string(e) }

// runPgx takes the steps with pgx in one of its modes.
func runPgx(mode pgx.QueryExecMode) func(t *testing.T, n *node.Node, name string) map[string]stepOf {
	return func(t *testing.T, n *node.Node, name string) map[string]stepOf {
		p := &pgxSteps{n: n, mode: mode, stream: strings.ReplaceAll(name, " ", "_")}
		got := map[string]stepOf{}
		for _, step := range matrixSteps {
			err := p.step(t.Context(), step)
			var none errNone
			switch {
			case errors.As(err, &none):
				got[step] = stepOf{"no", string(none)}
			case err != nil:
				got[step] = stepOf{"failed", err.Error()}
			default:
				got[step] = stepOf{answer: "yes"}
			}
		}
		p.c.Close(context.Background())
		return got
	}
}

type pgxSteps struct {
	n      *node.Node
	mode   pgx.QueryExecMode
	stream string
	c      *pgx.Conn
}

func (p *pgxSteps) open(ctx context.Context) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig("postgres://matrix@" + p.n.SQLAddress() + "/default?sslmode=disable")
	if err != nil {
		return nil, err
	}
	cfg.DefaultQueryExecMode = p.mode
	return pgx.ConnectConfig(ctx, cfg)
}

// row asks for one row and compares it as text.
func (p *pgxSteps) row(ctx context.Context, want, query string, args ...any) error {
	rows, err := p.c.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	values, err := pgx.CollectExactlyOneRow(rows, func(r pgx.CollectableRow) ([]any, error) { return r.Values() })
	if err != nil {
		return err
	}
	for i, v := range values {
		switch x := v.(type) {
		case pgtype.Numeric:
			f, _ := x.Float64Value()
			values[i] = f.Float64
		case time.Time:
			values[i] = x.UTC().Format("2006-01-02T15:04:05.999")
		}
	}
	if got := fmt.Sprint(values); got != want {
		return fmt.Errorf("%.200s, want %.200s", got, want)
	}
	return nil
}

func (p *pgxSteps) run(ctx context.Context, list ...string) error {
	for _, text := range list {
		if _, err := p.c.Exec(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// step takes one step.
func (p *pgxSteps) step(ctx context.Context, step string) (err error) {
	large := strings.Repeat("流", 1<<18) + strings.Repeat("x", 1<<18)
	simple := p.mode == pgx.QueryExecModeSimpleProtocol
	switch step {
	case "connect":
		if p.c, err = p.open(ctx); err != nil {
			return err
		}
		return p.run(ctx, `CREATE STREAM `+p.stream+` (id BIGINT, s STRING) TBLPROPERTIES ("topic"="`+p.stream+`", "format"="json", "topic.create"="true", "topic.partitions"="1")`)
	case "types":
		return p.row(ctx, "[1 2 3 1.5 2.5 true x 2026-01-02T00:00:00 2026-01-02T03:04:05.678 [0 255] [1 2]]", `SELECT 1::smallint, 2::int, 3::bigint, 1.50::decimal(10,2), 2.5::double, true, 'x',
			DATE '2026-01-02', TIMESTAMP '2026-01-02 03:04:05.678', CAST(X'00ff' AS BINARY), ARRAY[1, 2]`)
	case "null":
		return p.row(ctx, "[<nil> <nil>]", "SELECT NULL, $1::int", nil)
	case "chinese":
		return p.row(ctx, "[流处理]", "SELECT $1::text || '处理'", "流")
	case "mebibyte":
		if simple {
			return errNone("values stand in the text of a statement, which has 1 MB at most outside of INSERT … VALUES")
		}
		return p.row(ctx, "["+large+"]", "SELECT $1::text", large)
	case "parameters":
		return p.row(ctx, "[2 it's 1.5 true 2026-01-02T00:00:00]", "SELECT $1::int + 1, $2::text, $3::double, $4::boolean, $5::date", 1, "it's", 1.5, true, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
	case "prepared":
		if _, err := p.c.Prepare(ctx, "p", "SELECT $1::int + 1"); err != nil {
			return err
		}
		for i := range 10 {
			if err := p.row(ctx, fmt.Sprintf("[%d]", i+1), "p", i); err != nil {
				return err
			}
		}
		return nil
	case "insert":
		if _, err := p.c.Exec(ctx, "INSERT INTO "+p.stream+" VALUES ($1, $2)", int64(1), "a"); err != nil {
			return err
		}
		return p.row(ctx, "[1 a]", "SELECT id, s FROM "+p.stream+" WHERE id = $1", int64(1))
	case "cursor":
		tx, err := p.c.Begin(ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback(ctx)
		if _, err := tx.Exec(ctx, "DECLARE k CURSOR FOR SELECT n FROM generate_series(1, 10) AS t (n)"); err != nil {
			return err
		}
		for _, want := range []int64{3, 3, 3, 1} {
			if tag, err := tx.Exec(ctx, "FETCH 3 FROM k"); err != nil || tag.RowsAffected() != want {
				return fmt.Errorf("%v %w", tag, err)
			}
		}
		return nil
	case "batch":
		b := &pgx.Batch{}
		for i := range 5 {
			b.Queue("SELECT $1::int", i)
		}
		r := p.c.SendBatch(ctx, b)
		defer r.Close()
		for i := range 5 {
			var got int
			if err := r.QueryRow().Scan(&got); err != nil || got != i {
				return fmt.Errorf("%d is %d: %w", i, got, err)
			}
		}
		return nil
	case "error":
		var e *pgconn.PgError
		if err := p.run(ctx, "SELECT 1, nope FROM "+p.stream); !errors.As(err, &e) || e.Code != "42703" || e.Position != 11 {
			return fmt.Errorf("it failed with %w", err)
		}
		return p.row(ctx, "[1]", "SELECT 1")
	case "transaction":
		tx, err := p.c.Begin(ctx)
		if err != nil {
			return err
		}
		for text, want := range map[string]string{"SELECT nope": "42703"} {
			if _, err := tx.Exec(ctx, text); code(err) != want {
				return fmt.Errorf("%s: %w", text, err)
			}
		}
		if _, err := tx.Exec(ctx, "SELECT 1"); code(err) != "25P02" {
			return fmt.Errorf("behind an error: %w", err)
		}
		return errors.Join(tx.Rollback(ctx), p.row(ctx, "[1]", "SELECT 1"))
	case "cancel":
		return p.cancel(ctx)
	case "copy in":
		if simple {
			return p.copied(p.c.PgConn().CopyFrom(ctx, strings.NewReader("7\tcopied\n8\t\\N\n"), "COPY "+p.stream+" FROM STDIN"))
		}
		n, err := p.c.CopyFrom(ctx, pgx.Identifier{p.stream}, []string{"id", "s"}, pgx.CopyFromRows([][]any{{int64(7), "copied"}, {int64(8), nil}}))
		if err != nil || n != 2 {
			return fmt.Errorf("%d rows: %w", n, err)
		}
		return p.row(ctx, "[2 copied]", "SELECT count(*), max(s) FROM "+p.stream+" WHERE id IN (7, 8)")
	case "copy out":
		var out strings.Builder
		if _, err := p.c.PgConn().CopyTo(ctx, &out, "COPY (VALUES (1, 'a'), (2, NULL)) TO STDOUT"); err != nil || out.String() != "1\ta\n2\t\\N\n" {
			return fmt.Errorf("%q %w", out.String(), err)
		}
		return nil
	case "pool":
		for i := range 4 {
			c, err := p.open(ctx)
			if err != nil {
				return err
			}
			defer c.Close(ctx)
			var got int
			if err := c.QueryRow(ctx, "SELECT $1::int", i).Scan(&got); err != nil || got != i {
				return fmt.Errorf("%d is %d: %w", i, got, err)
			}
		}
		return nil
	case "time zone":
		if err := p.run(ctx, "SET TIME ZONE 'Asia/Shanghai'"); err != nil {
			return err
		}
		return p.row(ctx, "[2026-01-01 08:00:00.000+08]", "SELECT (TIMESTAMP '2026-01-01 00:00:00' AT TIME ZONE 'UTC')::text")
	case "catalog":
		return p.row(ctx, "[[id s]]", "SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0", p.stream)
	case "empty":
		return p.c.Ping(ctx)
	}
	return fmt.Errorf("no step of this name")
}

func (p *pgxSteps) copied(tag pgconn.CommandTag, err error) error {
	if err != nil || tag.RowsAffected() != 2 {
		return fmt.Errorf("%v: %w", tag, err)
	}
	return nil
}

// cancel ends a query that does not end, once it runs.
func (p *pgxSteps) cancel(ctx context.Context) error {
	c, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	ended := make(chan error, 1)
	go func() { // ends when the query is cancelled
		_, err := c.Exec(ctx, "SELECT * FROM "+p.stream+" WHERE id < 0 EMIT CHANGES")
		ended <- err
	}()
	for {
		if err := c.PgConn().CancelRequest(ctx); err != nil {
			return err
		}
		select {
		case err := <-ended:
			if code(err) != "57014" {
				return fmt.Errorf("it ended with %w", err)
			}
			return nil
		case <-time.After(20 * time.Millisecond): // the request came before its statement
		}
	}
}
