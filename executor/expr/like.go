package expr

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// likePattern is a pattern of LIKE or ILIKE. A text is like it if its segments stand in the text one behind the other, the first
// at its beginning, the last at its end; what lies between two is what a % stands for. Each is looked for where it comes first,
// so a text is gone through once, but for segments that have a _.
type likePattern struct {
	segments []likeSegment
	fold     bool   // letters that differ by case alone are the same
	folded   []byte // the text at hand, then
	steps    int    // that the text at hand took
}

// maxLikeSteps bounds the pieces that are looked at in one text, where a segment with many _ nearly stands at many places.
const maxLikeSteps = 50_000_000

// matchInto sets whether a text is like the pattern.
func (p *likePattern) matchInto(b []byte, out *column.Vector, i int) (present bool, err error) {
	if out.Bools[i] = p.match(b); p.steps > maxLikeSteps {
		return false, sqlerr.New(sqlerr.TooComplex, "to look for the pattern in a text of %d bytes takes too many steps", len(b)).
			WithHint("A stretch of the pattern between two per cent signs has many underscores.")
	}
	return true, nil
}

// likeSegment is a stretch of a pattern without %: pieces of text with any one character between each two.
type likeSegment struct {
	pieces     [][]byte
	characters int // that it stands for
}

// compileLike reads a constant pattern once; one that is a column whenever it is another than in the row before.
func compileLike(e *plan.Call, args []Evaluator) (Evaluator, error) {
	escape := "\\"
	if len(args) == 3 {
		var ok bool
		if escape, ok = constantText(args[2]); !ok || utf8.RuneCountInString(escape) > 1 {
			return nil, sqlerr.New(sqlerr.InvalidParameter, "ESCAPE must be one constant character")
		}
	}
	fold := e.Func == "ilike"
	if text, ok := constantText(args[1]); ok {
		p := newLikePattern([]byte(text), escape, fold)
		return newRowFunc(e, args[:2], func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
			return p.matchInto(vs[0].Bytes(i), out, i)
		}), nil
	}
	p, last := newLikePattern(nil, escape, fold), []byte(nil)
	return newRowFunc(e, args[:2], func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		if text := vs[1].Bytes(i); !bytes.Equal(text, last) {
			last = append(last[:0], text...)
			p = newLikePattern(last, escape, fold)
		}
		return p.matchInto(vs[0].Bytes(i), out, i)
	}), nil
}

// newLikePattern reads a pattern. The character behind escape, if that is not empty, stands for itself.
func newLikePattern(pattern []byte, escape string, fold bool) *likePattern {
	p := &likePattern{fold: fold}
	var piece []byte
	var s likeSegment
	esc, _ := utf8.DecodeRuneInString(escape)
	for len(pattern) > 0 {
		c, n := utf8.DecodeRune(pattern)
		escaped := escape != "" && c == esc && n < len(pattern)
		if escaped {
			pattern = pattern[n:]
			_, n = utf8.DecodeRune(pattern)
		}
		switch {
		case !escaped && c == '%':
			p.end(s, piece)
			s, piece = likeSegment{}, nil
		case !escaped && c == '_':
			s.pieces, piece = append(s.pieces, piece), nil
			s.characters++
		default:
			piece = append(piece, pattern[:n]...)
			s.characters++
		}
		pattern = pattern[n:]
	}
	p.end(s, piece)
	return p
}

// end adds a segment with its last piece. One between two % that stands for nothing is left out.
func (p *likePattern) end(s likeSegment, piece []byte) {
	s.pieces = append(s.pieces, piece)
	if p.fold {
		for i, text := range s.pieces {
			s.pieces[i] = appendFolded(nil, text)
		}
	}
	if n := len(p.segments); n > 1 && p.segments[n-1].characters == 0 {
		p.segments[n-1] = s
		return
	}
	p.segments = append(p.segments, s)
}

func (p *likePattern) match(b []byte) bool {
	if p.fold {
		p.folded = appendFolded(p.folded[:0], b)
		b = p.folded
	}
	p.steps = 0
	at, last := p.segments[0].behind(b, 0), len(p.segments)-1
	if last == 0 {
		return at == len(b)
	}
	for i := 1; i < last && at >= 0; i++ {
		at = p.segments[i].find(b, at, &p.steps)
	}
	s := &p.segments[last]
	begin := s.beforeEnd(b)
	return at >= 0 && begin >= at && s.behind(b, begin) == len(b)
}

// behind gives the place behind a segment that stands at a place; -1: it does not.
func (s *likeSegment) behind(b []byte, at int) int {
	end, _ := s.from(0, b, at)
	return end
}

// from gives the place behind the pieces from a number on, and how many were looked at.
func (s *likeSegment) from(piece int, b []byte, at int) (end, looked int) {
	for i, text := range s.pieces[piece:] {
		if i > 0 {
			if at == len(b) {
				return -1, i
			}
			_, n := utf8.DecodeRune(b[at:])
			at += n
		}
		if !bytes.HasPrefix(b[at:], text) {
			return -1, i
		}
		at += len(text)
	}
	return at, len(s.pieces) - piece
}

// find gives the place behind a segment where it comes first from a place on; -1: nowhere. The _ at its beginning are passed over
// once. It counts the pieces that it looks at, and gives up where these are too many.
func (s *likeSegment) find(b []byte, from int, steps *int) int {
	first := 0
	for ; first < len(s.pieces)-1 && len(s.pieces[first]) == 0; first++ {
		if from == len(b) {
			return -1
		}
		_, n := utf8.DecodeRune(b[from:])
		from += n
	}
	for from <= len(b) && *steps <= maxLikeSteps {
		n := bytes.Index(b[from:], s.pieces[first])
		if n < 0 {
			return -1
		}
		from += n
		end, looked := s.from(first, b, from)
		if *steps += looked; end >= 0 {
			return end
		}
		_, n = utf8.DecodeRune(b[from:])
		from += max(1, n)
	}
	return -1
}

// beforeEnd gives the place from which a text has as many characters as a segment; -1: it has fewer.
func (s *likeSegment) beforeEnd(b []byte) int {
	if len(s.pieces) == 1 {
		return len(b) - len(s.pieces[0])
	}
	at := len(b)
	for range s.characters {
		if at == 0 {
			return -1
		}
		_, n := utf8.DecodeLastRune(b[:at])
		at -= n
	}
	return at
}

// appendFolded appends a text in which each letter is the first of those that differ by case alone, as Unicode orders them.
func appendFolded(dst, b []byte) []byte {
	for len(b) > 0 {
		if c := b[0]; c < utf8.RuneSelf {
			if 'a' <= c && c <= 'z' {
				c -= 'a' - 'A'
			}
			dst, b = append(dst, c), b[1:]
			continue
		}
		c, n := utf8.DecodeRune(b)
		if n == 1 { // no UTF-8
			dst = append(dst, b[0])
		} else {
			dst = utf8.AppendRune(dst, folded(c))
		}
		b = b[n:]
	}
	return dst
}

func folded(c rune) rune {
	first := c
	for r := unicode.SimpleFold(c); r != c; r = unicode.SimpleFold(r) {
		first = min(first, r)
	}
	return first
}
