package catalog

import (
	"encoding/json"
	"testing"
	"time"
)

// TestStoredSecret pins what is stored of a secret, and in which format a catalog that holds one is written.
func TestStoredSecret(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	k := &Secret{Name: "k", Sealed: "sealed:1:00:x", Owner: 7, Created: at, Changed: at}
	const want = `{"name":"k","sealed":"sealed:1:00:x","owner":7,"created":"2026-11-22T10:00:00Z","changed":"2026-11-22T10:00:00Z"}`
	if got, err := json.Marshal(k); err != nil || string(got) != want {
		t.Errorf("%s %v", got, err)
	}
	s := NewSnapshot()
	if s.Format() == Format {
		t.Error("a catalog without secrets is of the newest format")
	}
	for what, c := range map[string]Change{"a secret": {PutSecret: k}, "a sealed property": {PutRelation: &Relation{Database: "d", Name: "r", Properties: []Property{{"password", k.Sealed}}}},
		"a reference": {PutRelation: &Relation{Database: "d", Name: "r", Properties: []Property{{"password", "secret('k')"}}}}} {
		next, err := s.With(c, nil)
		if err != nil || next.Format() != Format || len(s.Secrets)+len(s.Relations) != 0 {
			t.Errorf("%s: format %d, %v", what, next.Format(), err)
		}
	}
}

// TestSecretsInSnapshots: who names a secret, what is sealed, and changes of secrets that do not fit.
func TestSecretsInSnapshots(t *testing.T) {
	s := NewSnapshot()
	next, err := s.With(Change{PutSecret: &Secret{Name: "k", Sealed: "sealed:1:a:x"}, PutRelation: &Relation{Database: "d", Name: "r",
		Properties: []Property{{"password", "secret('k')"}, {"token", "sealed:1:b:y"}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if users := next.UsersOf("k"); len(users) != 1 || users[0] != "d.r" || len(next.UsersOf("other")) != 0 || len(next.Sealed()) != 2 {
		t.Errorf("%v, %v", users, next.Sealed())
	}
	if _, err := next.With(Change{PutSecret: &Secret{Name: "k"}}, nil); err == nil {
		t.Error("a secret is made twice")
	}
	if _, err := next.With(Change{DropSecret: "other"}, nil); err == nil {
		t.Error("a secret that is not there is dropped")
	}
	if last, err := next.With(Change{DropSecret: "k"}, nil); err != nil || last.Secrets["k"] != nil || next.Secrets["k"] == nil {
		t.Errorf("%v", err)
	}
}
