package parser

import (
	"sort"
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// cut is a piece of a query that the TiDB grammar does not read. A reader of our own has
// read it; a placeholder in the rewritten text leads back to what it gave.
type cut struct {
	what any
	used bool
}

// standIn is a cut whose placeholder the grammar reads as a call: it makes a node of the
// arguments. A cut without arguments is the ast.Expr itself.
type standIn interface {
	node(c *converter, args []ast.Expr) ast.Expr
}

// cutMark begins the names of placeholders. No user can type it: control characters are
// refused in names.
const cutMark = "\x01"

// starMark is the argument of COUNT(*).
const starMark = cutMark + "*"

// concatMark is the function CONCAT: the grammar makes a || b a call of that name.
const concatMark = cutMark + "concat"

// piece is where a token went in the rewritten text.
type piece struct {
	at  int   // offset in the rewritten text
	tok int32 // index of the token
	cut int32 // index of the cut that it stands for, or -1
}

// cutOut writes a placeholder for the tokens from the current one up to end-1: stands, with
// the name of the cut for its %. Nothing is written if stands is empty.
func (r *rewriter) cutOut(what any, end int, stands string) {
	if stands != "" {
		if stands[0] == ',' { // one more key of ORDER BY
			r.out.WriteByte(',')
			stands = stands[1:]
		}
		before, after, named := strings.Cut(stands, "%")
		r.emit(r.i, before)
		r.pieces[len(r.pieces)-1].cut = int32(len(r.cuts))
		if named {
			r.out.WriteString("`" + cutMark)
			r.out.WriteString(strconv.Itoa(len(r.cuts)))
			r.out.WriteByte('`')
			r.out.WriteString(after)
		}
		r.cuts = append(r.cuts, cut{what: what, used: what == nil})
	}
	r.lastEnd = r.toks[end-1].end
	if stands == "" {
		r.lastEnd = -1
	}
	r.i = end
}

// cutOf gives what the name of a placeholder stands for.
func (r *rewriter) cutOf(name string) any {
	rest, ok := strings.CutPrefix(name, cutMark)
	if !ok {
		return nil
	}
	n, err := strconv.Atoi(rest)
	if err != nil || n >= len(r.cuts) {
		return nil
	}
	return r.take(n)
}

func (r *rewriter) take(n int) any {
	r.cuts[n].used = true
	return r.cuts[n].what
}

// checkCuts reports a cut that no node was made of: the grammar has read the text in
// another way than the rewriter.
func (r *rewriter) checkCuts() error {
	unused := len(r.calls)+len(r.joins) > 0
	for _, c := range r.cuts {
		unused = unused || !c.used
	}
	if unused {
		return sqlerr.At(r.pos(r.from), sqlerr.Internal, "this query cannot be read")
	}
	return nil
}

// pieceAt gives the index of the piece that was written at or before offset at, or -1.
func (r *rewriter) pieceAt(at int) int {
	return sort.Search(len(r.pieces), func(i int) bool { return r.pieces[i].at > at }) - 1
}

// token gives the index of the token that was written at or before offset at.
func (r *rewriter) token(at int) int {
	if i := r.pieceAt(at); i >= 0 {
		return int(r.pieces[i].tok)
	}
	return r.from
}

// tokenAt gives the index of the first token that stands at or behind a place of the user's text.
func (r *rewriter) tokenAt(pos int) int {
	return r.from + sort.Search(r.to-r.from, func(i int) bool { return r.pos(r.from+i) >= pos })
}
