package jobs

import (
	"fmt"
	"testing"

	"slipway/checkpoint"
	"slipway/ha"
	"slipway/sql/sqlerr"
)

func entry(id checkpoint.ID, savepoint string, files ...string) checkpoint.Entry {
	m := &checkpoint.Manifest{Checkpoint: id, Kind: checkpoint.Periodic}
	if savepoint != "" {
		m.Kind, m.Name = checkpoint.Savepoint, savepoint
	}
	for _, f := range files {
		m.State = append(m.State, checkpoint.OperatorState{Sections: []checkpoint.Section{{File: f}}})
	}
	return checkpoint.Entry{ID: id, Manifest: m}
}

func broken(id checkpoint.ID) checkpoint.Entry {
	return checkpoint.Entry{ID: id, Damaged: checkpoint.ErrCorrupt}
}

func TestCandidates(t *testing.T) {
	all := []checkpoint.Entry{broken(9), entry(8, ""), entry(7, "before"), entry(6, "")}
	for _, c := range []struct {
		name    string
		entries []checkpoint.Entry
		from    ha.StartFrom
		want    string
		code    sqlerr.Code
	}{
		{"the newest sound one first, older ones behind it", all, ha.StartFrom{}, "[8 7 6]", ""},
		{"nothing there is a fresh start", nil, ha.StartFrom{}, "[]", ""},
		{"all damaged is an error, not a fresh start", []checkpoint.Entry{broken(2), broken(1)}, ha.StartFrom{}, "", sqlerr.DataCorrupted},
		{"FRESH looks at nothing", []checkpoint.Entry{broken(2)}, ha.StartFrom{Fresh: true}, "[]", ""},
		{"a chosen checkpoint and no other", all, ha.StartFrom{Checkpoint: 6}, "[6]", ""},
		{"a chosen one that is damaged", all, ha.StartFrom{Checkpoint: 9}, "", sqlerr.DataCorrupted},
		{"a chosen one that is not there", all, ha.StartFrom{Checkpoint: 5}, "", sqlerr.UndefinedObject},
		{"a savepoint by name", all, ha.StartFrom{Savepoint: "before"}, "[7]", ""},
		{"a savepoint that is not there", all, ha.StartFrom{Savepoint: "after"}, "", sqlerr.UndefinedObject},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, err := candidates(c.entries, c.from)
			if c.code != "" {
				p, ok := err.(interface{ Permanent() bool })
				if sqlerr.From(err).Code != c.code || !ok || !p.Permanent() {
					t.Fatalf("got %v", err)
				}
				return
			}
			ids := []checkpoint.ID{}
			for _, m := range list {
				ids = append(ids, m.Checkpoint)
			}
			if err != nil || fmt.Sprint(ids) != c.want {
				t.Fatalf("got %v %v, want %s", ids, err, c.want)
			}
		})
	}
}

func TestOrphans(t *testing.T) {
	files := []string{"j/1", "j/2", "j/3"}
	sound := []checkpoint.Entry{entry(2, "", "j/2", "j/3")}
	if got := fmt.Sprint(orphans(files, sound)); got != "[j/1]" {
		t.Fatal(got)
	}
	if got := orphans(files, append(sound, broken(1))); len(got) != 0 {
		t.Fatalf("files were swept beside a damaged record: %v", got)
	}
}
