package catalog

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"
)

// TestStoredUser pins what is stored of a role. A field may be added; no name and no form may change.
func TestStoredUser(t *testing.T) {
	limit, when := 5, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	u := &User{
		OID: 16400, Name: "ann", Login: true, Superuser: true, Verifier: "SCRAM-SHA-256$4096:c2FsdA==$a:b", ConnectionLimit: &limit, ValidUntil: when, MemberOf: []string{"readers"},
		Grants:   []Grant{{Read, OnStream, "16385", "root"}, {Operate, OnJob, "1f", ""}, {Own, OnDatabase, "16384", ""}, {Write, OnStreams, "16384", ""}, {Create, OnJobs, "16384", ""}},
		Settings: []Property{{"k", "v"}}, Created: when,
	}
	const want = `{"oid":16400,"name":"ann","login":true,"superuser":true,"verifier":"SCRAM-SHA-256$4096:c2FsdA==$a:b","connection_limit":5,"valid_until":"2026-01-02T03:04:05Z",` +
		`"member_of":["readers"],"grants":[{"right":"read","on":"stream","object":"16385","by":"root"},{"right":"operate","on":"job","object":"1f"},` +
		`{"right":"own","on":"database","object":"16384"},{"right":"write","on":"streams","object":"16384"},{"right":"create","on":"jobs","object":"16384"}],` +
		`"settings":[{"key":"k","value":"v"}],"created":"2026-01-02T03:04:05Z"}`
	b, err := json.Marshal(u)
	if err != nil || string(b) != want {
		t.Errorf("%v, stored is\n%s\nwant\n%s", err, b, want)
	}
	var again User
	if err := json.Unmarshal([]byte(want), &again); err != nil || !reflect.DeepEqual(&again, u) {
		t.Errorf("%v, read is %+v", err, again)
	}
	const least = `{"oid":1,"name":"r","created":"0001-01-01T00:00:00Z"}`
	if b, err := json.Marshal(&User{OID: 1, Name: "r"}); err != nil || string(b) != least {
		t.Errorf("%v, stored is\n%s\nwant\n%s", err, b, least)
	}
}

// TestStoredOwners pins the field that says who made something, which is not there where nobody did.
func TestStoredOwners(t *testing.T) {
	const relation = `{"oid":1,"database":"d","name":"s","kind":"stream","columns":null,"owner":7,"created":"0001-01-01T00:00:00Z"}`
	for want, v := range map[string]any{
		relation: &Relation{OID: 1, Database: "d", Name: "s", Kind: Stream, Owner: 7},
		`{"oid":1,"name":"d","owner":7,"created":"0001-01-01T00:00:00Z"}`:        &Database{OID: 1, Name: "d", Owner: 7},
		`{"database":"d","name":"a","owner":7,"created":"0001-01-01T00:00:00Z"}`: &Application{Database: "d", Name: "a", Owner: 7},
		`{"oid":1,"name":"d","created":"0001-01-01T00:00:00Z"}`:                  &Database{OID: 1, Name: "d"},
	} {
		if b, err := json.Marshal(v); err != nil || string(b) != want {
			t.Errorf("%v, stored is\n%s\nwant\n%s", err, b, want)
		}
	}
}

// putUsers is the change that puts roles.
func putUsers(list ...*User) Change {
	return Change{EditUsers: func(*Snapshot) ([]*User, []string, error) { return list, nil, nil }}
}

// apply makes changes one behind the other.
func apply(t *testing.T, s *Snapshot, changes ...Change) *Snapshot {
	t.Helper()
	oid := uint32(100 + len(s.Users))
	for _, c := range changes {
		next, err := s.With(c, func() uint32 { oid++; return oid })
		if err != nil {
			t.Fatal(err)
		}
		s = next
	}
	return s
}

// TestUsers: roles get numbers, keep them when they are renamed, and a snapshot that has some, or owners, says so by its format.
func TestUsers(t *testing.T) {
	var begin Snapshot // one that was stored before there were users
	s := apply(t, &begin, putUsers(&User{Name: "readers"}), putUsers(&User{Name: "ann", Login: true, MemberOf: []string{"readers"}}))
	ann, readers := s.User("ann"), s.User("readers")
	if begin.HasUsers() || !s.HasUsers() || ann.OID == readers.OID || s.UserByOID(ann.OID) != ann || len(begin.Users) != 0 {
		t.Errorf("users are %+v", s.Users)
	}
	if begin.Format() != 2 || s.Format() != 5 {
		t.Errorf("formats %d and %d", begin.Format(), s.Format())
	}
	renamed := *readers
	renamed.Name = "lesers"
	after := apply(t, s, putUsers(&renamed))
	if after.User("readers") != nil || after.User("lesers").OID != readers.OID || after.User("ann").MemberOf[0] != "lesers" || s.User("ann").MemberOf[0] != "readers" {
		t.Errorf("renamed: %+v", after.User("ann"))
	}
	after = apply(t, s, Change{EditUsers: func(*Snapshot) ([]*User, []string, error) { return nil, []string{"readers"}, nil }})
	if after.User("readers") != nil || len(after.User("ann").MemberOf) != 0 {
		t.Errorf("dropped: %+v", after.User("ann"))
	}
	for _, c := range []Change{putUsers(&User{Name: "ann"}), putUsers(&User{OID: readers.OID, Name: "ann"})} {
		if _, err := s.With(c, func() uint32 { return 999 }); !errors.Is(err, ErrExists) {
			t.Errorf("a second ann: %v", err)
		}
	}
	if _, err := s.With(putUsers(&User{OID: 5, Name: "gone"}), nil); !errors.Is(err, ErrMissing) {
		t.Errorf("a role that was dropped meanwhile: %v", err)
	}
	owned := Snapshot{Relations: map[string]*Relation{"d.s": {Owner: 7}}}
	if owned.Format() != 5 {
		t.Errorf("with an owner: format %d", owned.Format())
	}
}

// TestGrantsEnd: what is granted on something ends with it, and not with its name.
func TestGrantsEnd(t *testing.T) {
	s := &Snapshot{
		Databases: map[string]*Database{"d": {OID: 10, Name: "d"}},
		Relations: map[string]*Relation{"d.s": {OID: 11, Database: "d", Name: "s"}, "d.t": {OID: 12, Database: "d", Name: "t"}},
		Users:     map[string]*User{"ann": {OID: 1, Name: "ann", Grants: []Grant{{Read, OnStream, "11", ""}, {Read, OnStream, "12", ""}, {Read, OnJob, "1f", ""}, {Read, OnStreams, "10", ""}}}},
	}
	left := func(c Change) int { return len(apply(t, s, c).User("ann").Grants) }
	for want, c := range map[int]Change{3: {DropRelation: "d.s"}, 4: {RenameRelation: "d.s", NewName: "u"}} {
		if n := left(c); n != want {
			t.Errorf("%+v leaves %d grants", c, n)
		}
	}
	if n := left(Change{DroppedJob: "1f"}); n != 3 {
		t.Errorf("dropping the job leaves %d grants", n)
	}
	if n := left(Change{DropDatabase: "d"}); n != 3 {
		t.Errorf("dropping the database leaves %d grants", n)
	}
	if len(s.User("ann").Grants) != 4 {
		t.Error("the snapshot before is changed")
	}
}
