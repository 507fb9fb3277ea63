package web

import (
	"context"
	"crypto/tls"
	"log/slog"

	"slipway/server/auth"
	"slipway/server/pgwire"
)

// Options of the console.
type Options struct {
	Address string
	TLS     *tls.Config // nil: plain HTTP, which only loopback may have
	// Outside tells that other machines reach the address: figures are then for those who sign in.
	Outside bool
	Figures Figures
	// Sessions runs statements, as it does for clients of the protocol: what a person may see
	// and do is decided there, and nowhere in the console.
	Sessions pgwire.Handler
	Access   Access
	Version  string
	Log      *slog.Logger
	// Recent are the last lines of the server's log, for owners; nil: none are kept.
	Recent func() []byte
}

// Access says who comes in. Safe for concurrent use.
type Access interface {
	// Open tells that there are no users: whoever reaches the server, on loopback, is its owner.
	Open() bool
	// Implicit gives that owner.
	Implicit(at auth.Attempt) (auth.Identity, bool)
	// SignIn checks a name and a password; it may take its time over a wrong one. The error is for
	// the person who tries.
	SignIn(ctx context.Context, at auth.Attempt, password string) (auth.Identity, error)
	// Renew gives who has signed in as what the user is now; false: no longer one who signs in.
	Renew(id auth.Identity) (auth.Identity, bool)
}

// question is the body of POST /api/query: one or more statements, run in a session of their own.
type question struct {
	SQL      string `json:"sql"`
	Database string `json:"database"`
	// TimeZone is that of the session; empty: the server's.
	TimeZone string `json:"timeZone"`
	// Shared tells that the statements only read, and that an answer of a second or some ago will
	// do: all who ask the same, as the same user, have one answer.
	Shared bool `json:"shared"`
	// Anew tells that what is shared must be of now: something was changed.
	Anew bool `json:"anew"`
}

// The answer is a line of JSON for each of these, in the order in which they come. A statement
// with rows sends columns, then rows, then its end; values are in PostgreSQL's text form, or null.
type (
	columnsLine struct {
		Columns []columnLine `json:"columns"`
	}
	columnLine struct {
		Name string `json:"name"`
		Type uint32 `json:"type"` // the type's OID
	}
	// rows: {"rows":[["1",null], …]}, written by appendRows.
	endLine struct {
		Tag string `json:"tag"`
	}
	noticeLine struct {
		Notice fault `json:"notice"`
	}
	// errorLine is the last one.
	errorLine struct {
		Error fault `json:"error"`
	}
	// fault is an error or a notice; position counts characters from 1, 0: none.
	fault struct {
		Severity string `json:"severity"`
		Code     string `json:"code"` // SQLSTATE
		Message  string `json:"message"`
		Detail   string `json:"detail,omitempty"`
		Hint     string `json:"hint,omitempty"`
		Position int    `json:"position,omitempty"`
	}
)

// credentials is the body of POST /api/sign-in.
type credentials struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// visitor is the answer of GET /api/session.
type visitor struct {
	// User is empty where somebody has to sign in first.
	User    string `json:"user"`
	Open    bool   `json:"open"` // there are no users
	Version string `json:"version"`
	Role    string `json:"role"`
}
