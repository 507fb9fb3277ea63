package function

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestEveryFunctionIsDescribed: what can be called has a description, and a description is of something that can.
func TestEveryFunctionIsDescribed(t *testing.T) {
	callable := Callable()
	for _, name := range callable {
		d, ok := Describe(name)
		switch {
		case !ok:
			t.Errorf("%s has no description: a line of describe in sql/function", name)
		case d.Form == "" || !strings.HasSuffix(d.Text, ".") || d.Follows == "":
			t.Errorf("the description of %s says too little: %+v", name, d)
		case !slices.Contains(Groups, d.Group):
			t.Errorf("%s is of group %q, which no page has", name, d.Group)
		case (d.Example == "") != (d.Gives == ""):
			t.Errorf("%s has an example without its value, or the other way round", name)
		}
	}
	for _, name := range Described() {
		if word := name[0] >= 'a' && name[0] <= 'z'; word && !slices.Contains(callable, name) && len(OtherNames(name)) == 0 {
			t.Errorf("%s is described, and nobody can call it", name)
		}
	}
}

func TestElsewhere(t *testing.T) {
	callable := Callable()
	for name, here := range elsewhere {
		if slices.Contains(callable, name) || !slices.Contains(callable, here) {
			t.Errorf("%s is called %s here?", name, here)
		}
	}
}

// TestPages: what is generated is what the tables say.
func TestPages(t *testing.T) {
	for command, write := range map[string]func(io.Writer) error{"functions": WriteReference, "conversions": WriteConversions} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile("../../docs/sql/" + command + ".md")
		if err != nil || b.String() != string(page) {
			t.Errorf("docs/sql/%[1]s.md is stale; run: go run ./cmd/slipway %[1]s > docs/sql/%[1]s.md (%[2]v)", command, err)
		}
	}
}
