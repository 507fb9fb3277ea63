package value

import (
	"strings"
	"testing"

	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// TestTooDeep: what is no JSON because of its depth is said to be, and nothing else is.
func TestTooDeep(t *testing.T) {
	for text, deep := range map[string]bool{
		strings.Repeat("[", 500_000):                  true,
		strings.Repeat(`{"a":`, 10_001):               true,
		strings.Repeat("[", 9_000) + "x":              false,
		strings.Repeat("[]", 20_000):                  false,
		`"` + strings.Repeat("[", 20_000):             false,
		`{"\"` + strings.Repeat("[", 10_001) + `": 1`: false,
	} {
		_, f := ReadJSON([]byte(text))
		e := sqlerr.From(f.Error(types.Of(types.JSON), []byte(text)))
		if e.Code != sqlerr.InvalidText || (e.Detail == "It is nested more than 10000 levels deep.") != deep {
			t.Errorf("%.20s…: %v, %q", text, e, e.Detail)
		}
	}
}
