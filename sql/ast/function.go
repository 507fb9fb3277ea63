package ast

import "strings"

// Function is the kind of a declared function in SHOW CREATE.
const Function Kind = "FUNCTION"

// Languages that a function can be written in.
const (
	LanguageSQL  = "sql"
	LanguageWasm = "wasm"
)

// CreateFunction is CREATE FUNCTION name (parameters) RETURNS type with its body.
type CreateFunction struct {
	Source
	OrReplace   bool
	IfNotExists bool
	Name        Name
	Parameters  []Parameter
	// Aggregate: CREATE AGGREGATE FUNCTION, whose arguments are those of many rows.
	Aggregate bool
	// Returns is the type of the result; Columns those of RETURNS TABLE (…), in place of it.
	Returns     TypeName
	Columns     []Parameter
	Language    string // LanguageSQL or LanguageWasm
	LanguagePos int    // NoPos where it is not said
	// Strict: where an argument is NULL the result is, and nothing is computed.
	Strict  bool
	Comment string
	// Body is the expression of a function in SQL, parsed; BodyText its text once quotes are resolved, and its
	// positions point into the user's text.
	Body     Expr
	BodyText string
	// Module is the text behind AS of a function in wasm: a file, or its bytes in base64.
	Module  string
	BodyPos int
	// Properties stand in WITH ( … ); PropertiesPos is NoPos without it.
	Properties    []Property
	PropertiesPos int
}

// Parameter is one of a function.
type Parameter struct {
	Ident
	Type TypeName
}

// DropFunction is DROP FUNCTION [IF EXISTS] name [(types)], ….
type DropFunction struct {
	Source
	IfExists  bool
	Functions []FunctionName
}

// FunctionName names a function, and with the types of its arguments which of several.
type FunctionName struct {
	Name  Name
	Types []TypeName
	// Typed: the types were said, which may be none.
	Typed bool
}

func (*CreateFunction) Tag() string { return "CREATE FUNCTION" }
func (*DropFunction) Tag() string   { return "DROP FUNCTION" }

func (p Parameter) String() string { return p.Ident.String() + " " + p.Type.Text }

func (s *CreateFunction) String() string {
	var b strings.Builder
	b.WriteString("CREATE " + optional(s.OrReplace, "OR REPLACE ") + optional(s.Aggregate, "AGGREGATE ") + "FUNCTION " + optional(s.IfNotExists, "IF NOT EXISTS ") + s.Name.String())
	b.WriteString("(" + joined(s.Parameters, Parameter.String) + ") RETURNS " + s.returned())
	b.WriteString(optional(s.Language != LanguageSQL, " LANGUAGE "+s.Language) + optional(s.Strict, " STRICT"))
	if s.Comment != "" {
		b.WriteString(" COMMENT " + QuoteString(s.Comment))
	}
	if s.PropertiesPos >= 0 {
		b.WriteString(" WITH " + properties(s.Properties))
	}
	if s.Body != nil {
		return b.String() + " RETURN " + s.Body.String()
	}
	return b.String() + " AS " + QuoteString(s.Module)
}

func (s *CreateFunction) returned() string {
	if s.Columns != nil {
		return "TABLE (" + joined(s.Columns, Parameter.String) + ")"
	}
	return s.Returns.Text
}

func (f FunctionName) String() string {
	if !f.Typed {
		return f.Name.String()
	}
	return f.Name.String() + "(" + joined(f.Types, func(t TypeName) string { return t.Text }) + ")"
}

func (s *DropFunction) String() string {
	return "DROP FUNCTION " + optional(s.IfExists, "IF EXISTS ") + joined(s.Functions, FunctionName.String)
}
