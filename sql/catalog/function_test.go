package catalog

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"slipway/sql/types"
)

// TestStoredFunction pins what is stored of a function. A field may be added; no name and no form may change.
func TestStoredFunction(t *testing.T) {
	f := &Function{Database: "d", Name: "tax", Parameters: types.Schema{{Name: "x", Type: types.NewDecimal(10, 2)}}, Result: types.NewDecimal(10, 2), Language: "sql", Strict: true,
		Comment: "c", Body: "x * 0.19", Path: "d", Uses: []string{"d.f/2"}, Module: "H4sI", Hash: "0a", Properties: []Property{{"k", "v"}}, Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	const want = `{"database":"d","name":"tax","parameters":[{"Name":"x","Type":"DECIMAL(10,2)","NotNull":false,"Comment":""}],"result":"DECIMAL(10,2)","language":"sql","strict":true,` +
		`"comment":"c","body":"x * 0.19","path":"d","uses":["d.f/2"],"module":"H4sI","hash":"0a","properties":[{"key":"k","value":"v"}],"created":"2026-01-02T03:04:05Z"}`
	if b, err := json.Marshal(f); err != nil || string(b) != want {
		t.Errorf("%v, stored is\n%s\nwant\n%s", err, b, want)
	}
	f = &Function{Database: "d", Name: "f", Result: types.Of(types.BigInt), Columns: types.Schema{{Name: "y", Type: types.Of(types.BigInt)}},
		Language: "wasm", Aggregate: &Aggregate{Merges: true, Retracts: true}}
	const wantRows = `{"database":"d","name":"f","result":"BIGINT","columns":[{"Name":"y","Type":"BIGINT","NotNull":false,"Comment":""}],` +
		`"aggregate":{"merges":true,"retracts":true},"language":"wasm","created":"0001-01-01T00:00:00Z"}`
	if b, err := json.Marshal(f); err != nil || string(b) != wantRows {
		t.Errorf("%v, stored is\n%s\nwant\n%s", err, b, wantRows)
	}
	var again Function
	if err := json.Unmarshal([]byte(want), &again); err != nil || again.Signature() != "d.tax(DECIMAL(10,2))" || again.Key() != "d.tax/1" {
		t.Errorf("%v, %+v", err, again)
	}
}

// TestFunctions: those of a name are told by the number of arguments, and a snapshot that holds some has the format that says so.
func TestFunctions(t *testing.T) {
	one := &Function{Database: "d", Name: "f", Parameters: make(types.Schema, 1)}
	two := &Function{Database: "d", Name: "f", Parameters: make(types.Schema, 2)}
	var begin Snapshot // one that was stored before there were functions
	s, err := begin.With(Change{PutFunction: two}, nil)
	if err == nil {
		s, err = s.With(Change{PutFunction: one}, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	if list := s.FunctionsNamed("d", "f"); len(list) != 2 || list[0] != one || s.Function("d", "f", 2) != two || s.Function("d", "f", 3) != nil {
		t.Errorf("found %v", list)
	}
	if begin.Format() != 2 || s.Format() != 3 {
		t.Errorf("formats %d and %d", begin.Format(), s.Format())
	}
	for _, f := range []*Function{{Database: "d", Name: "g", Columns: make(types.Schema, 1)}, {Database: "d", Name: "g", Aggregate: &Aggregate{}}} {
		if newer, err := s.With(Change{PutFunction: f}, nil); err != nil || newer.Format() != 4 {
			t.Errorf("%v, one that gives a table, or is an aggregate: format %d", err, newer.Format())
		}
	}
	if _, err := s.With(Change{PutFunction: one}, nil); !errors.Is(err, ErrExists) {
		t.Errorf("a second one: %v", err)
	}
	if s, err = s.With(Change{DropFunction: "d.f/1"}, nil); err != nil || len(s.Functions) != 1 {
		t.Errorf("after it was dropped: %v, %v", err, s)
	}
	if _, err = s.With(Change{DropFunction: "d.f/1"}, nil); !errors.Is(err, ErrMissing) {
		t.Errorf("dropped twice: %v", err)
	}
}
