package parser

import (
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// createJob reads CREATE STREAMJOB behind these words.
func (c *cursor) createJob() (*ast.CreateJob, error) {
	s := &ast.CreateJob{PropertiesPos: ast.NoPos}
	var err error
	if s.IfNotExists, err = c.ifNotExists(); err != nil {
		return nil, err
	}
	if s.Name, err = c.name(); err != nil {
		return nil, err
	}
	if err := c.expect("AS"); err != nil {
		return nil, err
	}
	if err := c.jobBody(s); err != nil {
		return nil, err
	}
	if c.peek().isAny("JOBPROPERTIES", "WITH") {
		s.PropertiesPos = c.pos()
		c.i++
		s.Properties, err = c.properties()
	}
	return s, err
}

// jobBody reads ( 'sql' | "sql" | $$sql$$ | INSERT … ). The brackets may be
// missing around a quoted body.
func (c *cursor) jobBody(s *ast.CreateJob) error {
	if c.peek().isString() {
		return c.quotedJob(s)
	}
	if !c.accept("(") {
		return c.unexpected().WithHint("Expected the job's SQL in brackets: AS (\"INSERT INTO … SELECT …\").")
	}
	if c.peek().isString() {
		if err := c.quotedJob(s); err != nil {
			return err
		}
	} else if err := c.bareJob(s); err != nil {
		return err
	}
	return c.expect(")")
}

// bareJob reads an INSERT without quotes up to the closing bracket.
func (c *cursor) bareJob(s *ast.CreateJob) error {
	end := c.closing(c.i - 1)
	if !c.peek().isAny("INSERT", "FROM") {
		return c.unexpected().WithHint("The body of a stream job is INSERT INTO … SELECT ….")
	}
	from := c.peek().start
	s.Body = c.src.text[from:c.toks[end-1].end]
	s.Map = ast.OffsetMap{{At: 0, From: c.src.pos(from)}}
	inner := &cursor{src: c.src, toks: c.toks, i: c.i, to: end, dialect: direct, noParams: true}
	c.i = end
	return inner.body(s)
}

// quotedJob lexes the string a second time, as a text of its own.
func (c *cursor) quotedJob(s *ast.CreateJob) error {
	t := c.peek()
	c.i++
	s.Quoted = true
	s.Body, s.Map = c.content(t)
	body, err := innerList(s.Body, s.Map)
	if err != nil {
		return err
	}
	body.dialect, body.noParams = quotedBody, true
	if body.done() {
		return sqlerr.At(c.src.pos(t.start), sqlerr.SyntaxError, "the body of the stream job is empty").
			WithHint("The body of a stream job is INSERT INTO … SELECT ….")
	}
	return body.body(s)
}

// body reads the job's INSERTs.
func (c *cursor) body(s *ast.CreateJob) (err error) {
	if !c.peek().isAny("INSERT", "FROM", "BEGIN", "EXECUTE", "STATEMENT") {
		return c.unexpected().WithHint("The body of a stream job is INSERT INTO … SELECT ….")
	}
	s.Inserts, err = c.jobInserts()
	return err
}

// content gives a string's text and the way from its offsets to the user's text.
func (c *cursor) content(t token) (string, ast.OffsetMap) {
	var m ast.OffsetMap
	switch {
	case t.quote == '$':
		m = ast.OffsetMap{{At: 0, From: t.end - (t.end-t.start-len(t.value))/2 - len(t.value)}}
	default:
		l := &lexer{src: c.src, text: c.src.text}
		from, quote := t.start, t.quote
		for c.src.text[from] != '\'' && c.src.text[from] != '"' {
			from++ // E or N
		}
		if quote == 'E' {
			quote = '\''
		}
		_, m, _ = l.decode(from, t.end, quote, t.quote == 'E') // it was decoded once: no error
	}
	for i := range m {
		m[i].From = c.src.pos(m[i].From)
	}
	return t.value, m
}

func (c *cursor) start() (ast.Statement, error) {
	c.i++
	switch t := c.peek(); {
	case c.accept("STREAMJOBS"):
		return &ast.StartJobs{}, nil
	case c.accept("STREAMJOB"):
		return orNil(c.startJob())
	case t.is("TRANSACTION"):
		c.i++
		modes, err := c.modes()
		return &ast.Transaction{Kind: ast.StartTransaction, Modes: modes}, err
	}
	return nil, c.unexpected().WithHint("START takes STREAMJOB name, STREAMJOBS or TRANSACTION.")
}

func (c *cursor) startJob() (*ast.StartJob, error) {
	name, err := c.name()
	if err != nil {
		return nil, err
	}
	s := &ast.StartJob{Name: name, FromPos: ast.NoPos}
	at := c.pos()
	if c.accept("FRESH") { // short for FROM FRESH
		s.Mode, s.FromPos = ast.StartFresh, at
		return s, nil
	}
	if !c.accept("FROM") {
		return s, nil
	}
	s.FromPos = at
	switch {
	case c.accept("FRESH"):
		s.Mode = ast.StartFresh
	case c.accept("CHECKPOINT"):
		s.Mode = ast.StartCheckpoint
		s.Checkpoint, err = c.integer()
	case c.accept("SAVEPOINT"):
		s.Mode = ast.StartSavepoint
		s.Savepoint, err = c.str("the savepoint")
	default:
		err = c.unexpected().WithHint("Expected CHECKPOINT n, SAVEPOINT 's' or FRESH here.")
	}
	return s, err
}

func (c *cursor) stop() (ast.Statement, error) {
	c.i++
	if c.accept("STREAMJOBS") {
		return &ast.StopJobs{}, nil
	}
	if !c.accept("STREAMJOB") {
		return nil, c.unexpected().WithHint("STOP takes STREAMJOB name or STREAMJOBS.")
	}
	name, err := c.name()
	if err != nil {
		return nil, err
	}
	s := &ast.StopJob{Name: name}
	if c.acceptAll("WITH", "SAVEPOINT") {
		s.WithSavepoint = true
		if c.peek().isString() {
			s.Savepoint, err = c.str("the savepoint")
		}
	}
	return s, err
}

// savepoint reads SAVEPOINT STREAMJOB name ['s'] or a transaction's SAVEPOINT name.
func (c *cursor) savepoint() (ast.Statement, error) {
	c.i++
	if !c.peek().is("STREAMJOB") || !isName(c.ahead(1)) {
		name, err := c.ident()
		return &ast.Transaction{Kind: ast.Savepoint, Name: name}, err
	}
	c.i++
	name, err := c.name()
	if err != nil {
		return nil, err
	}
	s := &ast.SavepointJob{Name: name}
	c.accept("AS")
	if c.peek().isString() {
		s.Savepoint, err = c.str("the savepoint")
	}
	return s, err
}
