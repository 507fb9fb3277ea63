package expr

import (
	"strings"
	"testing"

	"slipway/sql/function"
)

// TestDatePatternParts: what is accepted when a query is compiled is what is formatted.
func TestDatePatternParts(t *testing.T) {
	for _, p := range function.JavaParts {
		if problem := function.DatePattern(p); problem != "" {
			t.Errorf("%s: %s", p, problem)
		}
		if javaLayouts[p] == "" && p[0] != 'S' {
			t.Errorf("%s is accepted and not formatted", p)
		}
	}
	for _, c := range function.MySQLParts {
		if _, ok := mysqlParts[byte(c)]; !ok && c != 'j' && c != '%' && !strings.ContainsRune(mysqlNumbers, c) {
			t.Errorf("%%%c is accepted and not formatted", c)
		}
	}
	for _, wrong := range []string{"yyyy-MM-ddTHH:mm", "Q", "%Y %q", "yyyyy", "D"} {
		if function.DatePattern(wrong) == "" {
			t.Errorf("%s is accepted", wrong)
		}
	}
	for _, right := range []string{"yyyy-MM-dd'T'HH:mm:ss.SSS", "%Y-%m-%d %% %", "", "''yy", "%Y %1"} {
		if problem := function.DatePattern(right); problem != "" {
			t.Errorf("%s: %s", right, problem)
		}
	}
}
