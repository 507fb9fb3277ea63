package expr

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// literalRegexp is a regular expression of which it is known that every match holds a certain text:
// a search for that is far cheaper than one by the automaton, and says where that may begin.
type literalRegexp struct {
	*regexp.Regexp
	literal []byte // nil: nothing is known
	before  int    // at most so many bytes of a match lie in front of its first one; -1: any number
}

func newLiteralRegexp(pattern string) (*literalRegexp, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	out := &literalRegexp{Regexp: re}
	if tree, err := syntax.Parse(pattern, syntax.Perl); err == nil {
		out.find(tree)
	}
	return out, nil
}

// find looks for the longest text that stands in the expression itself.
func (l *literalRegexp) find(tree *syntax.Regexp) {
	parts := []*syntax.Regexp{tree}
	if tree.Op == syntax.OpConcat {
		parts = tree.Sub
	}
	before := 0
	for _, p := range parts {
		if text := []byte(string(p.Rune)); p.Op == syntax.OpLiteral && p.Flags&syntax.FoldCase == 0 && len(text) > len(l.literal) {
			l.literal, l.before = text, before
		}
		if n := most(p); n < 0 || before < 0 {
			before = -1
		} else {
			before += n
		}
	}
}

// most is how many bytes an expression matches at most; -1: any number, or not known.
func most(e *syntax.Regexp) int {
	switch e.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return 0
	case syntax.OpLiteral:
		return len(e.Rune) * utf8.UTFMax
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return utf8.UTFMax
	case syntax.OpCapture, syntax.OpQuest:
		return most(e.Sub[0])
	case syntax.OpConcat, syntax.OpAlternate:
		sum := 0
		for _, s := range e.Sub {
			n := most(s)
			if n < 0 {
				return -1
			}
			sum += n
		}
		return sum
	}
	return -1
}

// within gives the part of a text in which the first match lies, if there is one: from one character in
// front of where it may begin, since ^ and \b look at that.
func (l *literalRegexp) within(b []byte) (part []byte, may bool) {
	if l.literal == nil {
		return b, true
	}
	at := bytes.Index(b, l.literal)
	if at < 0 {
		return nil, false
	}
	if l.before < 0 {
		return b, true
	}
	return b[max(0, at-l.before-utf8.UTFMax):], true
}

// match is Match of the whole text.
func (l *literalRegexp) match(b []byte) bool {
	part, may := l.within(b)
	return may && l.Match(part)
}

// group gives a group of the first match; nil, false if there is none, or no such group.
func (l *literalRegexp) group(b []byte, n int64) ([]byte, bool) {
	part, may := l.within(b)
	if !may || n < 0 || n > int64(l.NumSubexp()) {
		return nil, false
	}
	m := l.FindSubmatchIndex(part)
	switch {
	case m == nil:
		return nil, false
	case m[2*n] < 0: // it takes no part in the match
		return nil, true
	}
	return slices.Clip(part[m[2*n]:m[2*n+1]]), true
}
