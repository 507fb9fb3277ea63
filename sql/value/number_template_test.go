package value

import "testing"

// What tests/functions holds beside a PostgreSQL, in a few lines that need none.
func TestNumberTemplates(t *testing.T) {
	for _, c := range []struct{ digits, template, want string }{
		{"1234.5", "9,999.99", " 1,234.50"}, {"-0.1", "FM9.99", "-.1"}, {"0.1", "0.9", " 0.1"}, {"12", "9990999.9", "    0012.0"}, {"148.5", "FM999.990", "148.500"},
		{"-485", "999S", "485-"}, {"-485", "999PR", "<485>"}, {"485", "SG999", "+485"}, {"482", "999th", " 482nd"}, {"485", "FMRN", "CDLXXXV"},
		{"12.45", "99V9", " 125"}, {"0.0004859", "9.99EEEE", " 4.86e-04"}, {"12345", "9,999", " #,###"}, {"485", `"Good number:"999`, "Good number: 485"},
	} {
		n, err := ReadNumberTemplate(c.template)
		if err != nil {
			t.Fatal(err)
		}
		v, _ := ReadDecimal([]byte(c.digits), 30, 10)
		if got, err := n.AppendDecimal(nil, v, 10); string(got) != c.want || err != nil {
			t.Errorf("%s by %s: %q, %v, want %q", c.digits, c.template, got, err, c.want)
		}
	}
	for _, bad := range []string{"9.9.9", "S9S", "9PR9", "99V.9", "9EEEE9", "FM9EEEE", "MI9S", "S9PL"} {
		if _, err := ReadNumberTemplate(bad); err == nil {
			t.Errorf("the template %s is taken", bad)
		}
	}
	for text, want := range map[string]string{"12,454.8-": "-12454.8", "  7": "7", "1.25": "1.2"} {
		n, _ := ReadNumberTemplate("99G999D9S")
		if got, err := n.Read(text); got != want || err != nil {
			t.Errorf("%q is %q, %v, want %q", text, got, err, want)
		}
	}
}
