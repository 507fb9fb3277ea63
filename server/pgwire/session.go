// Package pgwire speaks the PostgreSQL protocol, version 3: startup, simple and
// extended queries, COPY out, cancel. It knows no SQL: a Session does. It is the only
// door to jackc/pgproto3/v2, in front of which a length-limited, validating reader
// stands.
package pgwire

import (
	"context"
	"time"

	"slipway/server/auth"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Handler makes the session of a connection.
type Handler interface {
	NewSession(ctx context.Context, s Startup) (Session, error)
}

// Startup is what a client said when it connected.
type Startup struct {
	User, Database, Application string
	Params                      map[string]string
	// Identity is who the client has proved to be.
	Identity auth.Identity
	// PID is the process number that the client was told.
	PID uint32
	// Notice sends a notice to the client; callable while one of the session's calls runs.
	Notice func(*sqlerr.Error)
	// Notify sends a notification to the client when it is in no transaction, also while it rests. Callable at any
	// time, from any goroutine; it does not wait.
	Notify func(channel, payload string)
	// Status reports a changed parameter (SET client_encoding …).
	Status func(name, value string)
	// Clients are all that have signed on, in the order in which they came.
	Clients func() []Client
	// End ends what a client runs, and its connection as well if so asked; false if there is none of that number.
	End func(pid uint32, connection bool) bool
	// Deallocate forgets a statement of the protocol, or all for an empty name; false if
	// there is none of that name.
	Deallocate func(name string) bool
}

// Session is one client's state. One goroutine calls it.
type Session interface {
	// Parse cuts a text into statements; an empty text gives none.
	Parse(text string) ([]Statement, error)
	// Describe gives the parameter types (OIDs, as far as hints leave them open) and
	// the result's columns, nil if there is no result.
	Describe(ctx context.Context, s Statement, hints []uint32) (params []uint32, columns []Column, err error)
	// Execute begins a statement. The result is read to its end or closed before the
	// next call.
	Execute(ctx context.Context, s Statement, args []Arg) (Result, error)
	// Shown is the text of a statement as other clients may read it: without secrets.
	Shown(s Statement) string
	// Failed tells that a statement failed, also one of the protocol's: an open
	// transaction is then in its failed state.
	Failed()
	// TxStatus is 'I', 'T' or 'E'.
	TxStatus() byte
	// Timeout ends a statement that runs longer; 0: none.
	Timeout() time.Duration
	// Cursor gives the columns of a declared cursor, which clients describe as a portal.
	Cursor(name string) ([]Column, bool)
	Close()
}

// Statement is one parsed statement; only its session looks inside.
type Statement any

// Column is one column of a result.
type Column struct {
	Name string
	Type types.Type
	// OID is the number of a type of PostgreSQL that Slipway's columns cannot have, as oid and name; 0: it is that of Type.
	OID uint32
}

// TypeOID is the number of the column's type.
func (c Column) TypeOID() uint32 {
	if c.OID != 0 {
		return c.OID
	}
	return c.Type.OID()
}

// sizes of types that are PostgreSQL's alone.
var ownSizes = map[uint32]int16{18: 1, 19: 64, 24: 4, 26: 4, 28: 4, 2202: 4, 2203: 4, 2204: 4, 2205: 4, 2206: 4, 4089: 4, 4096: 4}

// size is pg_type.typlen, modifier pg_attribute.atttypmod.
func (c Column) size() int16 {
	if c.OID == 0 {
		return c.Type.OIDSize()
	}
	if n, ok := ownSizes[c.OID]; ok {
		return n
	}
	if n, ok := sizes[c.OID]; ok {
		return int16(n)
	}
	return -1
}

func (c Column) modifier() int32 {
	if c.OID != 0 {
		return -1
	}
	return c.Type.Modifier()
}

// Arg is a parameter's value as text; OID is the type that Describe gave it.
type Arg struct {
	OID  uint32
	Null bool
	Text string
}

// Result is the answer to a statement, pulled row by row.
type Result interface {
	// Columns is nil for a command without rows.
	Columns() []Column
	// CopyOut is the form of rows that go out by COPY … TO STDOUT; nil: as DataRows.
	CopyOut() *CopyForm
	// Paged tells, before the first row, that the client asks for a number of rows at a
	// time: the result then ends when the query does.
	Paged()
	// Ready tells that Next will not wait: rows before it need not go out yet.
	Ready() bool
	// Next gives the next row, valid until the following call, or io.EOF. It may wait
	// as long as a stream is silent, until ctx ends.
	Next(ctx context.Context) (Row, error)
	// Tag is the command tag, known when Next has returned io.EOF.
	Tag() string
	Close()
}

// Row gives the values of one row in PostgreSQL's forms.
type Row interface {
	// AppendText appends column i to dst; null means that there is none.
	AppendText(dst []byte, i int) (out []byte, null bool)
	// AppendBinary is the same in the binary form of the column's type.
	AppendBinary(dst []byte, i int) (out []byte, null bool, err error)
}
