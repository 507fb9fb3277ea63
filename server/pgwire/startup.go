package pgwire

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"

	"slipway/sql/sqlerr"
)

// Limits of what a client may send before it has signed on.
const (
	maxStartup  = 10_000
	maxPassword = 64 << 10
)

// Codes of the startup packet.
const (
	protocol3     = 3 << 16
	sslRequest    = 80877103
	gssRequest    = 80877104
	cancelRequest = 80877102
)

// tlsHello is the first byte of a client that speaks TLS at once (sslnegotiation=direct), and
// protocol what it must ask for then (ALPN).
const (
	tlsHello = 0x16
	protocol = "postgresql"
)

// buffered reads ahead, so that the first byte can be looked at, and so that bytes can be seen
// that came unencrypted behind a request for encryption.
type buffered struct {
	net.Conn
	ahead *bufio.Reader
}

func (b *buffered) Read(p []byte) (int, error) { return b.ahead.Read(p) }

// CloseWrite ends the one direction, as net.TCPConn does.
func (b *buffered) CloseWrite() error {
	if half, ok := b.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// startup answers the packets in front of the sign-in; nil without an error means that the
// connection has served its purpose (a cancel request).
func (c *conn) startup() (*Startup, error) {
	plain := &buffered{c.net, bufio.NewReader(c.net)}
	c.net = plain
	if first, err := plain.ahead.Peek(1); err != nil {
		return nil, err
	} else if first[0] == tlsHello {
		return c.direct(plain)
	}
	asked := map[uint32]bool{} // each once
	for {
		code, body, err := c.packet()
		if err != nil {
			return nil, err
		}
		switch {
		case code == sslRequest && !asked[code] && len(body) == 0 && !c.encrypted:
			if err := c.encrypt(plain); err != nil {
				return nil, err
			}
		case code == gssRequest && !asked[code] && len(body) == 0 && !c.encrypted:
			if _, err := c.net.Write([]byte{'N'}); err != nil {
				return nil, err
			}
		default:
			return c.open(code, body)
		}
		asked[code] = true
	}
}

// packet reads one packet of the startup.
func (c *conn) packet() (code uint32, body []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(c.net, head[:]); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size < 8 || size > maxStartup {
		return 0, nil, fmt.Errorf("startup packet of %d bytes", size)
	}
	body = make([]byte, size-8)
	_, err = io.ReadFull(c.net, body)
	return binary.BigEndian.Uint32(head[4:]), body, err
}

// open takes what is no request for encryption: a startup packet or the cancelling of a statement.
func (c *conn) open(code uint32, body []byte) (*Startup, error) {
	switch {
	case code == cancelRequest:
		if len(body) == 8 {
			c.server.cancelRequest(binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:]))
		}
		return nil, nil
	case code>>16 != 3:
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "unsupported frontend protocol %d.%d: server supports 3.0", code>>16, code&0xFFFF)
	case c.server.options.RequireTLS && !c.encrypted: // before anything is said that should not be read by others
		return nil, sqlerr.New(sqlerr.InvalidAuthorization, "the server takes encrypted connections only").
			WithHint("Connect with sslmode=require, better with sslmode=verify-full (server.tls.mode).")
	}
	return c.parameters(code, body)
}

// encrypt answers SSLRequest.
func (c *conn) encrypt(plain *buffered) error {
	if c.server.options.TLS == nil {
		_, err := c.net.Write([]byte{'N'})
		return err
	}
	if plain.ahead.Buffered() > 0 { // somebody wants it to be taken for what the client says (CVE-2021-23214)
		return sqlerr.New(sqlerr.ProtocolViolation, "received unencrypted data after SSL request")
	}
	if _, err := c.net.Write([]byte{'S'}); err != nil {
		return err
	}
	return c.shakeHands(plain.Conn)
}

// direct is TLS from the first byte.
func (c *conn) direct(plain *buffered) (*Startup, error) {
	if c.server.options.TLS == nil {
		return nil, fmt.Errorf("TLS from the first byte, and this server has no certificate")
	}
	if err := c.shakeHands(plain); err != nil {
		return nil, err
	}
	if c.net.(*tls.Conn).ConnectionState().NegotiatedProtocol != protocol {
		return nil, sqlerr.New(sqlerr.ProtocolViolation, "received direct SSL connection request without ALPN protocol negotiation extension")
	}
	code, body, err := c.packet()
	if err != nil {
		return nil, err
	}
	return c.open(code, body)
}

// shakeHands makes the connection a TLS one; what was read before is left behind with its reader.
func (c *conn) shakeHands(below net.Conn) error {
	served := c.server.options.TLS.Now()
	over := tls.Server(below, served.With(protocol))
	if err := over.HandshakeContext(c.ctx); err != nil {
		c.server.options.Log.Info("a TLS handshake failed", "address", below.RemoteAddr().String(), "error", err)
		return err
	}
	c.net, c.encrypted, c.binding = over, true, served.Binding
	if peers := over.ConnectionState().VerifiedChains; len(peers) > 0 {
		c.certificate = peers[0][0].Subject.CommonName
	}
	return nil
}

// parameters reads the names and values of a startup packet. A newer minor version
// and options of the protocol are negotiated down.
func (c *conn) parameters(code uint32, body []byte) (*Startup, error) {
	st := &Startup{Params: map[string]string{}}
	parts := bytes.Split(bytes.TrimRight(body, "\x00"), []byte{0})
	var unknown []string
	for i := 0; i+1 < len(parts); i += 2 {
		key, value := string(parts[i]), string(parts[i+1])
		st.Params[key] = value
		if len(key) > 5 && key[:5] == "_pq_." {
			unknown = append(unknown, key)
		}
	}
	st.User, st.Database, st.Application = st.Params["user"], st.Params["database"], st.Params["application_name"]
	if st.User == "" {
		return nil, sqlerr.New(sqlerr.InvalidAuthorization, "no PostgreSQL user name specified in startup packet")
	}
	if st.Database == "" {
		st.Database = st.User
	}
	if code != protocol3 || len(unknown) > 0 {
		c.negotiate(unknown)
	}
	return st, nil
}

// negotiate sends NegotiateProtocolVersion, which pgproto3 v2 does not know.
func (c *conn) negotiate(unknown []string) {
	body := binary.BigEndian.AppendUint32(nil, 0)
	body = binary.BigEndian.AppendUint32(body, uint32(len(unknown)))
	for _, u := range unknown {
		body = append(append(body, u...), 0)
	}
	c.out = append(c.out, 'v')
	c.out = binary.BigEndian.AppendUint32(c.out, uint32(len(body)+4))
	c.out = append(c.out, body...)
}
