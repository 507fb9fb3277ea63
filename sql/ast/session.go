package ast

// TransactionKind is what a Transaction does.
type TransactionKind string

const (
	Begin            TransactionKind = "BEGIN"
	StartTransaction TransactionKind = "START TRANSACTION"
	Commit           TransactionKind = "COMMIT"
	Rollback         TransactionKind = "ROLLBACK"
	Savepoint        TransactionKind = "SAVEPOINT"
	Release          TransactionKind = "RELEASE"
	RollbackTo       TransactionKind = "ROLLBACK TO"
)

// Transaction is BEGIN, COMMIT, SAVEPOINT and their kin.
type Transaction struct {
	Source
	Kind TransactionKind
	// Name is the savepoint's.
	Name Ident
	// Modes are the words behind BEGIN, normalised: "ISOLATION LEVEL SERIALIZABLE", "READ ONLY".
	Modes []string
	// Chain is AND CHAIN.
	Chain bool
}

// DeclareCursor is DECLARE name [NO] SCROLL CURSOR [WITH HOLD] FOR query.
type DeclareCursor struct {
	Source
	Name   Ident
	Binary bool
	Scroll bool
	Hold   bool
	Query  Query
	// EmitChanges: the query ends with it, as every cursor means it that is not psql's own.
	EmitChanges bool
}

// FetchDirection is the direction of a FETCH or MOVE.
type FetchDirection uint8

const (
	// FetchForward gives the next Count rows, or all with All.
	FetchForward FetchDirection = iota
	// FetchBackward and FetchAbsolute, FetchRelative are parsed so that they can be refused by name.
	FetchBackward
	FetchAbsolute
	FetchRelative
)

// Fetch is FETCH | MOVE [direction] [FROM | IN] cursor [WITH (TIMEOUT = '1s')].
type Fetch struct {
	Source
	Move      bool
	Direction FetchDirection
	Count     int64
	All       bool
	Cursor    Ident
	// Timeout is the text of WITH (TIMEOUT = '…'); empty if absent.
	Timeout string
}

// CloseCursor is CLOSE name | ALL.
type CloseCursor struct {
	Source
	All  bool
	Name Ident
}

// SetScope is SESSION or LOCAL.
type SetScope string

const (
	SessionScope SetScope = ""
	LocalScope   SetScope = "LOCAL"
)

// Set is SET name = | TO value, SET TIME ZONE, SET NAMES, SET TRANSACTION …,
// SET SESSION CHARACTERISTICS …. Name is folded to lower case; TIME ZONE is
// timezone, NAMES is client_encoding, the transaction forms are
// transaction_isolation, transaction_read_only, default_transaction_….
type Set struct {
	Source
	Pos     int // of the name
	Scope   SetScope
	Name    string
	Default bool // TO DEFAULT
	// Values has several entries for search_path and its like.
	Values   []string
	ValuePos int
}

// Reset is RESET name | ALL.
type Reset struct {
	Source
	Pos  int
	All  bool
	Name string // folded
}

// ShowVariable is SHOW name | ALL of a setting.
type ShowVariable struct {
	Source
	Pos  int
	All  bool
	Name string // folded
}

// Discard is DISCARD ALL | PLANS | SEQUENCES | TEMP.
type Discard struct {
	Source
	What string
}

// Prepare is PREPARE name [(types)] AS statement.
type Prepare struct {
	Source
	Name      Ident
	Types     []TypeName
	Statement Statement
	// Inner is the text of Statement, as sent.
	Inner Source
}

// Execute is EXECUTE name [(arguments)].
type Execute struct {
	Source
	Name Ident
	Args []Expr
}

// Deallocate is DEALLOCATE [PREPARE] name | ALL.
type Deallocate struct {
	Source
	All  bool
	Name Ident
}

// Listen is LISTEN channel.
type Listen struct {
	Source
	Channel Ident
}

// Unlisten is UNLISTEN channel | *.
type Unlisten struct {
	Source
	All     bool
	Channel Ident
}
