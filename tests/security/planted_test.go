// Package security holds what an attacker, or a careless user, would try.
package security

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"slipway/tests/process"
)

// plants are statements that may hold a secret, which %s stands for: right ones, wrong ones, and such that are cut off.
var plants = []struct {
	name, text string
	// echo: the text is data, which the client who sends it is told of.
	echo bool
}{
	{name: "create secret", text: `CREATE SECRET sealed AS '%s'`},
	{name: "alter secret", text: `ALTER SECRET sealed AS '%s'`},
	{name: "secret that exists", text: `CREATE SECRET sealed AS '%s'`},
	{name: "secret without AS", text: `CREATE SECRET wrong '%s'`},
	{name: "secret without quotes", text: `CREATE SECRET wrong AS %s`},
	{name: "secret in double quotes", text: `CREATE SECRET wrong AS "%s"`},
	{name: "secret cut off", text: `CREATE SECRET wrong AS '%s`},
	{name: "secret and more", text: `CREATE SECRET wrong AS 'x' '%s'`},
	{name: "file", text: `CREATE SECRET wrong FROM FILE 'password=%s'`},
	{name: "stream with a password", text: `CREATE STREAM guarded (v BIGINT) TBLPROPERTIES ("topic"="guarded", "transwarp.consumer.security.protocol"="SASL_PLAINTEXT", ` +
		`"transwarp.consumer.sasl.username"="u", "transwarp.consumer.sasl.password"="%s", "kafka.broker.list"="127.0.0.1:1")`},
	{name: "stream altered", text: `ALTER STREAM guarded SET ("transwarp.producer.sasl.jaas.config"='org.apache.kafka.PlainLoginModule required username="u" password="%s";')`},
	{name: "job over it", text: `CREATE STREAMJOB guarding AS ($$INSERT INTO plain SELECT v FROM guarded -- api_key=%s
		$$)`},
	{name: "unknown property", text: `CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "sasl.password"="%s")`},
	{name: "wrong value", text: `CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "transwarp.consumer.sasl.password"="%s", "topic.partitions"="many")`},
	{name: "property without =", text: `CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "password" '%s')`},
	{name: "property twice", text: `CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "transwarp.consumer.sasl.password"="x" "%s")`},
	{name: "property cut off", text: `CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "password"='%s`},
	{name: "brokers with a password", text: `CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "kafka.broker.list"="u:%s@127.0.0.1:1")`},
	{name: "database that refuses", text: `CREATE TABLE outside (id BIGINT, PRIMARY KEY (id)) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:postgresql://127.0.0.1:1/shop", "username"="u", "password"="%s")`},
	{name: "job over it too", text: `CREATE STREAMJOB looking AS ($$INSERT INTO plain SELECT id FROM outside /* token: %s */$$)`},
	{name: "url with a password", text: `CREATE TABLE wrong (id BIGINT) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:postgresql://u:%s@127.0.0.1:1/shop")`},
	{name: "url with a parameter", text: `CREATE TABLE wrong (id BIGINT) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:mysql://127.0.0.1:1/shop?password=%s")`},
	{name: "url that is none", text: `CREATE TABLE wrong (id BIGINT) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:postgresql://u:%s@127.0.0.1:port x/shop")`},
	{name: "view", text: `CREATE VIEW noted AS SELECT v /* password=%s */ FROM plain`},
	{name: "function", text: `CREATE FUNCTION noted(x BIGINT) RETURNS BIGINT RETURN x /* secret=%s */ + 1`},
	{name: "user", text: `CREATE USER planted PASSWORD '%s'`},
	{name: "user without quotes", text: `CREATE USER planted PASSWORD %s`},
	{name: "setting", text: `SET slipway.password = '%s'`},
	{name: "query", text: `SELECT 'https://u:%s@host/' AS url`, echo: true},
	{name: "query that fails", text: `SELECT v FROM nothing -- password=%s`},
	{name: "explain", text: `EXPLAIN SELECT v FROM plain /* u:%s@host */`},
}

// newSecret is one that nothing else holds.
func newSecret() string {
	b := make([]byte, 12)
	rand.Read(b)
	return "x" + hex.EncodeToString(b)
}

// TestPlantedSecrets: no secret that a client sends, right or wrong, and none that the server reads
// from a file or the environment, is found in any output of the server or in what it stores.
func TestPlantedSecrets(t *testing.T) {
	s := startPlanted(t)
	s.must(`CREATE STREAM plain (v BIGINT) TBLPROPERTIES ("topic"="plain", "format"="json")`)
	s.must(`CREATE STREAM data (v STRING) TBLPROPERTIES ("topic"="data", "format"="json")`)
	s.must(`INSERT INTO data VALUES ('` + s.row + `')`)
	s.must(`CREATE SECRET from_environment FROM ENVIRONMENT 'PLANTED_SECRET'`)
	s.must(`CREATE SECRET from_file FROM FILE '` + s.file + `'`)
	for _, p := range plants {
		secret := newSecret()
		s.secrets[p.name] = secret
		before := len(s.told)
		s.exec(fmt.Sprintf(p.text, secret))
		if p.echo {
			s.told = s.told[:before]
		}
	}
	s.parameters()
	s.must(`ALTER TABLE outside SET ("password" = secret('from_file'))`)
	s.must(`ALTER STREAM guarded SET ("transwarp.consumer.sasl.password" = secret('from_environment'), "transwarp.producer.sasl.jaas.config" = secret('sealed'))`)
	s.must(`START STREAMJOB looking`)
	s.wait(`SELECT count(*) FROM slipway.jobs WHERE last_failure IS NOT NULL`, "2")
	s.search("while it runs", s.outputs())
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	stored := s.files()
	s.search("when it has stopped", stored)
	s.control(stored)
}

// planted is a server in which secrets are planted, and all that it has said.
type planted struct {
	*process.Process
	t       *testing.T
	dir     string // the data directory
	log     string
	file    string // holds a secret, outside of the data directory
	console string
	conn    *pgconn.PgConn
	secrets map[string]string // by where they were planted
	told    []string          // errors and notices
	row     string            // stands in a record, and so must be found
}

func startPlanted(t *testing.T) *planted {
	t.Helper()
	s := &planted{t: t, dir: t.TempDir(), row: newSecret(), secrets: map[string]string{"environment": newSecret(), "file": newSecret()}}
	outside := t.TempDir()
	s.log, s.file = filepath.Join(outside, "log"), filepath.Join(outside, "secret")
	if err := os.WriteFile(s.file, []byte(s.secrets["file"]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	s.Process, err = process.Start(t, s.log, []string{"PLANTED_SECRET=" + s.secrets["environment"]}, "server", "--set", "server.data.directory="+s.dir,
		"--set", "server.sql.listen=127.0.0.1:0", "--set", "server.console.listen=127.0.0.1:0", "--set", "server.embedded.broker.listen=127.0.0.1:0",
		"--set", "server.log.level=debug")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	s.console = regexp.MustCompile(`console=(\S+)`).FindStringSubmatch(s.Ready)[1]
	config, err := pgconn.ParseConfig("postgres://planted@" + s.SQL + "/default?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { s.told = append(s.told, n.Message, n.Detail, n.Hint) }
	if s.conn, err = pgconn.ConnectConfig(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	return s
}

// exec runs statements; what the server says of them is noted.
func (s *planted) exec(text string) ([]*pgconn.Result, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	results, err := s.conn.Exec(ctx, text).ReadAll()
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		s.told = append(s.told, e.Message, e.Detail, e.Hint)
	} else if err != nil {
		s.t.Fatalf("%s: %v", text, err)
	}
	return results, err
}

func (s *planted) must(text string) []*pgconn.Result {
	s.t.Helper()
	results, err := s.exec(text)
	if err != nil {
		s.t.Fatalf("%s: %v", text, err)
	}
	return results
}

// parameters sends secrets as values: also one that is refused, of which the client is told.
func (s *planted) parameters() {
	for name, text := range map[string]string{"parameter": "SELECT $1::text", "wrong parameter": "SELECT $1::int", "parameter where none stands": "CREATE SECRET wrong AS $1"} {
		s.secrets[name] = newSecret()
		r := s.conn.ExecParams(s.t.Context(), text, [][]byte{[]byte(s.secrets[name])}, nil, nil, nil)
		if r.Read(); s.conn.IsClosed() {
			s.t.Fatalf("%s: the connection is closed", text)
		}
	}
}

// wait asks until the answer is the one wanted.
func (s *planted) wait(query, want string) {
	s.t.Helper()
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		got := string(s.must(query)[0].Rows[0][0])
		if got == want {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("%s is %s, not %s", query, got, want)
		}
	}
}

// shows are statements that show what there is.
var shows = []string{"SHOW STREAMS", "SHOW TABLES", "SHOW VIEWS", "SHOW SECRETS", "SHOW STREAMJOBS", "SHOW ALL", "SHOW FUNCTIONS LIKE 'noted'", "DESCRIBE guarded", "DESCRIBE outside",
	"SHOW CREATE STREAM guarded", "SHOW CREATE TABLE outside", "SHOW CREATE VIEW noted", "SHOW CREATE STREAMJOB guarding", "SHOW CREATE STREAMJOB looking", "SHOW CREATE FUNCTION noted",
	"SHOW STREAMJOB guarding", "SHOW STREAMJOB looking", "SHOW PROPERTIES FOR STREAMJOB guarding", "SHOW CHECKPOINTS FOR STREAMJOB guarding",
	"EXPLAIN STREAMJOB guarding", "EXPLAIN STREAMJOB looking", "EXPLAIN SELECT * FROM outside", "EXPLAIN SELECT * FROM guarded", "SELECT * FROM pg_stat_activity"}

// outputs are all that the server says, by where, when it runs.
func (s *planted) outputs() map[string]string {
	out := s.files()
	out["errors and notices"] = strings.Join(s.told, "\n")
	tables := s.must(`SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema IN ('slipway', 'information_schema') OR table_name IN ('pg_class', 'pg_views', 'pg_proc',
		'pg_settings', 'pg_description', 'pg_attribute', 'pg_roles', 'pg_authid', 'pg_shadow', 'pg_user_mapping', 'pg_prepared_statements', 'pg_stat_statements')`)
	statements := shows
	for _, row := range tables[0].Rows {
		statements = append(statements, "SELECT * FROM "+string(row[0]))
	}
	if len(statements) < len(shows)+10 {
		s.t.Errorf("few tables are there: %v", statements[len(shows):])
	}
	for _, text := range statements {
		results, err := s.exec(text)
		if err != nil && !strings.Contains(text, "information_schema.") && !strings.Contains(text, "pg_catalog.") {
			s.t.Errorf("%s: %v", text, err)
		}
		out[text] = fmt.Sprint(err)
		for _, r := range results {
			for _, row := range r.Rows {
				out[text] += string(bytes.Join(row, []byte(" "))) + "\n"
			}
		}
	}
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/debug/pprof/goroutine?debug=2", "/debug/pprof/cmdline", "/debug/vars"} {
		out[path] = s.get(path)
	}
	for _, args := range [][]string{{"settings"}, {"config", "--set", "server.data.directory=" + s.dir}} {
		text, _ := exec.Command(process.Binary(s.t), args...).CombinedOutput()
		out["slipway "+args[0]] = string(text)
	}
	return out
}

func (s *planted) get(path string) string {
	r, err := http.Get("http://" + s.console + path)
	if err != nil {
		s.t.Errorf("%s: %v", path, err)
		return ""
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	return string(text)
}

// files are the log and all that the server has written.
func (s *planted) files() map[string]string {
	out := map[string]string{}
	read := func(path string) {
		text, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // one that is there no longer
			s.t.Error(err)
		}
		out[path] = string(text)
	}
	read(s.log)
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			read(path)
		}
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
	return out
}

// search looks for every secret in every text.
func (s *planted) search(when string, texts map[string]string) {
	s.t.Helper()
	for name, secret := range s.secrets {
		for _, hit := range hits(texts, secret) {
			s.t.Errorf("%s, the secret of %q is in %s", when, name, hit)
		}
	}
}

// hits are the places in texts where a secret is, with what stands round it.
func hits(texts map[string]string, secret string) (list []string) {
	for where, text := range texts {
		if i := strings.Index(text, secret); i >= 0 {
			list = append(list, fmt.Sprintf("%s: … %q …", where, text[max(0, i-80):min(len(text), i+len(secret)+20)]))
		}
	}
	return list
}

// control is that the search finds what is there: what was sent as data, in the broker's files and in an error.
func (s *planted) control(stored map[string]string) {
	s.t.Helper()
	if len(hits(stored, s.row)) == 0 {
		s.t.Error("a row that was written is not found in what the server has stored: the search finds nothing")
	}
	if len(hits(map[string]string{"errors": strings.Join(s.told, "\n")}, "outside")) == 0 {
		s.t.Error("no error and no notice names a table: the search of what clients are told finds nothing")
	}
}
