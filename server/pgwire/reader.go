package pgwire

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/jackc/pgproto3/v2"

	"slipway/sql/sqlerr"
)

// Limits of what a client may send.
const (
	maxMessage = 16 << 20
	// maxSkipped is the longest message that is read past, to be refused by an error that
	// the client can still read; beyond it the length is not believed.
	maxSkipped = 1 << 30
)

// tooLong stands for a message that was read past.
type tooLong struct {
	kind byte
	size int64
}

func (*tooLong) Decode([]byte) error           { return nil }
func (*tooLong) Encode([]byte) ([]byte, error) { return nil, nil }
func (*tooLong) Frontend()                     {}

func (m *tooLong) refused() *sqlerr.Error {
	return sqlerr.New(sqlerr.ProgramLimit, "message of %d bytes is longer than the limit of %d", m.size, maxMessage).
		WithHint("Send it in several statements.")
}

// readMessage reads one message of a client and checks what pgproto3 v2 does not:
// it trusts any length, and five malformed bodies make it panic (facts are in the
// table below, each with a test).
func readMessage(r io.Reader, buf []byte) (pgproto3.FrontendMessage, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, buf, err
	}
	n := int64(binary.BigEndian.Uint32(head[1:])) - 4
	switch {
	case n < 0 || n > maxSkipped:
		return nil, buf, violation("message %q of %d bytes, %d are allowed", head[0], n, maxMessage)
	case head[0] == copyDataKind:
		return &copyBegins{n}, buf, nil
	case n > maxMessage:
		_, err := io.CopyN(io.Discard, r, n)
		return &tooLong{head[0], n}, buf, err
	}
	if int64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if _, err := io.ReadFull(r, buf); err != nil {
		return nil, buf, err
	}
	m, err := decode(head[0], buf)
	return m, buf, err
}

// copyDataKind is CopyData: a piece of a stream of bytes, so that it need not be there as a whole.
const copyDataKind = 'd'

// copyBegins stands for the head of a CopyData; so many bytes follow.
type copyBegins struct{ size int64 }

func (*copyBegins) Decode([]byte) error           { return nil }
func (*copyBegins) Encode([]byte) ([]byte, error) { return nil, nil }
func (*copyBegins) Frontend()                     {}

// copyPiece is how much of a CopyData is one piece.
const copyPiece = 64 << 10

// framer reads messages; those of COPY in pieces.
type framer struct {
	r    io.Reader
	left int64 // of a CopyData
}

func (f *framer) next() (pgproto3.FrontendMessage, error) {
	for f.left == 0 {
		m, _, err := readMessage(f.r, nil)
		begins, ok := m.(*copyBegins)
		if err != nil || !ok {
			return m, err
		}
		f.left = begins.size
	}
	piece := make([]byte, min(f.left, copyPiece))
	f.left -= int64(len(piece))
	_, err := io.ReadFull(f.r, piece)
	return &pgproto3.CopyData{Data: piece}, err
}

func violation(format string, args ...any) error {
	return sqlerr.New(sqlerr.ProtocolViolation, format, args...)
}

func decode(kind byte, body []byte) (pgproto3.FrontendMessage, error) {
	var m pgproto3.FrontendMessage
	switch kind {
	case 'Q':
		if len(body) == 0 || body[len(body)-1] != 0 {
			return nil, violation("a Query without its end")
		}
		m = &pgproto3.Query{}
	case 'P':
		m = &pgproto3.Parse{}
	case 'B':
		if err := checkBind(body); err != nil {
			return nil, err
		}
		m = &pgproto3.Bind{}
	case 'D':
		m = &pgproto3.Describe{}
	case 'E':
		m = &pgproto3.Execute{}
	case 'C':
		m = &pgproto3.Close{}
	case 'S':
		m = &pgproto3.Sync{}
	case 'H':
		m = &pgproto3.Flush{}
	case 'X':
		m = &pgproto3.Terminate{}
	case 'c':
		m = &pgproto3.CopyDone{}
	case 'f':
		return &pgproto3.CopyFail{Message: string(bytes.TrimRight(body, "\x00"))}, nil
	case 'F':
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "function calls by protocol are not supported")
	default:
		return nil, violation("unknown message %q", kind)
	}
	if (kind == 'D' || kind == 'C') && (len(body) == 0 || body[0] != 'S' && body[0] != 'P') {
		return nil, violation("message %q is for a statement (S) or a portal (P)", kind)
	}
	if err := m.Decode(body); err != nil {
		return nil, violation("message %q: %v", kind, err)
	}
	return m, nil
}

// checkBind walks a Bind body: every length must lie inside it.
func checkBind(b []byte) error {
	wrong := func() error { return violation("a Bind message is malformed") }
	for range 2 { // portal and statement names
		i := bytes.IndexByte(b, 0)
		if i < 0 {
			return wrong()
		}
		b = b[i+1:]
	}
	count := func(width int) (int, bool) {
		if len(b) < 2 {
			return 0, false
		}
		n := int(binary.BigEndian.Uint16(b))
		b = b[2:]
		return n, n*width <= len(b)
	}
	n, ok := count(2)
	if !ok {
		return wrong()
	}
	b = b[2*n:]
	if n, ok = count(4); !ok {
		return wrong()
	}
	for range n {
		if len(b) < 4 {
			return wrong()
		}
		size := int(int32(binary.BigEndian.Uint32(b)))
		b = b[4:]
		if size < -1 || size > len(b) {
			return wrong()
		}
		b = b[max(0, size):]
	}
	if n, ok = count(2); !ok || len(b) != 2*n {
		return wrong()
	}
	return nil
}
