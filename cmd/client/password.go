package client

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// errPassword: the server asks for a password before anything else.
var errPassword = errors.New("the server asks for a password")

// asking reads what a server says first, and ends the connection where that is a question for a password: none is known, and an empty one
// would be written down as a failed sign-in, and make the next one wait.
type asking struct {
	io.Reader
	head []byte // of the first message
}

// headLength is that of the type of a message, its length, and the kind of sign-in.
const headLength = 9

// Kinds of sign-in that want a password: clear, MD5, SASL.
const (
	clearText = 3
	md5       = 5
	sasl      = 10
)

// Read implements io.Reader.
func (a *asking) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if missing := headLength - len(a.head); missing > 0 {
		a.head = append(a.head, p[:min(n, missing)]...)
		if wantsPassword(a.head) {
			return 0, errPassword
		}
	}
	return n, err
}

func wantsPassword(head []byte) bool {
	if len(head) < headLength || head[0] != 'R' {
		return false
	}
	switch binary.BigEndian.Uint32(head[5:]) {
	case clearText, md5, sasl:
		return true
	}
	return false
}

// unanswered is a configuration whose connection ends where a password is asked for.
func unanswered(c *pgconn.Config) *pgconn.Config {
	c = c.Copy()
	c.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend { return pgproto3.NewFrontend(&asking{Reader: r}, w) }
	return c
}
