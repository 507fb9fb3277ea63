package parser

import (
	"slipway/conf/near"
	"slipway/sql/ast"
)

// reader reads a statement whose first word is next.
type reader func(*cursor) (ast.Statement, error)

// readers by the first word of a statement.
var readers map[string]reader

func init() {
	readers = map[string]reader{
		"CREATE": (*cursor).create, "DROP": (*cursor).drop, "ALTER": (*cursor).alter, "USE": (*cursor).use,
		"DESCRIBE": (*cursor).describe, "DESC": (*cursor).describe, "SHOW": (*cursor).show, "LIST": (*cursor).list,
		"START": (*cursor).start, "STOP": (*cursor).stop, "EXPLAIN": (*cursor).explain,
		"INSERT": (*cursor).insert, "FROM": (*cursor).hiveInserts, "SELECT": (*cursor).selectStatement, "WITH": (*cursor).selectStatement,
		"VALUES": (*cursor).selectStatement, "(": (*cursor).selectStatement, "COPY": (*cursor).copy,
		"DECLARE": (*cursor).declare, "FETCH": (*cursor).fetch, "MOVE": (*cursor).fetch, "CLOSE": (*cursor).closeCursor,
		"BEGIN": (*cursor).begin, "COMMIT": (*cursor).commit, "END": (*cursor).commit, "ROLLBACK": (*cursor).rollback,
		"ABORT": (*cursor).rollback, "SAVEPOINT": (*cursor).savepoint, "RELEASE": (*cursor).release, "RESOLVE": (*cursor).resolve,
		"SET": (*cursor).set, "RESET": (*cursor).reset, "DISCARD": (*cursor).discard, "PREPARE": (*cursor).prepare,
		"EXECUTE": (*cursor).execute, "DEALLOCATE": (*cursor).deallocate, "LISTEN": (*cursor).listen, "UNLISTEN": (*cursor).unlisten,
		"GRANT": (*cursor).grant, "REVOKE": (*cursor).revoke, "REASSIGN": (*cursor).reassign,
	}
	for word := range readers {
		if len(word) > 3 {
			verbs = append(verbs, word)
		}
	}
}

// verbs are the first words that may be suggested; the short ones are close to too much.
var verbs []string

func (c *cursor) statement() (ast.Statement, error) {
	t := c.peek()
	if f, ok := c.form(); ok {
		return c.formed(f)
	}
	if t.kind == wordToken || t.is("(") {
		if read, ok := readers[t.upper]; ok {
			return read(c)
		}
		if t.has(foreignStatement) {
			return nil, c.unsupported(t.upper).WithHint("%s", foreignHint(t.upper))
		}
	}
	e := c.unexpected()
	if known := near.Typo(t.upper, verbs); t.kind == wordToken && known != "" {
		e.Hint = "Did you mean " + known + "?"
	}
	return nil, e
}

// foreignHint says what there is in place of a statement of the neighbours.
func foreignHint(word string) string {
	switch word {
	case "UPDATE", "DELETE", "MERGE", "REPLACE", "UPSERT", "TRUNCATE":
		return "A stream holds what was written to it. With a PRIMARY KEY its newest row per key counts: INSERT INTO it replaces the row."
	case "ADD":
		return javaClasses
	case "TERMINATE":
		return "DROP STREAMJOB name ends a job for good, STOP STREAMJOB name for a while."
	case "PAUSE":
		return "STOP STREAMJOB name stops a job, and keeps its state."
	case "RESUME":
		return "START STREAMJOB name goes on where the job was stopped."
	case "PRINT":
		return "A stream of the format raw shows records as they are; SELECT … EMIT CHANGES follows it."
	case "TABLE":
		return "Write SELECT * FROM the table."
	}
	return "README, Limits, lists what is there."
}

func (c *cursor) selectStatement() (ast.Statement, error) {
	if at := c.withInsert(); at >= 0 {
		return nil, unsupported(c.src.pos(c.toks[at].start), "WITH before INSERT").
			WithHint("Write INSERT INTO t WITH … SELECT ….")
	}
	q, emits, err := c.followed(c.to)
	if err != nil {
		return nil, err
	}
	return &ast.QueryStatement{Query: q, EmitChanges: emits}, nil
}

// followed reads a query that a client may follow: EMIT CHANGES can end it.
func (c *cursor) followed(to int) (q ast.Query, emits bool, err error) {
	end := to
	if end-c.i > 2 && c.toks[end-2].is("EMIT") && c.toks[end-1].is("CHANGES") {
		end, emits = end-2, true
	}
	q, err = c.query(end)
	c.i = to
	return q, emits, err
}

// withInsert finds the INSERT of WITH … INSERT, or gives -1.
func (c *cursor) withInsert() int {
	if !c.peek().is("WITH") {
		return -1
	}
	depth := 0
	for i := c.i; i < c.to; i++ {
		switch t := c.toks[i]; {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case depth == 0 && t.is("INSERT"):
			return i
		case depth == 0 && t.is("SELECT"):
			return -1
		}
	}
	return -1
}

func (c *cursor) insert() (ast.Statement, error) { return orNil(c.insertInto(c.to)) }

// orNil keeps a nil pointer from becoming a statement that is not nil.
func orNil[T any, P interface {
	*T
	ast.Statement
}](s P, err error) (ast.Statement, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// insertInto reads INSERT INTO t [(c, …)] query up to token to.
func (c *cursor) insertInto(to int) (*ast.Insert, error) {
	c.i++
	switch t := c.peek(); {
	case t.isAny("OVERWRITE", "IGNORE", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED"):
		return nil, c.unsupported("INSERT " + t.upper)
	}
	if err := c.expect("INTO"); err != nil {
		return nil, err
	}
	if c.peek().is("TABLE") && isName(c.ahead(1)) {
		c.i++ // Hive's INSERT INTO TABLE t
	}
	s := &ast.Insert{}
	var err error
	if s.Table, err = c.name(); err != nil {
		return nil, err
	}
	if c.peek().is("PARTITION") {
		return nil, c.unsupported("INSERT INTO a PARTITION")
	}
	if c.peek().is("(") && !c.ahead(1).isAny("SELECT", "WITH", "VALUES", "(") {
		if s.Columns, err = c.names(); err != nil {
			return nil, err
		}
	}
	if err := c.insertSource(); err != nil {
		return nil, err
	}
	if t := c.ahead(1); c.peek().is("VALUES") && t.kind == rowsToken {
		s.Query = &ast.Values{Pos: c.pos(), Rows: c.src.rows[t.start]}
		c.i += 2
		return s, nil
	}
	kept := c.inserts
	c.inserts = true
	s.Query, err = c.query(to)
	c.inserts = kept
	return s, err
}

// insertSource refuses what the query parser would not name well.
func (c *cursor) insertSource() error {
	switch t := c.peek(); {
	case t.is("VALUE"):
		return c.unexpected().WithHint("Write VALUES.")
	case t.is("SET"), t.is("DEFAULT"):
		return c.unsupported("INSERT … " + t.upper)
	case !t.isAny("SELECT", "WITH", "VALUES", "("):
		return c.unexpected().WithHint("Expected SELECT or VALUES here.")
	}
	for i := c.i; i+1 < c.to; i++ {
		if t := c.toks[i]; t.is("ON") && c.toks[i+1].isAny("DUPLICATE", "CONFLICT") {
			return unsupported(c.src.pos(t.start), "ON "+c.toks[i+1].upper).
				WithHint("A stream with PRIMARY KEY takes rows as an upsert.")
		} else if t.is("RETURNING") && (c.toks[i-1].is(")") || c.toks[i-1].kind == rowsToken) {
			return unsupported(c.src.pos(t.start), "RETURNING")
		}
	}
	return nil
}

// explain reads EXPLAIN STREAMJOB name, EXPLAIN query, INSERT or CREATE STREAMJOB.
func (c *cursor) explain() (ast.Statement, error) {
	c.i++
	c.acceptAll("PLAN", "FOR") // as Flink has it
	if analyze := c.acceptAll("ANALYZE", "STREAMJOB"); analyze || c.accept("STREAMJOB") {
		name, err := c.name()
		return &ast.ExplainJob{Name: name, Analyze: analyze}, err
	}
	if t := c.peek(); t.isAny("ANALYZE", "VERBOSE") || t.is("(") && c.ahead(1).isAny("ANALYZE", "VERBOSE", "FORMAT", "COSTS") {
		return nil, c.unsupported("EXPLAIN with options")
	}
	t := c.peek()
	if setBody(c.toks, c.i) > 0 {
		set, err := orNil(c.statementSet())
		return &ast.Explain{Statement: set}, err
	}
	if !t.isAny("SELECT", "WITH", "VALUES", "(", "INSERT", "FROM") && !(t.is("CREATE") && c.ahead(1).is("STREAMJOB")) {
		return nil, c.unexpected().WithHint("EXPLAIN takes a query, an INSERT, STREAMJOB name or CREATE STREAMJOB.")
	}
	inner, err := parseOne(&cursor{src: c.src, toks: c.toks, i: c.i, to: c.to, dialect: c.dialect, noParams: c.noParams})
	c.i = c.to
	return &ast.Explain{Statement: inner}, err
}
