package catalog_test

import (
	"encoding/json"
	"testing"

	"slipway/sql/catalog"
	"slipway/sql/types"
)

// TestStoredClauses pins the stored form of columns whose values do not stand in records alone; a relation without
// such columns has none of it.
func TestStoredClauses(t *testing.T) {
	r := catalog.Relation{Database: "d", Name: "s", Columns: types.Schema{
		{Name: "a", Type: types.Of(types.BigInt)}, {Name: "At", Type: types.NewTimestamp(3)}, {Name: "off", Type: types.Of(types.BigInt)},
		{Name: "twice", Type: types.Of(types.BigInt)}, {Name: "n", Type: types.Of(types.Int)},
	}}
	plain, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	r.Clauses = []catalog.Clause{{Column: "At", Metadata: "timestamp"}, {Column: "off", Metadata: "offset", Virtual: true}, {Column: "twice", Computed: "a * 2"}, {Column: "n", Default: "1"}}
	text, err := json.Marshal(r.Clauses)
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"column":"At","metadata":"timestamp"},{"column":"off","metadata":"offset","virtual":true},{"column":"twice","computed":"a * 2"},{"column":"n","default":"1"}]`
	if string(text) != want {
		t.Errorf("clauses are stored as %s", text)
	}
	snapshot := catalog.NewSnapshot()
	snapshot.Relations["d.s"] = &catalog.Relation{}
	if snapshot.Format() != 2 {
		t.Error("a catalog without clauses is written in a form that former servers do not read")
	}
	if snapshot.Relations["d.s"] = &r; snapshot.Format() != 3 {
		t.Error("a catalog with clauses is written in a form in which former servers would lose them")
	}
	var again catalog.Relation
	if err := json.Unmarshal(plain, &again); err != nil || again.Clauses != nil {
		t.Errorf("a plain relation is read as %v, %v", again, err)
	}
	for name, got := range map[string][2]string{
		"recorded": {r.Recorded().String(), "(a BIGINT, n INT)"},
		"written":  {r.Written().String(), "(a BIGINT, At TIMESTAMP(3), n INT)"},
		"sunk":     {r.Sunk().String(), "(a BIGINT, n INT, At TIMESTAMP(3))"},
		"metadata": {r.ReadMetadata().String(), "(At TIMESTAMP(3), off BIGINT)"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %s, want %s", name, got[0], got[1])
		}
	}
}
