package ast

// QueryStatement is a query sent on its own.
type QueryStatement struct {
	Source
	Query Query
	// EmitChanges: its result is followed, not computed once.
	EmitChanges bool
}

// Insert is INSERT INTO table [(columns)] query | VALUES ….
type Insert struct {
	Source
	Table   Name
	Columns []Ident
	Query   Query
}

// CopyFormat is the FORMAT of a COPY.
type CopyFormat string

const (
	CopyText   CopyFormat = "text"
	CopyCSV    CopyFormat = "csv"
	CopyBinary CopyFormat = "binary"
)

// CopyOptions are what stands in brackets behind COPY.
type CopyOptions struct {
	Format CopyFormat
	Header bool
	// Match: the header must have the names of the columns. FROM only.
	Match     bool
	Delimiter string // empty: the format's own
	Null      string
	NullSet   bool
	Quote     string // csv only; empty: "
	Escape    string // csv only; empty: same as Quote
}

// Copy is COPY (query) TO STDOUT, or COPY relation [(columns)] TO STDOUT.
type Copy struct {
	Source
	// Query is always set: COPY relation becomes SELECT … FROM relation.
	Query Query
	CopyOptions
}

// CopyFrom is COPY relation [(columns)] FROM STDIN.
type CopyFrom struct {
	Source
	Table   Name
	Columns []Ident
	CopyOptions
}
