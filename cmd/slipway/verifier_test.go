package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/server/auth"
)

// TestVerifier: the line that is printed lets the user in by the password, and does not hold it.
func TestVerifier(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{"verifier", "alice"}, strings.NewReader("correct horse\r\n"), &out, &errs); code != 0 {
		t.Fatalf("%d: %s", code, &errs)
	}
	if strings.Contains(out.String(), "horse") {
		t.Error("the password is printed")
	}
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	users, err := auth.OpenUsersFile(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := auth.New(auth.Options{Directory: users, Secret: []byte("x")})
	if id, err := a.SignIn(t.Context(), auth.Attempt{User: "alice"}, "correct horse"); err != nil || !id.Owner {
		t.Errorf("%+v %v", id, err)
	}
	for _, try := range []struct{ args, input, says string }{
		{"verifier", "x", "needs the name"}, {"verifier a:b", "x", "needs the name"}, {"verifier alice bob", "x", "needs the name"}, {"verifier alice", "\n", "no password"},
	} {
		errs.Reset()
		if code := run(strings.Fields(try.args), strings.NewReader(try.input), &out, &errs); code != exitUsage || !strings.Contains(errs.String(), try.says) {
			t.Errorf("%s: %d, %s", try.args, code, &errs)
		}
	}
}
