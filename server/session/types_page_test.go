package session

import (
	"bytes"
	"os"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// TestEveryTypeIsDescribed: each kind that a column may have is on the page once, what stands there as its ends can be
// read, and what is beyond them cannot.
func TestEveryTypeIsDescribed(t *testing.T) {
	left := map[types.Kind]bool{}
	for k := types.Kind(0); k.Known(); k++ {
		left[k] = k != types.Null && k != types.Duration // which no column has
	}
	for _, d := range typesDescribed {
		if !left[d.typ.Kind] {
			t.Errorf("%s is described twice", d.typ)
		}
		left[d.typ.Kind] = false
		v := column.NewVector(d.typ)
		v.Grow(1)
		for _, text := range []string{d.example, d.least, d.most} {
			v.SetPresent(0)
			if err := v.SetText(0, []byte(text)); text != "" && err != nil {
				t.Errorf("%s: %s: %v", d.typ, text, err)
			}
			if got := string(column.AppendText(nil, v, 0)); text != "" && text != d.example && got != text {
				t.Errorf("%s: %s is written as %s", d.typ, text, got)
			}
		}
		if err := v.SetText(0, []byte(d.beyond)); d.beyond != "" && err == nil {
			t.Errorf("%s: %s was read", d.typ, d.beyond)
		}
		if d.text == "" || d.literal == "" || d.typ.WireName() == "" {
			t.Errorf("%s: the page says too little", d.typ)
		}
	}
	for k, missing := range left {
		if missing {
			t.Errorf("%s is not described", k)
		}
	}
}

// TestTypesRun: the literal of each type is of it, and is the example.
func TestTypesRun(t *testing.T) {
	c := newClient(t, nil, nil)
	for _, d := range typesDescribed {
		v := column.NewVector(d.typ)
		v.Grow(1)
		v.SetPresent(0)
		if err := v.SetText(0, []byte(d.example)); err != nil {
			t.Fatal(err)
		}
		r, err := c.execute("SELECT " + d.literal)
		if err != nil {
			t.Errorf("%s: %v", d.literal, err)
			continue
		}
		if got := r.Columns()[0].Type; got.OID() != d.typ.OID() {
			t.Errorf("%s is of type %s, not %s", d.literal, got, d.typ)
		}
		rows, err := readAll(t.Context(), r)
		row := batchRow{b: &column.Batch{Rows: 1, Cols: []*column.Vector{v}}}
		if want, _ := row.AppendText(nil, 0); err != nil || len(rows) != 1 || rows[0] != string(want) {
			t.Errorf("%s gives %q, want %s (%v)", d.literal, rows, want, err)
		}
	}
}

// TestTypesPage: docs/sql/types.md is what slipway types prints.
func TestTypesPage(t *testing.T) {
	var b bytes.Buffer
	if err := WriteTypes(&b); err != nil {
		t.Fatal(err)
	}
	if page, err := os.ReadFile("../../docs/sql/types.md"); err != nil || b.String() != string(page) {
		t.Errorf("docs/sql/types.md is stale: go run ./cmd/slipway types > docs/sql/types.md (%v)", err)
	}
}
