package ast

import "slipway/sql/types"

// Kind is the kind of a declared object, as a statement names it.
type Kind string

const (
	Stream      Kind = "STREAM"
	Table       Kind = "TABLE"
	View        Kind = "VIEW"
	Database    Kind = "DATABASE"
	Application Kind = "APPLICATION"
	StreamJob   Kind = "STREAMJOB"
	// AnyKind is DESCRIBE name without a kind.
	AnyKind Kind = ""
)

// TypeName is a type as it was written.
type TypeName struct {
	Pos  int
	Type types.Type
	// Text is the normal form; it says more than Type for ARRAY<…>, MAP<…> and STRUCT<…>.
	Text string
	// AnyDigits is NUMERIC without digits: a conversion keeps those of the value, a column
	// is the bare DECIMAL.
	AnyDigits bool
	// Elements are the type of an ARRAY, the key and the value of a MAP, the fields of a STRUCT.
	Elements []TypeElement
	// Missing is set of a type, or of one with such an element, that is read but not there yet.
	Missing *MissingType
}

// TypeElement is a part of a type.
type TypeElement struct {
	Name Ident // of a STRUCT's field, else empty
	Type TypeName
}

// MissingType says what an error calls a type that is not there, and where it stands.
type MissingType struct {
	Pos  int
	Text string
}

// ColumnDef is one column of a CREATE STREAM or CREATE TABLE.
type ColumnDef struct {
	Ident
	Type       TypeName
	NotNull    bool
	PrimaryKey bool // written behind the column
	Comment    string
	// Metadata is what METADATA takes of the record, at MetadataPos; empty of other columns. Virtual: it is only read.
	Metadata    string
	MetadataPos int
	Virtual     bool
	// As is what a computed column, which has no Type, is computed by; Default the value where none is given.
	As, Default *ColumnExpr
}

// ColumnExpr is an expression in a declaration, and its text as sent.
type ColumnExpr struct {
	X    Expr
	Text string
}

// WatermarkDef is WATERMARK FOR Column AS X.
type WatermarkDef struct {
	Pos    int
	Column Ident
	X      Expr
}

// RowFormat is ROW FORMAT DELIMITED, escapes resolved.
type RowFormat struct {
	Pos int
	// Fields and Lines are nil where the clause did not say.
	Fields *Delimiter
	Lines  *Delimiter
}

// Delimiter is the string behind TERMINATED BY.
type Delimiter struct {
	Pos  int
	Text string
}

// CreateRelation is CREATE STREAM | TABLE | VIEW, with columns or AS query.
type CreateRelation struct {
	Source
	Kind        Kind
	OrReplace   bool
	IfNotExists bool
	Name        Name
	Columns     []ColumnDef
	Watermark   *WatermarkDef
	PrimaryKey  []Ident // of the PRIMARY KEY (…) clause
	Comment     string
	RowFormat   *RowFormat
	Properties  []Property
	// PropertiesPos is where the clause begins; NoPos if there is none.
	PropertiesPos int
	// Query is set for AS SELECT; QueryText is its text as sent, at QueryPos.
	Query     Query
	QueryText string
	QueryPos  int
}

// DropRelation is DROP STREAM | TABLE | VIEW [IF EXISTS] names.
type DropRelation struct {
	Source
	Kind     Kind
	IfExists bool
	Names    []Name
}

// AlterRelation is ALTER STREAM | TABLE name SET ( … ).
type AlterRelation struct {
	Source
	Kind          Kind
	Name          Name
	Properties    []Property
	PropertiesPos int
}

// Rename is ALTER STREAM | TABLE | VIEW | STREAMJOB name RENAME TO name.
type Rename struct {
	Source
	Kind Kind
	Name Name
	To   Ident // folded
}

// Describe is DESCRIBE | DESC [STREAM | TABLE | VIEW] name.
type Describe struct {
	Source
	Kind Kind
	Name Name
}

// ShowCreate is SHOW CREATE STREAM | TABLE | VIEW | STREAMJOB | FUNCTION name.
type ShowCreate struct {
	Source
	Kind Kind
	Name Name
}

// ShowList is SHOW DATABASES | STREAMS | TABLES | VIEWS | STREAMJOBS | APPLICATIONS
// [FROM db] [LIKE 's'], and LIST STREAMJOBS | APPLICATIONS.
type ShowList struct {
	Source
	Kind Kind
	// List is true for LIST: only what is running.
	List bool
	DB   *Ident // folded; nil for the current one
	Like *string
}

// CreateDatabase is CREATE DATABASE | SCHEMA [IF NOT EXISTS] name.
type CreateDatabase struct {
	Source
	IfNotExists bool
	Name        Ident // folded
}

// DropDatabase is DROP DATABASE | SCHEMA [IF EXISTS] name [CASCADE | RESTRICT].
type DropDatabase struct {
	Source
	IfExists bool
	Cascade  bool
	Name     Ident // folded
}

// UseDatabase is USE name.
type UseDatabase struct {
	Source
	Name Ident // folded
}

// CreateApplication is CREATE APPLICATION [IF NOT EXISTS] name.
type CreateApplication struct {
	Source
	IfNotExists bool
	Name        Name
}

// DropApplication is DROP APPLICATION [IF EXISTS] name.
type DropApplication struct {
	Source
	IfExists bool
	Name     Name
}

// DescribeApplication is DESCRIBE | SHOW | LIST APPLICATION name.
type DescribeApplication struct {
	Source
	Verb string
	Name Name
}

// UseApplication is USE APPLICATION name.
type UseApplication struct {
	Source
	Name Name
}
