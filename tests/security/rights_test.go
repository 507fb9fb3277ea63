package security

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"slipway/cmd/node/nodetest"
	"slipway/server/auth"
)

// trusted starts a node that believes its clients who they are, with a superuser, database shop and user ann, who may read src.
func trusted(t *testing.T, settings ...string) *matrix {
	t.Helper()
	n := nodetest.Start(t, append(settings, "server.auth.rules=host all all loopback trust")...)
	m := &matrix{t: t, address: n.SQLAddress(), open: map[string]*pgconn.PgConn{}}
	t.Cleanup(m.close)
	m.must("first", "CREATE USER root SUPERUSER; CREATE USER ann")
	for _, text := range world {
		m.must("root", text)
	}
	m.conn("root").Close(t.Context())
	m.must("root", "GRANT READ ON TABLE src TO ann")
	return m
}

// TestRevoked: what is revoked, and who is dropped, ends with the next statement of a session that is open: plain, prepared
// by name and by the protocol, and a cursor's.
func TestRevoked(t *testing.T) {
	t.Parallel()
	m := trusted(t)
	c := m.conn("ann")
	if _, err := c.Prepare(t.Context(), "held", "SELECT n FROM src", nil); err != nil {
		t.Fatal(err)
	}
	protocol := func() string {
		_, err := c.ExecPrepared(t.Context(), "held", nil, nil, nil).Close()
		return code(err)
	}
	m.must("ann", "PREPARE p AS SELECT n FROM src; EXECUTE p; SELECT n FROM src; DECLARE c CURSOR WITH HOLD FOR SELECT n FROM src; FETCH 1 FROM c")
	if got := protocol(); got != "success" {
		t.Fatalf("before: %s", got)
	}
	m.must("root", "REVOKE READ ON TABLE src FROM ann")
	for text, want := range map[string]string{"EXECUTE p": "42P01", "SELECT n FROM src": "42P01", "FETCH 1 FROM c": "42501", "SHOW CREATE TABLE src": "42P01"} {
		if got := m.send("ann", text); got != want {
			t.Errorf("%s behind REVOKE: %q, want %s", text, got, want)
		}
	}
	if got := protocol(); !strings.Contains(got, "42P01") {
		t.Errorf("a prepared statement of the protocol behind REVOKE: %q", got)
	}
	m.must("root", "CREATE ROLE readers; GRANT READ ON TABLE src TO readers; GRANT readers TO ann")
	m.must("ann", "EXECUTE p; FETCH 1 FROM c")
	m.must("root", "DROP USER ann")
	if got := m.send("ann", "SELECT n FROM src"); got != "42P01" {
		t.Errorf("a user who is not there any more: %q", got)
	}
	m.must("root", "GRANT READ ON TABLE src TO PUBLIC")
	if got := m.send("ann", "SELECT n FROM src"); got != "42P01" {
		t.Errorf("a user who is not there any more, by PUBLIC: %q", got)
	}
}

// TestHiddenNames: no answer has a name in it that the client does not see, whatever it asks.
func TestHiddenNames(t *testing.T) {
	t.Parallel()
	m := trusted(t)
	m.must("root", `CREATE TABLE hiddentable (hiddencolumn BIGINT, PRIMARY KEY (hiddencolumn)) COMMENT 'hiddencomment' TBLPROPERTIES ("connector"="blackhole");
		CREATE STREAMJOB hiddenjob AS ("INSERT INTO hiddentable SELECT n FROM src") JOBPROPERTIES ("morphling.job.autostart"="false")`)
	for _, text := range []string{
		"SELECT * FROM pg_class", "SELECT * FROM pg_attribute", "SELECT * FROM pg_description", "SELECT * FROM pg_index", "SELECT * FROM pg_constraint", "SELECT * FROM pg_tables",
		"SELECT * FROM information_schema.tables", "SELECT * FROM information_schema.columns", "SELECT * FROM information_schema.key_column_usage", "SELECT * FROM slipway.jobs",
		"SELECT * FROM slipway.streams", "SELECT * FROM slipway.checkpoints", "SELECT * FROM slipway.transactions", "SHOW STREAMS", "SHOW TABLES", "SHOW STREAMJOBS", "LIST STREAMJOBS",
		"SHOW OPERATORS", "SHOW TASKS", "SHOW SPLITS", "SHOW CHECKPOINTS", "SHOW TRANSACTIONS", "DESCRIBE APPLICATION default", "SHOW GRANTS", "SELECT * FROM hiddentabl", "SHOW STREAMJOB hiddenjo",
	} {
		answer, err := m.conn("ann").Exec(t.Context(), text).ReadAll()
		said := code(err)
		if e, ok := err.(*pgconn.PgError); ok {
			said = e.Message + e.Detail + e.Hint
		}
		for _, r := range answer {
			for _, row := range r.Rows {
				for _, cell := range row {
					said += " " + string(cell)
				}
			}
		}
		for _, name := range []string{"hiddentable", "hiddencolumn", "hiddencomment", "hiddenjob"} {
			if strings.Contains(said, name) && !strings.Contains(text, name) {
				t.Errorf("%s tells of %s", text, name)
			}
		}
		if strings.Contains(text, "pg_class") && !strings.Contains(said, "src") {
			t.Errorf("%s does not tell of src", text)
		}
	}
}

// TestAuditLog: who came, what was changed and what was refused stands in the file, in lines of their own and without passwords.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.log")
	m := trusted(t, "server.audit.log="+path)
	m.must("root", "ALTER USER ann PASSWORD 'hunter2hunter2'; INSERT INTO snk VALUES (1); SELECT n FROM src")
	m.send("root", "ALTER USER ann PASSWORD 'hunter2hunter2' 'twice")
	m.send("ann", "DROP TABLE src")
	m.send("ann", "STOP STREAMJOB etl")
	if _, err := m.conn("ann").Prepare(t.Context(), "", "INSERT INTO src VALUES (7)", nil); err == nil {
		t.Error("ann describes an INSERT that she may not send")
	}
	if _, err := pgconn.Connect(context.Background(), "postgres://mallory@"+m.address+"/shop?sslmode=disable"); err == nil {
		t.Error("mallory is in")
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var got []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var e auth.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		if strings.Contains(lines.Text(), "hunter2") {
			t.Errorf("a password: %s", lines.Text())
		}
		if e.Time.IsZero() || e.Address != "127.0.0.1" {
			t.Errorf("when and from where: %s", lines.Text())
		}
		got = append(got, strings.TrimSpace(e.Event+" "+e.Outcome+" "+e.User+" "+e.SQLState+" "+e.Text))
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{
		"sign-in done first", "statement done first  CREATE USER root SUPERUSER", "sign-in done ann", "statement done root  GRANT READ ON STREAM src TO ann",
		"statement done root  ALTER USER ann PASSWORD '******'", "statement unreadable root 42601", "statement refused ann 42501 DROP TABLE src", "statement failed ann 42704 STOP STREAMJOB etl",
		"statement refused ann 42501 INSERT INTO src VALUES …", "sign-in refused mallory 28000",
	} {
		if !strings.Contains("\n"+all+"\n", "\n"+want+"\n") {
			t.Errorf("there is no line %q in\n%s", want, all)
		}
	}
	for _, text := range []string{"SELECT", "snk VALUES"} {
		if strings.Contains(all, "done root  "+text) || strings.Contains(all, "INTO "+text) {
			t.Errorf("rows are events:\n%s", all)
		}
	}
}

// TestLimitsByUser: a user has no more connections, running jobs and time than was given to it; what ALTER USER … SET says holds in the
// sessions that begin then.
func TestLimitsByUser(t *testing.T) {
	t.Parallel()
	m := trusted(t)
	m.must("root", "ALTER USER ann CONNECTION LIMIT 2; ALTER USER ann SET slipway.select.rows = 2; ALTER USER ann SET slipway.limit.query.time = '200 ms'; ALTER USER root CONNECTION LIMIT 0")
	m.must("root", `CREATE TABLE endless (n BIGINT) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="10"); GRANT READ ON TABLE endless TO ann`)
	address := "postgres://ann@" + m.address + "/shop?sslmode=disable"
	first, err := pgconn.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close(context.Background())
	second, err := pgconn.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close(context.Background())
	if _, err := pgconn.Connect(t.Context(), address); err == nil || !strings.Contains(err.Error(), "53300") {
		t.Errorf("a third connection: %v", err)
	}
	if rows := first.ExecParams(t.Context(), "SELECT n FROM src", nil, nil, nil, nil).Read(); rows.Err != nil || len(rows.Rows) != 2 {
		t.Errorf("%d rows, %v", len(rows.Rows), rows.Err)
	}
	if _, err := first.Exec(t.Context(), "SET statement_timeout = 0; SELECT n FROM endless EMIT CHANGES").ReadAll(); code(err) != "57014" {
		t.Errorf("a query without an end: %v", err)
	}
	if rows := first.ExecParams(t.Context(), "SELECT 1", nil, nil, nil, nil).Read(); rows.Err != nil {
		t.Error(rows.Err)
	}
	m.conn("root").Close(t.Context())
	m.must("root", "ALTER USER ann RESET ALL; ALTER USER ann CONNECTION LIMIT -1") // a superuser gets in whatever its limit
	third, err := pgconn.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close(context.Background())
	if rows := third.ExecParams(t.Context(), "SELECT n FROM src", nil, nil, nil, nil).Read(); len(rows.Rows) != 3 {
		t.Errorf("%d rows behind RESET ALL", len(rows.Rows))
	}
}
