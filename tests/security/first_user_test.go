package security

import (
	"strings"
	"testing"

	"slipway/server/auth"
)

// TestFirstUser: without users whoever is on the machine is the owner, and is told how to make one; from then on
// nobody comes in without a password, whatever rules the user's password and rights have gone through.
func TestFirstUser(t *testing.T) {
	t.Parallel()
	data := "server.data.directory=" + t.TempDir()
	s := start(t, data)
	if said := s.said(t); strings.Count(said, "there are no users") != 1 || !strings.Contains(said, "CREATE USER name SUPERUSER PASSWORD") {
		t.Errorf("the log does not say how to make a user: %s", said)
	}
	c := s.mustConnect(t, "user=whoever sslmode=disable")
	run := func(statement, want string) {
		t.Helper()
		if _, err := c.Exec(t.Context(), statement).ReadAll(); code(err) != want {
			t.Errorf("%s: %v", statement, err)
		}
	}
	can := func(user, password string) string {
		o, err := s.connect("sslmode=disable user=" + user + " password='" + password + "'")
		if err == nil {
			o.Close(t.Context())
		}
		return code(err)
	}
	run("CREATE USER eve PASSWORD 'secret'", "55000") // nobody would be the owner
	run("CREATE USER alice SUPERUSER PASSWORD 'first secret'", "success")
	if got := can("whoever", ""); !strings.Contains(got, "28P01") {
		t.Errorf("without a password: %s", got)
	}
	for _, try := range []struct{ statement, user, password, want string }{
		{"", "alice", "first secret", "success"},
		{"ALTER USER alice PASSWORD 'second secret'", "alice", "first secret", "28P01"},
		{"", "alice", "second secret", "success"},
		{"CREATE USER bob PASSWORD 'secret' VALID UNTIL '2020-01-01'", "bob", "secret", "28P01"},
		{"ALTER USER bob VALID UNTIL 'infinity'", "bob", "secret", "success"},
		{"ALTER USER bob NOLOGIN", "bob", "secret", "28000"},
		{"ALTER USER bob LOGIN", "bob", "secret", "success"},
		{"ALTER USER bob PASSWORD NULL", "bob", "secret", "28P01"},
		{"DROP USER bob", "bob", "secret", "28P01"},
		{"ALTER USER alice PASSWORD '" + auth.MakeVerifier("third secret").String() + "'", "alice", "third secret", "success"}, // psql's \password
		{"CREATE ROLE readers", "readers", "", "28P01"},
		{"CREATE USER \"Ann B\" PASSWORD 'x''y 马'", "'Ann B'", `x\'y 马`, "success"},
	} {
		if try.statement != "" {
			run(try.statement, "success")
		}
		if got := can(try.user, try.password); !strings.Contains(got, try.want) {
			t.Errorf("behind %s, %s: %s", try.statement, try.user, got)
		}
	}
	if got := ask(t, c, "SHOW password_encryption"); got != "scram-sha-256" {
		t.Errorf("passwords are kept as %s", got)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s = start(t, data)
	if got := can("alice", "third secret"); got != "success" {
		t.Errorf("after a restart: %s", got)
	}
	if got := can("whoever", ""); !strings.Contains(got, "28P01") || strings.Contains(s.said(t), "there are no users") {
		t.Errorf("after a restart, without a password: %s", got)
	}
}
