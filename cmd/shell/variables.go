package shell

import (
	"fmt"
	"regexp"
	"sort"
	"strings"

	"slipway/sql/parser"
)

// reference is what may stand behind a colon: a name, or one in quotes.
var reference = regexp.MustCompile(`^:(?:([A-Za-z0-9_]+)|'([A-Za-z0-9_]+)'|"([A-Za-z0-9_]+)")`)

// variableName is what a variable may be called.
var variableName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// Variables have a value by name.
type Variables map[string]string

// Add reads name=value.
func (v Variables) Add(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || !variableName.MatchString(name) {
		return fmt.Errorf("%s: it must read name=value, and a name has letters, digits and _", text)
	}
	v[name] = value
	return nil
}

// names are those that are set, in order.
func (v Variables) names() (out []string) {
	for name := range v {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// statement makes the statement of a part: references outside of quotes and comments become values, as psql does it: :name as
// it is, :'name' as a text, :"name" as a name. Those of variables that have none stay: x[1:n] is a slice.
func (v Variables) statement(src *source, p parser.Part) *Statement {
	st := &Statement{From: p.From, source: src, words: p.Words}
	var b strings.Builder
	at := p.From
	for _, colon := range p.Colons {
		m := reference.FindStringSubmatch(src.text[colon:p.To])
		if m == nil || colon < at {
			continue
		}
		name := m[1] + m[2] + m[3]
		value, set := v[name]
		if !set {
			st.unset = append(st.unset, name)
			continue
		}
		value = quoted(value, m)
		b.WriteString(src.text[at:colon])
		st.cuts = append(st.cuts, cut{at: b.Len(), length: len(value), original: len(m[0])})
		b.WriteString(value)
		at = colon + len(m[0])
	}
	b.WriteString(src.text[at:p.To])
	st.Text = b.String()
	return st
}

func quoted(value string, m []string) string {
	switch {
	case m[2] != "":
		return "'" + strings.ReplaceAll(value, "'", "''") + "'"
	case m[3] != "":
		return `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
	}
	return value
}
