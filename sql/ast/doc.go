// Package ast holds statements and expressions as they were parsed: plain data
// that prints itself back as SQL. Names are not resolved and types not checked.
//
// Invariants:
//   - Every Pos is a byte offset (from 0) in the text as the user sent it, also
//     inside a quoted job body; a negative Pos means unknown.
//   - Names of databases, relations, jobs and applications are folded to lower
//     case; columns and aliases keep their spelling.
//   - String gives a normal form that parses back to the same tree, positions aside.
//     It uses only '…' for strings and `…` for identifiers, so it means the same
//     sent directly and inside a quoted job body.
//   - A tree is not changed after the parser has returned it.
//
// The package knows neither the parser nor the catalog.
package ast

// NoPos is the position of what the user did not write.
const NoPos = -1

// Source is a piece of the text as the user sent it and where it begins.
type Source struct {
	Text   string
	Offset int
}

// ByteAt gives the byte at an offset of the user's text, 0 outside of the piece.
func (s Source) ByteAt(at int) byte {
	if at -= s.Offset; at < 0 || at >= len(s.Text) {
		return 0
	}
	return s.Text[at]
}

// Origin gives the piece of text a statement was parsed from.
func (s *Source) Origin() Source { return *s }

// SetOrigin is called once, by the parser.
func (s *Source) SetOrigin(src Source) { *s = src }

// Statement is one parsed statement.
type Statement interface {
	// Tag is the command tag: the statement's own words, as "CREATE STREAMJOB".
	Tag() string
	// String is the normal form.
	String() string
	// Origin is the statement's text and its offset in the message.
	Origin() Source
	SetOrigin(Source)
}

// Name is the name of a database's object, folded to lower case.
type Name struct {
	Pos int
	// DB is empty if the user gave none.
	DB   string
	Name string
}

// Ident is a single identifier in its own spelling.
type Ident struct {
	Pos  int
	Name string
}

// Property is one entry of TBLPROPERTIES, JOBPROPERTIES or SET ( … ).
type Property struct {
	Pos      int // of the key
	Key      string
	ValuePos int
	Value    string
	// Secret: the value is secret('name'), and Value its text.
	Secret bool
}
