package pgwire

import "testing"

// TestKindOf: nothing of what a statement holds is in its kind.
func TestKindOf(t *testing.T) {
	for text, want := range map[string]string{
		"": "empty", "CREATE USER": "CREATE USER", "select 'SECRET'": "SELECT", "SELECT 1": "SELECT", "with a as (select 1) select * from a": "WITH",
		"(select 1)": "other", "'x' y": "other", "SHOW STREAMJOB j": "SHOW", "values(1)": "VALUES", "SELECT A FROM SECRETS": "SELECT",
	} {
		if got := kindOf(text); got != want {
			t.Errorf("of %q it is %q, want %q", text, got, want)
		}
	}
}
