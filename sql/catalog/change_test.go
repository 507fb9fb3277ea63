package catalog

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

// shows lists what a snapshot holds: databases, relations with their properties, applications.
func shows(s *Snapshot) string {
	out := slices.Sorted(maps.Keys(s.Databases))
	for _, name := range slices.Sorted(maps.Keys(s.Relations)) {
		text := name
		for _, p := range s.Relations[name].Properties {
			text += " " + p.Key + "=" + p.Value
		}
		out = append(out, text)
	}
	return strings.Join(append(out, slices.Sorted(maps.Keys(s.Applications))...), ", ")
}

// TestChanges: each change from the same snapshot, which stays as it was.
func TestChanges(t *testing.T) {
	begin := NewSnapshot()
	begin.Databases["d"] = &Database{Name: "d"}
	begin.Relations["d.s"] = &Relation{Database: "d", Name: "s", Properties: []Property{{"topic", "a"}, {"format", "json"}}}
	begin.Relations["d.t"] = &Relation{Database: "d", Name: "t"}
	begin.Applications["d.app"] = &Application{Database: "d", Name: "app"}
	const before = "d, d.s topic=a format=json, d.t, d.app"
	s := &Relation{Database: "d", Name: "s"}
	for name, c := range map[string]struct {
		change Change
		want   string
		err    error
	}{
		"nothing":                     {Change{}, before, nil},
		"a relation":                  {Change{PutRelation: &Relation{Database: "d", Name: "u"}}, "d, d.s topic=a format=json, d.t, d.u, d.app", nil},
		"a relation that is there":    {Change{PutRelation: s}, "", ErrExists},
		"in the place of another":     {Change{PutRelation: s, ReplaceIfExisting: true}, "d, d.s, d.t, d.app", nil},
		"a database":                  {Change{PutDatabase: &Database{Name: "e"}}, "d, e, d.s topic=a format=json, d.t, d.app", nil},
		"an application":              {Change{PutApplication: &Application{Database: "d", Name: "b"}}, "d, d.s topic=a format=json, d.t, d.app, d.b", nil},
		"properties over its own":     {Change{AlterRelation: "d.s", SetProperties: []Property{{"TOPIC", "b"}}}, "d, d.s format=json TOPIC=b, d.t, d.app", nil},
		"properties of nothing":       {Change{AlterRelation: "d.x"}, "", ErrMissing},
		"another name":                {Change{RenameRelation: "d.t", NewName: "z"}, "d, d.s topic=a format=json, d.z, d.app", nil},
		"a name that is taken":        {Change{RenameRelation: "d.t", NewName: "s"}, "", ErrExists},
		"another name for nothing":    {Change{RenameRelation: "d.x", NewName: "z"}, "", ErrMissing},
		"a relation less":             {Change{DropRelation: "d.t"}, "d, d.s topic=a format=json, d.app", nil},
		"a relation less, not there":  {Change{DropRelation: "d.x"}, "", ErrMissing},
		"all of a database":           {Change{DropDatabase: "d", DropRelation: "d.s", DropApplication: "d.app"}, "d.t", nil},
		"half of what cannot be done": {Change{PutDatabase: &Database{Name: "e"}, DropRelation: "d.x"}, "", ErrMissing},
	} {
		t.Run(name, func(t *testing.T) {
			next, err := begin.With(c.change, func() uint32 { t.Error("a number was asked for"); return 0 })
			if !errors.Is(err, c.err) {
				t.Fatalf("got %v, want %v", err, c.err)
			}
			if err == nil && shows(next) != c.want {
				t.Errorf("got  %s\nwant %s", shows(next), c.want)
			}
			if got := shows(&begin); got != before {
				t.Errorf("the former snapshot is now %s", got)
			}
		})
	}
}

// TestNumbers: what needs a number gets one in a copy; the statement's own object stays.
func TestNumbers(t *testing.T) {
	begin, own := NewSnapshot(), &Relation{Database: "d", Name: "s"}
	next, err := begin.With(Change{PutRelation: own, NeedOID: true}, func() uint32 { return 16384 })
	if err != nil {
		t.Fatal(err)
	}
	if got := next.Relation("d", "s"); got.OID != 16384 || own.OID != 0 {
		t.Errorf("number %d, of the statement's %d", got.OID, own.OID)
	}
}
