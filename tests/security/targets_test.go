package security

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// trap is a listener to which nobody may be led, and how many were.
func trap(t *testing.T) (address string, came *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	came = &atomic.Int64{}
	go func() { // ends with the listener
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			came.Add(1)
			c.Close()
		}
	}()
	return l.Addr().String(), came
}

// forbidden are declarations by which a user would have the server ask others; %s is the trap.
var forbidden = []string{
	`CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "kafka.broker.list"="%s")`,
	`CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "Kafka.Broker.List"="169.254.169.254:80")`,
	`CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "kafka.broker.list"="127.0.0.1:1,[fe80::1]:80")`,
	`CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "kafka.broker.list"="allowed.example.org:22")`,
	`CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "kafka.zookeeper"="%s")`,
	`CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "kafka.security.protocol"="SSL", "kafka.ssl.ca.file"="/etc/passwd")`,
	`CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "kafka.security.protocol"="SSL", "kafka.ssl.key.file"="file:///etc/passwd")`,
	`CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "transwarp.consumer.security.protocol"="SSL", "transwarp.consumer.ssl.truststore.location"="FOLDER/../secret.key")`,
	`CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "transwarp.producer.ssl.keystore.location"="../../etc/shadow")`,
	`CREATE TABLE wrong (id BIGINT) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:postgresql://%s/shop", "username"="u")`,
	`CREATE TABLE wrong (id BIGINT) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:mysql://%s/shop", "username"="u")`,
	`CREATE TABLE wrong (id BIGINT) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:postgresql://169.254.169.254/shop", "username"="u")`,
	`CREATE TABLE wrong (id BIGINT) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:postgresql://2852039166/shop", "username"="u")`,
	`CREATE TABLE wrong (id BIGINT) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:postgresql://[::ffff:169.254.169.254]/shop", "username"="u")`,
	`CREATE TABLE wrong (id BIGINT) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:postgresql://allowed.example.org/shop?host=%s", "username"="u")`,
	`CREATE TABLE wrong (id BIGINT) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:postgresql://allowed.example.org/shop?sslrootcert=/etc/passwd", "username"="u")`,
	`ALTER STREAM own SET ("kafka.broker.list"="%s")`,
	`ALTER STREAM own SET ("kafka.security.protocol"="SSL", "kafka.ssl.ca.file"="/etc/passwd")`,
	`CREATE SECRET wrong FROM FILE '/etc/passwd'`,
	`CREATE SECRET wrong FROM ENVIRONMENT 'PATH'`,
	`CREATE STREAM wrong (v BIGINT) TBLPROPERTIES ("topic"="t", "kafka.security.protocol"="SASL_PLAINTEXT", "kafka.sasl.username"="u", "kafka.sasl.password"=secret('of_the_owner'))`,
	`ALTER SECRET of_the_owner AS 'mine'`,
	`DROP SECRET of_the_owner`,
}

// TestTargets: a user who is no superuser leads the server nowhere but to its own brokers and what is allowed, whatever it declares.
func TestTargets(t *testing.T) {
	address, came := trap(t)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "ca.pem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, "server.allowed.targets=allowed.example.org:9092,169.254.0.0/16,"+folder+"/")
	first := open(t, "postgres://somebody@"+s.SQL+"/default?sslmode=disable")
	run(t, first, `CREATE USER boss SUPERUSER PASSWORD 'of the boss'`)
	boss := open(t, "postgres://boss:of%20the%20boss@"+s.SQL+"/default?sslmode=disable")
	run(t, boss, `CREATE USER bob PASSWORD 'of bob'; GRANT CREATE ON DATABASE default TO bob; CREATE SECRET of_the_owner AS 'hidden'`)
	bob := open(t, "postgres://bob:of%20bob@"+s.SQL+"/default?sslmode=disable")
	run(t, bob, `CREATE STREAM own (v BIGINT) TBLPROPERTIES ("topic"="own", "format"="json")`)
	run(t, bob, `CREATE STREAM named (v BIGINT) TBLPROPERTIES ("topic"="named", "format"="json", "kafka.broker.list"="`+s.Kafka+`")`)
	for _, text := range forbidden {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "%s", address), "FOLDER", folder)
		_, err := bob.Exec(t.Context(), text).ReadAll()
		if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != "42501" {
			t.Errorf("%s: %v", text, err)
		}
	}
	if n := came.Load(); n != 0 {
		t.Errorf("the server was led astray %d times", n)
	}
	for i, text := range []string{`CREATE STREAM allowed (v BIGINT) TBLPROPERTIES ("topic"="t", "kafka.security.protocol"="SSL", "kafka.ssl.ca.file"="` + folder + `/ca.pem")`,
		`CREATE TABLE allowed (id BIGINT) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:postgresql://allowed.example.org:9092/shop?sslmode=bad", "username"="u")`} {
		if _, err := bob.Exec(t.Context(), text).ReadAll(); err == nil || strings.Contains(err.Error(), "42501") {
			t.Errorf("what is allowed is not looked at, %d: %v", i, err) // both have another fault
		}
	}
	run(t, boss, fmt.Sprintf(`CREATE TABLE outside (id BIGINT) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:postgresql://%s/shop", "username"="u")`, address))
	if came.Load() == 0 {
		t.Error("the trap does not notice who comes")
	}
}

func open(t *testing.T, dsn string) *pgconn.PgConn {
	t.Helper()
	c, err := pgconn.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(t.Context()) })
	return c
}

func run(t *testing.T, c *pgconn.PgConn, text string) []*pgconn.Result {
	t.Helper()
	results, err := c.Exec(t.Context(), text).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return results
}
