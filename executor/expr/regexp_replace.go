package expr

import (
	"bytes"
	"slices"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// REGEXP_REPLACE with more than a pattern and what is put for it: with flags it is PostgreSQL's, with numbers MySQL's.

// replacement is a call; the places of its arguments are those of REGEXP_REPLACE(s, pattern, by, from, n, flags).
type replacement struct {
	all regexps
}

// compileReplace reads a constant pattern once, so that a wrong one is found before any row.
func compileReplace(e *plan.Call, args []Evaluator) (Evaluator, error) {
	k := &replacement{}
	if p, ok := constantText(args[1]); ok && !slices.ContainsFunc(args, isNull) {
		if _, err := k.all.get([]byte(p), nil); err != nil {
			return nil, err
		}
	}
	if e.Args[3].Type().IsText() {
		return newRowFunc(e, args, k.byFlags), nil
	}
	return newRowFunc(e, args, k.byNumbers), nil
}

// byFlags replaces the first match, and with the flag g all; \1 and \& in what is put are groups and the match.
func (k *replacement) byFlags(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	flags, everywhere := withoutG(vs[3].Bytes(i))
	re, err := k.all.get(vs[1].Bytes(i), flags)
	if err != nil {
		return false, err
	}
	most := 1
	if everywhere {
		most = maxExpansions + 1
	}
	text, by := vs[0].Bytes(i), vs[2].Bytes(i)
	matches := re.FindAllSubmatchIndex(text, most)
	return putMatches(out, i, text, matches, func(dst []byte, m []int) []byte { return appendGroups(dst, by, text, m) })
}

// byNumbers replaces the n-th match from a place on, all of them where n is 0; $1 in what is put is a group.
func (k *replacement) byNumbers(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	var flags []byte
	nth := int64(0)
	if len(vs) > 4 {
		nth = vs[4].Ints[i]
	}
	if len(vs) > 5 {
		flags = vs[5].Bytes(i)
	}
	re, err := k.all.get(vs[1].Bytes(i), flags)
	if err != nil {
		return false, err
	}
	s := searched{re: re, text: vs[0].Bytes(i)}
	if err := s.begin(vs[3].Ints[i], "regexp_replace"); err != nil {
		return false, err
	}
	if nth < 0 {
		return false, sqlerr.New(sqlerr.InvalidParameter, "regexp_replace: the number of the match must not be negative, it is %d", nth)
	}
	by := vs[2].Bytes(i)
	return putMatches(out, i, s.text, s.numbered(nth), func(dst []byte, m []int) []byte { return re.Expand(dst, by, s.text, m) })
}

// numbered gives the n-th match from the place where the search begins; all of them where n is 0.
func (k *searched) numbered(nth int64) [][]int {
	if k.start < 0 || nth > maxExpansions {
		return nil
	}
	most := int(nth)
	if nth == 0 {
		most = maxExpansions + 1
	}
	matches := k.re.FindAllSubmatchIndex(k.text[k.start:], most)
	if nth > 0 {
		matches = matches[min(int(nth)-1, len(matches)):]
	}
	for _, m := range matches {
		shift(m, k.start)
	}
	return matches
}

// shift moves the bounds of a match and its groups; those below zero are of a group that takes no part.
func shift(m []int, by int) {
	for i := range m {
		if m[i] >= 0 {
			m[i] += by
		}
	}
}

// putMatches writes a text with something else for each match; it stops when the result grows too long.
func putMatches(out *column.Vector, i int, text []byte, matches [][]int, put func(dst []byte, m []int) []byte) (bool, error) {
	if len(matches) > maxExpansions {
		return false, sqlerr.New(sqlerr.ProgramLimit, "regexp_replace finds more than %d matches in one text", maxExpansions)
	}
	off, at := len(out.Slab), 0
	for _, m := range matches {
		out.Slab = put(append(out.Slab, text[at:m[0]]...), m)
		at = m[1]
		if err := checkText(int64(len(out.Slab) - off)); err != nil {
			return false, err
		}
	}
	out.Slab = append(out.Slab, text[at:]...)
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, checkText(int64(len(out.Slab) - off))
}

// appendGroups appends a text in which \1 to \9 are groups of a match, \& is the match, and \\ a backslash.
func appendGroups(dst, by, text []byte, m []int) []byte {
	for {
		at := bytes.IndexByte(by, '\\')
		if at < 0 || at == len(by)-1 {
			return append(dst, by...)
		}
		dst = append(dst, by[:at]...)
		switch c := by[at+1]; {
		case c == '\\':
			dst = append(dst, c)
		case c == '&':
			dst = append(dst, text[m[0]:m[1]]...)
		case c >= '1' && c <= '9':
			if n := 2 * int(c-'0'); n < len(m) && m[n] >= 0 {
				dst = append(dst, text[m[n]:m[n+1]]...)
			}
		default:
			dst = append(dst, '\\', c)
		}
		by = by[at+2:]
	}
}
