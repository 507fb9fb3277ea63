package parser

import (
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// maxInserts bounds the INSERTs of one job.
const maxInserts = 64

// setWords are the ways in which a statement set begins: Flink's, and that of its client.
var setWords = [][]string{
	{"EXECUTE", "STATEMENT", "SET", "BEGIN"}, {"STATEMENT", "SET", "BEGIN"}, {"BEGIN", "STATEMENT", "SET", ";"},
}

// setBody gives the token behind the words that begin a statement set at token i; 0 if none does.
func setBody(toks []token, i int) int {
	for _, words := range setWords {
		n := 0
		for n < len(words) && i+n < len(toks) && toks[i+n].is(words[n]) {
			n++
		}
		if n == len(words) {
			return i + n
		}
	}
	return 0
}

// setEnd gives the END of a statement set whose body begins at a token: it stands behind a semicolon,
// as no END of a CASE does. 0 if there is none.
func setEnd(toks []token, body int) int {
	for i := body; i < len(toks); i++ {
		if toks[i].is("END") && (i == body || toks[i-1].is(";")) {
			return i
		}
	}
	return 0
}

// statementSet reads a statement set that is next.
func (c *cursor) statementSet() (*ast.StatementSet, error) {
	c.i = setBody(c.toks, c.i)
	if setEnd(c.toks[:c.to], c.i) == 0 {
		c.i = c.to
		return nil, c.unexpected().WithHint(`A statement set ends with "; END". A client that sends each statement at its semicolon ` +
			`needs CREATE STREAMJOB name AS ("INSERT …; INSERT …").`)
	}
	s := &ast.StatementSet{}
	var err error
	for !c.peek().is("END") || len(s.Inserts) == 0 {
		if s.Inserts, err = c.addInsert(s.Inserts, statementEnd(c.toks, c.i)); err != nil {
			return nil, err
		}
		if err := c.expect(";"); err != nil {
			return nil, err
		}
	}
	c.i++
	return s, nil
}

// addInsert reads an INSERT of a job up to token to.
func (c *cursor) addInsert(list []*ast.Insert, to int) ([]*ast.Insert, error) {
	if !c.peek().is("INSERT") {
		return nil, c.unexpected().WithHint("Expected INSERT INTO … SELECT … here.")
	}
	if len(list) == maxInserts {
		return nil, tooManyInserts(c.pos())
	}
	one := *c
	one.to = min(to, c.to)
	i, err := one.jobInsert()
	if err == nil {
		i.SetOrigin(c.origin(c.i, one.to))
	}
	c.i = one.to
	return append(list, i), err
}

func tooManyInserts(at int) error {
	return sqlerr.At(at, sqlerr.ProgramLimit, "a job has more than %d INSERTs", maxInserts)
}

// origin is what stands between two tokens.
func (c *cursor) origin(from, to int) ast.Source {
	out := sourceOf(c.src.text, c.toks[from:to])
	out.Offset = c.src.pos(out.Offset)
	return out
}

// jobInsert reads the INSERT that the cursor holds, which must read from a query.
func (c *cursor) jobInsert() (*ast.Insert, error) {
	insert, err := c.insertInto(c.to)
	if err == nil {
		err = c.end()
	}
	if err != nil {
		return nil, err
	}
	if v, ok := insert.Query.(*ast.Values); ok {
		return nil, sqlerr.At(v.Pos, sqlerr.FeatureNotSupported, "INSERT … VALUES is not supported as a stream job").
			WithHint("Send the INSERT … VALUES on its own.")
	}
	return insert, nil
}

// jobInserts reads the body of a job: an INSERT, several of them behind one another, a statement set,
// or Hive's form of it.
func (c *cursor) jobInserts() (list []*ast.Insert, err error) {
	switch {
	case setBody(c.toks[:c.to+1], c.i) > 0:
		set, err := c.statementSet()
		if err != nil {
			return nil, err
		}
		return set.Inserts, c.end()
	case c.peek().is("FROM"):
		return c.multiInsert()
	}
	for !c.done() {
		if list, err = c.addInsert(list, statementEnd(c.toks, c.i)); err != nil {
			return nil, err
		}
		for c.accept(";") {
			continue
		}
	}
	return list, nil
}

// multiInsert reads Hive's FROM t INSERT INTO a SELECT … INSERT INTO b SELECT …: each INSERT is read
// as if the FROM clause stood in its SELECT.
func (c *cursor) multiInsert() (list []*ast.Insert, err error) {
	parts := c.atTop(c.i, func(t token) bool { return t.is("INSERT") })
	if len(parts) == 0 {
		return nil, c.unexpected().WithHint("Expected FROM … INSERT INTO … SELECT …; a query begins with SELECT.")
	}
	from := c.toks[c.i:parts[0]]
	for n, at := range parts {
		to := c.to
		if n+1 < len(parts) {
			to = parts[n+1]
		}
		if len(list) == maxInserts {
			return nil, tooManyInserts(c.src.pos(c.toks[at].start))
		}
		one := *c
		one.toks, one.i = c.withFrom(from, at, to), 0
		one.to = len(one.toks) - 1
		i, err := one.jobInsert()
		if err != nil {
			return nil, err
		}
		i.SetOrigin(c.origin(at, to))
		list = append(list, i)
	}
	c.i = c.to
	return list, nil
}

// withFrom puts a FROM clause behind the select list of the INSERT between two tokens.
func (c *cursor) withFrom(from []token, at, to int) []token {
	one := *c
	one.to = to
	behind := to
	if list := one.atTop(at, func(t token) bool { return t.has(startsClause) }); len(list) > 0 {
		behind = list[0]
	}
	out := append([]token(nil), c.toks[at:behind]...)
	out = append(append(out, from...), c.toks[behind:to]...)
	return append(out, token{kind: endToken, start: c.toks[to].start, end: c.toks[to].start})
}

// atTop lists the tokens from one on that are found outside of brackets.
func (c *cursor) atTop(from int, found func(token) bool) (list []int) {
	depth := 0
	for i := from; i < c.to; i++ {
		switch t := c.toks[i]; {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case depth == 0 && found(t):
			list = append(list, i)
		}
	}
	return list
}

// hiveInserts reads a statement that begins with FROM.
func (c *cursor) hiveInserts() (ast.Statement, error) {
	list, err := c.multiInsert()
	if err != nil {
		return nil, err
	}
	return &ast.StatementSet{Inserts: list}, nil
}
