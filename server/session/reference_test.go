package session

import (
	"bytes"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"

	"slipway/server/pgwire"
)

// TestEveryStatementIsDescribed: the page has each kind of the table once.
func TestEveryStatementIsDescribed(t *testing.T) {
	left := maps.Clone(statements)
	for _, d := range reference {
		for _, kind := range d.kinds {
			if _, has := left[kind]; !has {
				t.Errorf("%s is described twice, or there is no such statement", kind)
			}
			delete(left, kind)
		}
		if d.form == "" || d.text == "" || !slices.Contains(chapters, d.chapter) {
			t.Errorf("%v: no form, no text, or no chapter", d.kinds)
		}
	}
	if missing := slices.Collect(maps.Keys(left)); len(missing) > 0 {
		t.Errorf("not described: %v", missing)
	}
}

// TestExamplesAreOfTheirKinds: an example has the statements that it stands under.
func TestExamplesAreOfTheirKinds(t *testing.T) {
	c := newClient(t, nil, nil)
	for _, d := range reference {
		if d.example == "" {
			continue
		}
		list, err := c.s.Parse(d.example)
		if err != nil {
			t.Fatalf("%s: %v", d.example, err)
		}
		for _, kind := range d.kinds {
			if !slices.ContainsFunc(list, func(st pgwire.Statement) bool { return reflect.TypeOf(st) == kind }) {
				t.Errorf("the example of %s has none:\n%s", kind, d.example)
			}
		}
	}
}

// TestStatementsPage: docs/sql/statements.md is what slipway statements prints.
func TestStatementsPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/sql/statements.md")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteReference(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, b.Bytes()) {
		t.Error("docs/sql/statements.md is stale: go run ./cmd/slipway statements > docs/sql/statements.md")
	}
}
