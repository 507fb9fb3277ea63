package expr

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// Patterns of SIMILAR TO and SUBSTRING(s SIMILAR p ESCAPE e): % and _ as in LIKE, and | * + ? {n,m} ( ) [ ] as in regular
// expressions. They become expressions of RE2, which match a text whole.

// similar is what a call knows of its patterns; neighbours mostly have one.
type similar struct {
	pattern, escape string
	re              *regexp.Regexp
	parts           bool // of SUBSTRING
}

// get gives the expression of a pattern.
func (k *similar) get(pattern, escape []byte) (*regexp.Regexp, error) {
	if k.re != nil && string(pattern) == k.pattern && string(escape) == k.escape {
		return k.re, nil
	}
	text, err := similarExpression(string(pattern), string(escape), k.parts)
	if err != nil {
		return nil, err
	}
	re, problem := regexp.Compile(text)
	if problem != nil {
		return nil, sqlerr.New("2201B", "invalid regular expression: %v", problem)
	}
	k.pattern, k.escape, k.re = string(pattern), string(escape), re
	return re, nil
}

// similarExpression turns a pattern into an expression. With parts, the escape character before a double quote divides it into
// three, of which the middle one is what is wanted.
func similarExpression(pattern, escape string, parts bool) (string, error) {
	if utf8.RuneCountInString(escape) > 1 {
		return "", sqlerr.New("22019", "invalid escape string: %q", escape).WithHint("It is one character, or empty.")
	}
	w := similarWriter{escape: escape, parts: parts}
	for at := 0; at < len(pattern); {
		_, n := utf8.DecodeRuneInString(pattern[at:])
		c := pattern[at : at+n]
		if at += n; escape == "" || c != escape {
			w.character(c)
			continue
		}
		if _, n = utf8.DecodeRuneInString(pattern[at:]); n > 0 { // one at the end says nothing
			w.escaped(pattern[at : at+n])
			at += n
		}
	}
	if w.separators == 2 {
		return "(?s)^(?U:" + w.divided[0] + ")(" + w.divided[1] + ")(?:" + w.out.String() + ")$", nil
	}
	if w.separators > 2 {
		return "", sqlerr.New("2200C", "SQL regular expression may not contain more than two escape-double-quote separators")
	}
	return "(?s)^(?:" + strings.Join(w.divided, "") + w.out.String() + ")$", nil
}

// similarWriter writes an expression character by character.
type similarWriter struct {
	escape     string
	parts      bool
	out        strings.Builder
	divided    []string // what stands before the separators
	separators int
	inSet      bool // between [ and ]
	begins     bool // at the first character of a set, where ] stands for itself
}

func (w *similarWriter) escaped(c string) {
	if c == `"` && w.parts && !w.inSet {
		w.separators++
		w.divided = append(w.divided, w.out.String())
		w.out.Reset()
		return
	}
	w.out.WriteString(regexp.QuoteMeta(c))
	w.begins = false
}

func (w *similarWriter) character(c string) {
	switch {
	case w.inSet:
		w.ofSet(c)
	case c == "[":
		w.inSet, w.begins = true, true
		w.out.WriteString(c)
	case c == "%":
		w.out.WriteString(".*")
	case c == "_":
		w.out.WriteString(".")
	case c == "(":
		w.out.WriteString("(?:")
	case strings.Contains(`\.^$`, c):
		w.out.WriteString(`\` + c)
	default:
		w.out.WriteString(c)
	}
}

// ofSet writes a character of a set.
func (w *similarWriter) ofSet(c string) {
	switch {
	case c == "]" && !w.begins:
		w.inSet = false
	case c == "\\", c == "]":
		c = `\` + c
	case c == "[" && w.begins: // [[:alpha:]] goes on as it is
	}
	w.begins = w.begins && c == "^"
	w.out.WriteString(c)
}

// compileSimilar reads a constant pattern once, so that a wrong one is found before any row.
func compileSimilar(e *plan.Call, args []Evaluator) (Evaluator, error) {
	k := &similar{parts: e.Func == "substring_similar"}
	escape := []byte(`\`)
	p, constantPattern := constantText(args[1])
	c, constantEscape := `\`, true
	if len(args) == 3 {
		c, constantEscape = constantText(args[2])
	}
	if constantPattern && constantEscape && !slices.ContainsFunc(args, isNull) {
		if _, err := k.get([]byte(p), []byte(c)); err != nil {
			return nil, err
		}
	}
	return newRowFunc(e, args, func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		if len(vs) == 3 {
			escape = vs[2].Bytes(i)
		}
		re, err := k.get(vs[1].Bytes(i), escape)
		if err != nil {
			return false, err
		}
		if !k.parts {
			out.Bools[i] = re.Match(vs[0].Bytes(i))
			return true, nil
		}
		return firstGroup(re, vs[0].Bytes(i), out, i), nil
	}), nil
}

// firstGroup gives the first group of the first match, the match where there are no groups; false where nothing matches.
func firstGroup(re *regexp.Regexp, b []byte, out *column.Vector, i int) bool {
	m := re.FindSubmatchIndex(b)
	if len(m) > 2 {
		m = m[2:]
	}
	if m == nil || m[0] < 0 {
		return false
	}
	out.SetBytes(i, b[m[0]:m[1]])
	return true
}
