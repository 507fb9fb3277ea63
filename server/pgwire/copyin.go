package pgwire

import (
	"context"
	"io"

	"github.com/jackc/pgproto3/v2"

	"slipway/sql/sqlerr"
)

// CopyIn is a Result that takes rows from the client: COPY … FROM STDIN. It has no columns; its Tag is known when Take has
// returned.
type CopyIn interface {
	Result
	// In is how many columns the rows have, and whether they come in the binary form.
	In() (columns int, binary bool)
	// Take reads what the client sends, as it comes: io.EOF where the client says so, another error where it gives up or is lost.
	Take(ctx context.Context, data io.Reader) error
}

// copyIn has a result take what the client sends.
func (c *conn) copyIn(ctx context.Context, in CopyIn) error {
	n, binary := in.In()
	m := &pgproto3.CopyInResponse{ColumnFormatCodes: make([]uint16, n)}
	if binary {
		m.OverallFormat = 1
		for i := range m.ColumnFormatCodes {
			m.ColumnFormatCodes[i] = 1
		}
	}
	c.send(m)
	if err := c.flush(); err != nil {
		return err
	}
	if err := in.Take(ctx, &copyData{c: c, ctx: ctx}); err != nil {
		return err
	}
	c.send(&pgproto3.CommandComplete{CommandTag: []byte(in.Tag())})
	return nil
}

// copyData reads the data that a client sends.
type copyData struct {
	c    *conn
	ctx  context.Context
	left []byte
	end  error
}

// Read implements io.Reader.
func (d *copyData) Read(p []byte) (int, error) {
	for len(d.left) == 0 {
		if d.end != nil {
			return 0, d.end
		}
		d.receive()
	}
	n := copy(p, d.left)
	d.left = d.left[n:]
	return n, nil
}

// receive waits for the next message.
func (d *copyData) receive() {
	var in incoming
	select {
	case in = <-d.c.messages:
	case <-d.ctx.Done():
		d.end = context.Cause(d.ctx)
		return
	}
	if in.err != nil {
		d.c.lost, d.end = in.err, io.ErrUnexpectedEOF
		return
	}
	switch m := in.m.(type) {
	case *pgproto3.CopyData:
		d.left = m.Data
	case *pgproto3.CopyDone:
		d.end = io.EOF
	case *pgproto3.CopyFail:
		d.end = sqlerr.New(sqlerr.QueryCanceled, "COPY from stdin failed: %s", m.Message)
	case *pgproto3.Flush, *pgproto3.Sync: // of the extended protocol: the copy goes on
	default:
		d.c.lost = violation("unexpected message during COPY from stdin")
		d.end = d.c.lost
	}
}
