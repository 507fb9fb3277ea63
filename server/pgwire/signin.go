package pgwire

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/netip"

	"github.com/jackc/pgproto3/v2"

	"slipway/server/auth"
	"slipway/sql/sqlerr"
)

// signIn finds out who the client is; an error that is the client's to read is an *sqlerr.Error.
func (c *conn) signIn(st *Startup) (auth.Identity, error) {
	at := auth.Attempt{User: st.User, Database: st.Database, Address: addressOf(c.net), TLS: c.encrypted, Certificate: c.certificate, Binding: c.binding}
	if c.server.options.Auth == nil { // a server of a test
		return auth.Identity{User: st.User, Owner: true, Address: at.Address.String(), Method: string(auth.Trust)}, nil
	}
	id, talk, err := c.server.options.Auth.Begin(at)
	if talk == nil {
		return id, err
	}
	return c.converse(talk)
}

// converse is SASL on the wire: mechanisms, then two messages each way.
func (c *conn) converse(talk *auth.Conversation) (id auth.Identity, err error) {
	c.send(&pgproto3.AuthenticationSASL{AuthMechanisms: talk.Mechanisms()})
	mechanism, message, err := c.initialResponse()
	if err != nil {
		return id, err
	}
	challenge, err := talk.First(mechanism, message)
	if err != nil {
		return id, err
	}
	c.send(&pgproto3.AuthenticationSASLContinue{Data: challenge})
	if message, err = c.password(); err != nil {
		return id, err
	}
	proof, id, err := talk.Final(c.ctx, message)
	if err == nil {
		c.send(&pgproto3.AuthenticationSASLFinal{Data: proof})
	}
	return id, err
}

// initialResponse reads the name of a mechanism and its first message.
func (c *conn) initialResponse() (mechanism string, message []byte, err error) {
	body, err := c.password()
	if err != nil {
		return "", nil, err
	}
	name, rest, ok := bytes.Cut(body, []byte{0})
	if !ok || len(rest) < 4 || int64(binary.BigEndian.Uint32(rest)) != int64(len(rest)-4) {
		return "", nil, violation("malformed SASLInitialResponse")
	}
	return string(name), rest[4:], nil
}

// password reads the one kind of message that belongs here.
func (c *conn) password() ([]byte, error) {
	if err := c.flush(); err != nil {
		return nil, err
	}
	var head [5]byte
	if _, err := io.ReadFull(c.net, head[:]); err != nil {
		return nil, err
	}
	n := int64(binary.BigEndian.Uint32(head[1:])) - 4
	switch {
	case head[0] != 'p':
		return nil, violation("expected SASL response, got message type %q", head[0])
	case n < 0 || n > maxPassword:
		return nil, violation("SASL response of %d bytes, %d are allowed", n, maxPassword)
	}
	body := make([]byte, n)
	_, err := io.ReadFull(c.net, body)
	return body, err
}

// addressOf is where a client comes from, an IPv4 address as such.
func addressOf(c net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

var errTooMany = sqlerr.New(sqlerr.TooManyConnections, "sorry, too many clients already")
