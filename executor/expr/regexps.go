package expr

import (
	"bytes"
	"regexp"
	"slices"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// Functions of regular expressions that take where to begin, which match is meant, and flags.

// regexps are the expressions of one call, by flags and pattern: mostly there is one.
type regexps struct {
	cache map[string]*regexp.Regexp
	key   []byte
}

// flagOf is what MySQL's letters are in an expression: without regard to cases, ^ and $ at lines, . for newlines too.
var flagOf = map[byte]string{'i': "i", 'm': "m", 'n': "s"}

// get gives the expression of a pattern; of two flags that exclude each other the last holds.
func (r *regexps) get(pattern, flags []byte) (*regexp.Regexp, error) {
	r.key = append(append(append(r.key[:0], flags...), '/'), pattern...)
	if re := r.cache[string(r.key)]; re != nil {
		return re, nil
	}
	set := map[string]bool{}
	for _, f := range flags {
		switch {
		case f == 'c':
			set["i"] = false
		case flagOf[f] != "":
			set[flagOf[f]] = true
		default:
			return nil, sqlerr.New(sqlerr.InvalidParameter, "invalid regular expression option: %q", string(f)).
				WithHint("Known are c (cases count), i (they do not), m (^ and $ at lines) and n (. is a newline too).")
		}
	}
	text := string(pattern)
	for f, on := range set {
		if on {
			text = "(?" + f + ")" + text
		}
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, sqlerr.New("2201B", "invalid regular expression: %v", err)
	}
	if r.cache == nil || len(r.cache) > 100 {
		r.cache = map[string]*regexp.Regexp{}
	}
	r.cache[string(r.key)] = re
	return re, nil
}

// search is a call: where it begins, which match is meant, and the flags. Places are those of arguments; 0: there is none.
type search struct {
	from, nth, flags int
	// everywhere: of flags there may be a g, all matches.
	everywhere bool
	give       func(k *searched) (present bool, err error)
}

var searches = map[string]search{
	"regexp_like":           {flags: 2, give: (*searched).like},
	"regexp_count":          {from: 2, flags: 3, give: (*searched).count},
	"regexp_substr":         {from: 2, nth: 3, flags: 4, give: (*searched).substr},
	"regexp_instr":          {from: 2, nth: 3, flags: 5, give: (*searched).instr},
	"regexp_match":          {flags: 2, give: (*searched).groups},
	"regexp_split_to_array": {flags: 2, give: (*searched).split},
	"regexp_all_matches":    {flags: 2, everywhere: true, give: (*searched).allGroups},
	"regexp_extract_all":    {give: (*searched).oneGroup},
	"substring_matching":    {give: (*searched).firstGroup},
}

// searched is a search in one text.
type searched struct {
	re   *regexp.Regexp
	text []byte
	// start is the byte at which it begins; -1: behind the end. skipped are the characters before it.
	start   int
	skipped int64
	nth     int64
	// everywhere: all matches are meant.
	everywhere bool
	vs         []*column.Vector
	out        *column.Vector
	i          int
}

// compileSearch reads a constant pattern once, so that a wrong one is found before any row.
func compileSearch(e *plan.Call, args []Evaluator, s search) (Evaluator, error) {
	all, k := &regexps{}, &searched{}
	if p, ok := constantText(args[1]); ok && !slices.ContainsFunc(args, isNull) {
		if _, err := all.get([]byte(p), nil); err != nil {
			return nil, err
		}
	}
	return newRowFunc(e, args, func(vs []*column.Vector, out *column.Vector, i int) (present bool, err error) {
		var flags []byte
		if s.flags > 0 && len(vs) > s.flags {
			flags = vs[s.flags].Bytes(i)
		}
		if s.everywhere {
			flags, k.everywhere = withoutG(flags)
		}
		if k.re, err = all.get(vs[1].Bytes(i), flags); err != nil {
			return false, err
		}
		k.text, k.vs, k.out, k.i, k.start, k.skipped, k.nth = vs[0].Bytes(i), vs, out, i, 0, 0, 1
		if s.from > 0 && len(vs) > s.from {
			if err := k.begin(vs[s.from].Ints[i], e.Func); err != nil {
				return false, err
			}
		}
		if s.nth > 0 && len(vs) > s.nth {
			if k.nth = vs[s.nth].Ints[i]; k.nth < 1 {
				return false, sqlerr.New(sqlerr.InvalidParameter, "%s: the number of the match must be positive, it is %d", e.Func, k.nth)
			}
		}
		return s.give(k)
	}), nil
}

// isNull tells a constant NULL, of which nothing is computed.
func isNull(ev Evaluator) bool {
	c, ok := ev.(*constant)
	return ok && c.null
}

// begin goes to a character, counted from 1.
func (k *searched) begin(from int64, f string) error {
	if from < 1 {
		return sqlerr.New(sqlerr.InvalidParameter, "%s: the place where it begins must be positive, it is %d", f, from)
	}
	if from-1 > int64(utf8.RuneCount(k.text)) {
		k.start = -1
		return nil
	}
	k.start, k.skipped = skip(k.text, from-1), from-1
	return nil
}

// match gives the bounds of a match by number, from the start of the text.
func (k *searched) match() []int {
	if k.start < 0 || k.nth > maxExpansions {
		return nil
	}
	rest := k.text[k.start:]
	if k.nth == 1 {
		return k.re.FindIndex(rest)
	}
	if all := k.re.FindAllIndex(rest, int(k.nth)); int64(len(all)) == k.nth {
		return all[k.nth-1]
	}
	return nil
}

func (k *searched) like() (bool, error) {
	k.out.Bools[k.i] = k.re.Match(k.text)
	return true, nil
}

func (k *searched) count() (bool, error) {
	k.out.Ints[k.i] = 0
	if k.start < 0 {
		return true, nil
	}
	all, err := k.all()
	k.out.Ints[k.i] = int64(len(all))
	return true, err
}

// all gives the bounds of every match, of which there may be so many.
func (k *searched) all() ([][]int, error) {
	all := k.re.FindAllIndex(k.text[k.start:], maxExpansions+1)
	if len(all) > maxExpansions {
		return nil, sqlerr.New(sqlerr.ProgramLimit, "a regular expression finds more than %d matches in one text", maxExpansions)
	}
	return all, nil
}

func (k *searched) substr() (bool, error) {
	m := k.match()
	if m == nil {
		return false, nil
	}
	k.out.SetBytes(k.i, k.text[k.start+m[0]:k.start+m[1]])
	return true, nil
}

// instr is where a match begins, or where what is behind it begins if the argument says so.
func (k *searched) instr() (bool, error) {
	end := 0
	if len(k.vs) > 4 {
		switch k.vs[4].Ints[k.i] {
		case 0:
		case 1:
			end = 1
		default:
			return false, sqlerr.New(sqlerr.InvalidParameter, "regexp_instr: 0 asks for the beginning of the match, 1 for its end; this is %d", k.vs[4].Ints[k.i])
		}
	}
	k.out.Ints[k.i] = 0
	if m := k.match(); m != nil {
		k.out.Ints[k.i] = k.skipped + int64(utf8.RuneCount(k.text[k.start:k.start+m[end]])) + 1
	}
	return true, nil
}

// withoutG takes the flag g out of some, and says whether it was there.
func withoutG(flags []byte) ([]byte, bool) {
	if bytes.IndexByte(flags, 'g') < 0 {
		return flags, false
	}
	return bytes.ReplaceAll(flags, []byte("g"), nil), true
}

// groups gives those of the first match; the match itself where the pattern has none.
func (k *searched) groups() (bool, error) {
	m := k.re.FindSubmatchIndex(k.text)
	if m == nil {
		return false, nil
	}
	off := k.appendGroups(k.out.Kids[0], m)
	k.out.Views[k.i] = column.View{Off: uint32(off), Len: uint32(k.out.Kids[0].Len() - off)}
	return true, tooLarge(k.out)
}

// allGroups gives an array of the groups of every match, or of the first.
func (k *searched) allGroups() (bool, error) {
	most := 1
	if k.everywhere {
		most = maxExpansions
	}
	list := k.out.Kids[0]
	off := list.Len()
	for _, m := range k.re.FindAllSubmatchIndex(k.text, most) {
		texts := list.Kids[0]
		from := k.appendGroups(texts, m)
		list.AppendElements(from, texts.Len()-from)
		if err := tooLarge(list); err != nil {
			return false, err
		}
	}
	return true, closeArray(k.out, k.i, off)
}

// oneGroup gives an array of a group of every match, the first one unless one is said; NULL where there is no such group.
func (k *searched) oneGroup() (bool, error) {
	n := int64(1)
	if len(k.vs) > 2 {
		n = k.vs[2].Ints[k.i]
	}
	if n < 0 || n > int64(k.re.NumSubexp()) {
		return false, nil
	}
	texts := k.out.Kids[0]
	off := texts.Len()
	for _, m := range k.re.FindAllSubmatchIndex(k.text, maxExpansions) {
		texts.AppendBytes(k.text[max(m[2*n], 0):max(m[2*n+1], 0)])
	}
	return true, closeArray(k.out, k.i, off)
}

// firstGroup gives the first group of the first match; the match itself where the pattern has none.
func (k *searched) firstGroup() (bool, error) { return firstGroup(k.re, k.text, k.out, k.i), nil }

// appendGroups appends the groups of a match, and says where they begin.
func (k *searched) appendGroups(texts *column.Vector, m []int) (off int) {
	if len(m) > 2 {
		m = m[2:]
	}
	off = texts.Len()
	for ; len(m) > 0; m = m[2:] {
		if m[0] < 0 {
			texts.AppendNull()
		} else {
			texts.AppendBytes(k.text[m[0]:m[1]])
		}
	}
	return off
}

// split gives what lies between the matches; one that is empty splits nothing off at the ends.
func (k *searched) split() (bool, error) {
	all, err := k.all()
	if err != nil {
		return false, err
	}
	texts, at := k.out.Kids[0], 0
	off := texts.Len()
	for _, m := range all {
		if m[0] == m[1] && (m[0] == at || m[0] == len(k.text)) {
			continue
		}
		texts.AppendBytes(k.text[at:m[0]])
		at = m[1]
	}
	texts.AppendBytes(k.text[at:])
	return true, closeArray(k.out, k.i, off)
}
