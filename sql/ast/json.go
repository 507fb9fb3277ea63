package ast

import "strings"

// JSONCall is JSON_VALUE, JSON_QUERY or JSON_EXISTS with clauses behind its path. Without any it is a FuncCall.
type JSONCall struct {
	Pos     int
	Func    string // lower case
	X, Path Expr
	JSONClauses
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

func (e *JSONCall) Position() int { return e.Pos }
func (*JSONCall) expr()           {}

func (e *JSONCall) String() string {
	return strings.ToUpper(e.Func) + "(" + e.X.String() + ", " + e.Path.String() + e.JSONClauses.String() + ")"
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

func (w walker) jsonClauses(k *JSONClauses) {
	for _, o := range []*JSONOtherwise{k.OnEmpty, k.OnError} {
		if o != nil {
			each(w, o.X)
		}
	}
}
