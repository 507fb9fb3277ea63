package near

import "testing"

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"select", "slect", 1}, {"select", "selcet", 1}, {"decode", "second", 3},
		{"größe", "grösse", 2}, {"ab", "ba", 1}, {"abc", "cba", 2}} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("%s, %s: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := Distance(c.b, c.a); got != c.want {
			t.Errorf("%s, %s: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

func TestName(t *testing.T) {
	known := []string{"and", "second", "upper", "server.demo", "server.sql.listen", "morphling.job.checkpoint.interval", "id", "abs"}
	for name, want := range map[string]string{"random": "", "decode": "", "server.foo": "", "uper": "upper", "UPPRE": "upper", "server.dmeo": "server.demo",
		"morphling.job.chekpoint.intervl": "morphling.job.checkpoint.interval", "x": "", "ids": "id", "server.sql.lisen": "server.sql.listen", "sql.listen": ""} {
		if got := Name(name, known); got != want {
			t.Errorf("%s gives %q, want %q", name, got, want)
		}
	}
	if got := Typo("selcet", []string{"select", "delete"}); got != "select" {
		t.Errorf("typo gives %q", got)
	}
	if got := Typo("deltee", []string{"select", "selete"}); got != "" {
		t.Errorf("two slips give %q", got)
	}
}
