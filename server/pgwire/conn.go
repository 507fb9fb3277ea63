package pgwire

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgproto3/v2"

	"slipway/conf"
	"slipway/sql/sqlerr"
)

// conn is one client.
type conn struct {
	server      *Server
	net         net.Conn
	ctx         context.Context // ends with the connection
	cancel      context.CancelFunc
	session     Session
	pid, secret uint32
	statements  map[string]*statement
	portals     map[string]*portal
	encrypted   bool   // by TLS; then:
	certificate string // the common name of the client's verified certificate
	binding     []byte // what SCRAM can bind to
	skipping    bool   // an extended query failed: until Sync
	text        string // of the statement that runs, for positions
	messages    chan incoming
	lost        error // why there are no more messages, where a COPY has seen it

	mu struct {
		sync.Mutex
		running context.CancelCauseFunc // nil between statements
		closing bool
		client  Client
	}
	notifications notifications
	outMu         sync.Mutex // guards out and the writing side
	out           []byte
	dead          error // the first write error
}

type statement struct {
	parsed  Statement // nil: an empty text
	text    string
	params  []uint32
	columns []Column
}

type portal struct {
	st      *statement
	args    []Arg
	formats []int16
	result  Result // while rows are left
	ended   bool   // it has been run to its end
	columns []Column
}

const (
	writeTimeout = 30 * time.Second
	flushAt      = 64 << 10
	keptOut      = 1 << 20 // memory for answers that a connection keeps
)

// send appends a message to what goes out with the next flush.
func (c *conn) send(m pgproto3.BackendMessage) {
	c.outMu.Lock()
	defer c.outMu.Unlock()
	out, err := m.Encode(c.out)
	if err != nil { // a message of ours that cannot be encoded: the connection is of no use
		c.dead = err
		return
	}
	c.out = out
}

func (c *conn) flush() error {
	c.outMu.Lock()
	defer c.outMu.Unlock()
	if len(c.out) == 0 || c.dead != nil {
		return c.dead
	}
	c.net.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, c.dead = c.net.Write(c.out)
	if c.out = c.out[:0]; cap(c.out) > keptOut {
		c.out = nil
	}
	return c.dead
}

func (c *conn) fatal(e *sqlerr.Error) {
	f := *e
	f.Severity = sqlerr.SeverityFatal
	c.send(c.render(&f))
	c.flush()
}

// broken says that the server is at fault, unless it was while writing.
func (c *conn) broken() {
	if c.outMu.TryLock() {
		c.outMu.Unlock()
		c.fatal(sqlerr.New(sqlerr.Internal, "internal error; the server's log says more"))
	}
}

// render brings an error to the wire; its position in bytes becomes one in characters.
func (c *conn) render(e *sqlerr.Error) *pgproto3.ErrorResponse {
	severity := string(e.Severity)
	if severity == "" {
		severity = string(sqlerr.SeverityError)
	}
	r := &pgproto3.ErrorResponse{Severity: severity, SeverityUnlocalized: severity, Code: string(e.Code),
		Message: conf.Redact(e.Message), Detail: conf.Redact(e.Detail), Hint: conf.Redact(e.Hint), Where: conf.Redact(e.Where)}
	if p := e.Position; p > 0 && p <= len(c.text)+1 {
		r.Position = int32(utf8.RuneCountInString(c.text[:p-1]) + 1)
	}
	return r
}

func (c *conn) notice(e *sqlerr.Error) {
	r := pgproto3.NoticeResponse(*c.render(e))
	c.send(&r)
	c.flush()
}

// cancelStatement ends the running statement with a cause.
func (c *conn) cancelStatement(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mu.running != nil {
		c.mu.running(cause)
	}
}

// shutdown ends the connection: at once between statements, else behind the running one.
func (c *conn) shutdown() {
	c.mu.Lock()
	c.mu.closing = true
	running := c.mu.running
	c.mu.Unlock()
	if running != nil {
		running(errShutdown)
		return
	}
	c.fatal(errShutdown)
	c.net.Close()
}

var greeting = [][2]string{{
	"server_encoding", "UTF8",
}, {"client_encoding", "UTF8"}, {"DateStyle", "ISO, MDY"}, {"TimeZone", "UTC"}, {"integer_datetimes", "on"},
	{"standard_conforming_strings", "on"}, {"IntervalStyle", "postgres"}, {
		"default_transaction_read_only", "off",
	}, {"in_hot_standby", "off"}}

// run greets and serves until the client leaves.
func (c *conn) run(st Startup) {
	st.Notice, st.Notify = c.notice, c.notify
	st.PID, st.Deallocate = c.pid, c.deallocate
	st.Clients, st.End = c.server.clients, c.server.end
	st.Status = func(name, value string) {
		if name == "application_name" {
			c.renamed(value)
		}
		c.send(&pgproto3.ParameterStatus{Name: name, Value: value})
	}
	c.signedOn(st)
	c.send(&pgproto3.AuthenticationOk{})
	c.send(&pgproto3.ParameterStatus{Name: "server_version", Value: "13.14 (Slipway " + c.server.options.Version + ")"})
	for _, p := range greeting {
		c.send(&pgproto3.ParameterStatus{Name: p[0], Value: p[1]})
	}
	c.send(&pgproto3.ParameterStatus{Name: "is_superuser", Value: onOff(st.Identity.Owner)})
	c.send(&pgproto3.ParameterStatus{Name: "application_name", Value: st.Application})
	c.send(&pgproto3.ParameterStatus{Name: "session_authorization", Value: st.User})
	session, err := c.server.handler.NewSession(c.ctx, st)
	if err != nil {
		c.fatal(sqlerr.From(err))
		return
	}
	c.session = session
	defer c.close()
	c.send(&pgproto3.BackendKeyData{ProcessID: c.pid, SecretKey: c.secret})
	c.ready()
	c.loop()
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (c *conn) close() {
	for _, p := range c.portals {
		p.close()
	}
	c.session.Close()
}

func (c *conn) ready() {
	tx := c.session.TxStatus()
	c.rests(tx)
	c.sendNotifications()
	c.send(&pgproto3.ReadyForQuery{TxStatus: tx})
	c.flush()
}

// incoming is a message or the reason why there are no more.
type incoming struct {
	m   pgproto3.FrontendMessage
	err error
}

// loop handles messages in order. A reader runs ahead, so that a client that leaves
// while its statement runs ends the statement.
func (c *conn) loop() {
	messages := make(chan incoming, 64)
	c.messages = messages
	go func() { // ends when the connection is closed or a message is malformed
		r := framer{r: bufio.NewReaderSize(c.net, 16<<10)}
		for {
			m, err := r.next()
			if _, malformed := errors.AsType[*sqlerr.Error](err); err != nil && !malformed {
				c.cancel()
			}
			select {
			case messages <- incoming{m, err}:
			case <-c.ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	for {
		select {
		case in := <-messages:
			if in.err == nil && !c.handle(in.m) {
				return
			}
			if err := cmp.Or(in.err, c.lost); err != nil {
				if e, ok := errors.AsType[*sqlerr.Error](err); ok {
					c.fatal(e)
					c.drain()
				}
				return
			}
			if c.isDead() || c.isClosing() {
				return
			}
		case <-c.notifications.came:
			if c.sendNotifications(); c.flush() != nil {
				return
			}
		case <-c.ctx.Done():
			return
		}
	}
}

// Bounds of drain.
const (
	drainTime  = 2 * time.Second
	drainBytes = 64 << 20
)

// drain reads past what the client is still sending: closing with bytes unread would reset
// the connection, and the client lose the error that explains it.
func (c *conn) drain() {
	if half, ok := c.net.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	c.net.SetReadDeadline(time.Now().Add(drainTime))
	io.CopyN(io.Discard, c.net, drainBytes)
}

func (c *conn) isDead() bool {
	c.outMu.Lock()
	defer c.outMu.Unlock()
	return c.dead != nil
}

func (c *conn) isClosing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mu.closing
}

// handle answers one message; false ends the connection.
func (c *conn) handle(m pgproto3.FrontendMessage) bool {
	if c.skipping {
		switch m.(type) {
		case *pgproto3.Sync, *pgproto3.Terminate:
		default:
			return true
		}
	}
	var err error
	switch m := m.(type) {
	case *pgproto3.Query:
		c.simple(m.String)
		return true
	case *tooLong:
		if m.kind == 'Q' {
			c.failed(m.refused())
			c.ready()
			return true
		}
		err = m.refused()
	case *pgproto3.Parse:
		err = c.parse(m)
	case *pgproto3.Bind:
		err = c.bind(m)
	case *pgproto3.Describe:
		err = c.describe(m)
	case *pgproto3.Execute:
		err = c.execute(m)
	case *pgproto3.Close:
		c.closeNamed(m)
	case *pgproto3.Flush:
		return c.flush() == nil
	case *pgproto3.Sync:
		c.skipping = false
		if p := c.portals[""]; p != nil && c.session.TxStatus() == 'I' {
			p.close()
			delete(c.portals, "")
		}
		c.ready()
	case *pgproto3.Terminate:
		return false
	}
	if err != nil {
		c.failed(err)
		c.skipping = true
	}
	return true
}

func (c *conn) failed(err error) {
	c.session.Failed()
	e := sqlerr.From(err)
	c.server.counts.failed(e.Code)
	if e == errShutdown {
		c.fatal(e)
		return
	}
	c.send(c.render(e))
	c.flush()
}

// begin gives the context of one statement; end must be called with its error.
func (c *conn) begin(st Statement) (ctx context.Context, end func(error) error) {
	c.server.counts.statements.Add(1)
	shown := c.session.Shown(st)
	c.runs(shown)
	outer, traced := c.traced(shown)
	ctx, cancel := context.WithCancelCause(outer)
	if d := c.session.Timeout(); d > 0 {
		timer := time.AfterFunc(d, func() { cancel(errTimeout) })
		context.AfterFunc(ctx, func() { timer.Stop() })
	}
	c.mu.Lock()
	c.mu.running = cancel
	c.mu.Unlock()
	return ctx, func(err error) error {
		c.mu.Lock()
		c.mu.running = nil
		c.mu.Unlock()
		cause := context.Cause(ctx)
		cancel(nil)
		if e, ok := errors.AsType[*sqlerr.Error](cause); ok && err != nil {
			err = e
		}
		traced(err)
		return err
	}
}

// simple runs the statements of a Query message in order, up to the first error.
func (c *conn) simple(text string) {
	defer c.ready()
	c.text = text
	list, err := c.session.Parse(text)
	if err != nil {
		c.failed(err)
		return
	}
	if len(list) == 0 {
		c.send(&pgproto3.EmptyQueryResponse{})
	}
	for _, st := range list {
		ctx, end := c.begin(st)
		if err := end(c.runSimple(ctx, st)); err != nil {
			c.failed(err)
			return
		}
	}
}

func (c *conn) runSimple(ctx context.Context, st Statement) error {
	r, err := c.session.Execute(ctx, st, nil)
	if err != nil {
		return err
	}
	defer r.Close()
	if form := r.CopyOut(); form != nil {
		return c.copyOut(ctx, r, form)
	}
	if in, ok := r.(CopyIn); ok {
		return c.copyIn(ctx, in)
	}
	if cols := r.Columns(); cols != nil {
		c.send(rowDescription(cols, nil))
	}
	_, err = c.rows(ctx, r, r.Columns(), nil, 0)
	return err
}

// rows sends up to limit rows (0: all); more tells that some may be left. What is
// there goes out before the client waits for the next row.
func (c *conn) rows(ctx context.Context, r Result, cols []Column, formats []int16, limit uint32) (more bool, err error) {
	for n := uint32(0); limit == 0 || n < limit; n++ {
		row, err := c.pull(ctx, r)
		if err == io.EOF {
			c.send(&pgproto3.CommandComplete{CommandTag: []byte(r.Tag())})
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if err := c.dataRow(row, cols, formats); err != nil {
			return false, err
		}
	}
	return true, nil
}

// pull gives the next row; what is there goes out first if the row has to be waited for.
func (c *conn) pull(ctx context.Context, r Result) (Row, error) {
	if !r.Ready() {
		if err := c.flush(); err != nil {
			return nil, err
		}
	}
	return r.Next(ctx)
}

// dataRow encodes one row.
func (c *conn) dataRow(row Row, cols []Column, formats []int16) error {
	c.outMu.Lock()
	start := len(c.out)
	c.out = append(c.out, 'D', 0, 0, 0, 0)
	c.out = binary.BigEndian.AppendUint16(c.out, uint16(len(cols)))
	var err error
	for i := range cols {
		at := len(c.out)
		c.out = append(c.out, 0, 0, 0, 0)
		var null bool
		if formatOf(formats, i) == 1 {
			c.out, null, err = row.AppendBinary(c.out, i)
		} else {
			c.out, null = row.AppendText(c.out, i)
		}
		if err != nil {
			break
		}
		if null {
			c.out = binary.BigEndian.AppendUint32(c.out[:at], 0xFFFFFFFF)
			continue
		}
		binary.BigEndian.PutUint32(c.out[at:], uint32(len(c.out)-at-4))
	}
	if err != nil {
		c.out = c.out[:start]
	} else {
		binary.BigEndian.PutUint32(c.out[start+1:], uint32(len(c.out)-start-1))
	}
	c.outMu.Unlock()
	if err == nil {
		err = c.flushFull()
	}
	return err
}

// flushFull sends what has become much.
func (c *conn) flushFull() error {
	c.outMu.Lock()
	full := len(c.out) >= flushAt
	c.outMu.Unlock()
	if !full {
		return nil
	}
	return c.flush()
}

func formatOf(formats []int16, i int) int16 {
	switch {
	case len(formats) == 1:
		return formats[0]
	case i < len(formats):
		return formats[i]
	}
	return 0
}

func rowDescription(cols []Column, formats []int16) *pgproto3.RowDescription {
	d := &pgproto3.RowDescription{}
	for i, col := range cols {
		d.Fields = append(d.Fields, pgproto3.FieldDescription{Name: []byte(col.Name), DataTypeOID: col.TypeOID(), DataTypeSize: col.size(),
			TypeModifier: col.modifier(), Format: formatOf(formats, i)})
	}
	return d
}
