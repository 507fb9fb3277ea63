package analyzer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"slipway/sql/parser"
	"slipway/sql/sqlerr"
)

// TestUnsupported runs testdata/unsupported: the error of the first statement that is
// refused before any name is looked up, with a caret under its place.
func TestUnsupported(t *testing.T) {
	datadriven.RunTest(t, "testdata/unsupported", func(t *testing.T, d *datadriven.TestData) string {
		list, err := parser.Parse(d.Input)
		if err != nil {
			t.Errorf("%s: %v", d.Input, err)
		}
		for _, st := range list {
			if err := Supported(st); err != nil {
				return caret(d.Input, sqlerr.From(err))
			}
		}
		return "supported\n"
	})
}

// caret draws an error as psql does.
func caret(text string, e *sqlerr.Error) string {
	out := fmt.Sprintf("ERROR %s: %s\nLINE 1: %s\n%s^\n", e.Code, e.Message, text, strings.Repeat(" ", len("LINE 1: ")+e.Position-1))
	if e.Hint != "" {
		out += "HINT: " + e.Hint + "\n"
	}
	return out
}
