package ast

import "strings"

// JSONCall is JSON_VALUE, JSON_QUERY or JSON_EXISTS with clauses behind its path. Without any it is a FuncCall.
type JSONCall struct {
	Pos     int
	Func    string // lower case
	X, Path Expr
	Passing JSONPassing
	JSONClauses
}

// JSONPassing are the values of variables of a path: PASSING x AS name, ….
type JSONPassing []JSONVariable

// JSONVariable is x AS name.
type JSONVariable struct {
	X    Expr
	Name Ident
}

func (p JSONPassing) String() string {
	s := ""
	for i, v := range p {
		if s += ", "; i == 0 {
			s = " PASSING "
		}
		s += v.X.String() + " AS " + v.Name.String()
	}
	return s
}

// JSONClauses say what is made of what a path leads to.
type JSONClauses struct {
	Returning *TypeName // nil if it is not said
	Wrapper   JSONWrapper
	Quotes    JSONQuotes
	// OnEmpty and OnError are nil where nothing is said.
	OnEmpty, OnError *JSONOtherwise
}

// JSONWrapper says when JSON_QUERY puts what it has found into an array.
type JSONWrapper uint8

const (
	WrapperUnsaid JSONWrapper = iota
	WithoutWrapper
	WithWrapper
	WithConditionalWrapper
)

// JSONQuotes says whether JSON_QUERY gives a string with its quotes.
type JSONQuotes uint8

const (
	QuotesUnsaid JSONQuotes = iota
	KeepQuotes
	OmitQuotes
)

// JSONOtherwise is what stands for a value that a path does not lead to.
type JSONOtherwise struct {
	Pos int
	// Word is NULL, ERROR, DEFAULT, EMPTY ARRAY, EMPTY OBJECT, TRUE, FALSE or UNKNOWN.
	Word string
	X    Expr // of DEFAULT
}

// JSONNullTreatment says what a value that is NULL is in JSON that is made.
type JSONNullTreatment uint8

const (
	JSONNullsUnsaid JSONNullTreatment = iota
	JSONNulls                         // null
	JSONAbsent                        // left out
)

// JSONTable is what stands behind the path of JSON_TABLE.
type JSONTable struct {
	Passing JSONPassing
	Columns []JSONColumn
	OnError *JSONOtherwise // EMPTY or ERROR; nil if it is not said
}

// JSONColumn is a column of JSON_TABLE, or NESTED PATH, whose columns follow at the next level.
type JSONColumn struct {
	Name Ident
	// Level is how many NESTED it lies in.
	Level int
	// Func is json_value, json_query or json_exists, nested, or ordinality.
	Func string
	Path *Literal // nil: the member of the column's name
	JSONClauses
}

func (e *JSONCall) Position() int { return e.Pos }
func (*JSONCall) expr()           {}

func (e *JSONCall) String() string {
	return strings.ToUpper(e.Func) + "(" + e.X.String() + ", " + e.Path.String() + e.Passing.String() + e.JSONClauses.String() + ")"
}

func (k JSONClauses) String() string {
	s := ""
	if k.Returning != nil {
		s = " RETURNING " + k.Returning.Text
	}
	return s + k.behindType()
}

func (k JSONClauses) behindType() string {
	s := [...]string{"", " WITHOUT WRAPPER", " WITH WRAPPER", " WITH CONDITIONAL WRAPPER"}[k.Wrapper]
	s += [...]string{"", " KEEP QUOTES", " OMIT QUOTES"}[k.Quotes]
	return s + k.OnEmpty.on("EMPTY") + k.OnError.on("ERROR")
}

func (o *JSONOtherwise) on(event string) string {
	switch {
	case o == nil:
		return ""
	case o.X != nil:
		return " DEFAULT " + o.X.String() + " ON " + event
	}
	return " " + o.Word + " ON " + event
}

// String is what stands behind the path.
func (t *JSONTable) String() string {
	s, level := t.Passing.String()+" COLUMNS (", 0
	for i, c := range t.Columns {
		for ; level > c.Level; level-- {
			s += ")"
		}
		if i > 0 && !strings.HasSuffix(s, "(") {
			s += ", "
		}
		s += c.String()
		if c.Func == "nested" {
			level++
		}
	}
	return s + strings.Repeat(")", level+1) + t.OnError.on("ERROR")
}

func (c JSONColumn) String() string {
	path := ""
	if c.Path != nil {
		path = " PATH " + c.Path.String()
	}
	switch c.Func {
	case "nested":
		return "NESTED" + path + " COLUMNS ("
	case "ordinality":
		return c.Name.String() + " FOR ORDINALITY"
	}
	s := c.Name.String() + " " + c.Returning.Text
	switch {
	case c.Func == "json_exists":
		s += " EXISTS"
	case c.Func == "json_query" && c.Returning.Type.IsText():
		s += " FORMAT JSON"
	}
	return s + path + c.behindType()
}

func (w walker) jsonTable(t *JSONTable) {
	if t == nil {
		return
	}
	w.jsonPassing(t.Passing)
	for _, c := range t.Columns {
		w.literals(c.Path)
		w.jsonClauses(&c.JSONClauses)
	}
	w.jsonClauses(&JSONClauses{OnError: t.OnError})
}

func (w walker) jsonPassing(p JSONPassing) {
	for _, v := range p {
		each(w, v.X)
	}
}

func (w walker) jsonClauses(k *JSONClauses) {
	for _, o := range []*JSONOtherwise{k.OnEmpty, k.OnError} {
		if o != nil {
			each(w, o.X)
		}
	}
}
