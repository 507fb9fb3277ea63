package pgwire

import (
	"cmp"
	"slices"
	"time"

	"slipway/sql/sqlerr"
)

// Client is what is known of a connection that has signed on.
type Client struct {
	PID                         uint32
	User, Database, Application string
	Address                     string // host:port of the client's end
	// Connected is when it came, Changed since when it is in its State, Began when the statement of Text began, and Opened when
	// its transaction did; zero where there is none.
	Connected, Changed, Began, Opened time.Time
	State                             ClientState
	// Text is what runs, or ran last, as Session.Shown gives it.
	Text string
}

// ClientState is what a client does, in the words of pg_stat_activity.
type ClientState string

const (
	Active            ClientState = "active"
	Idle              ClientState = "idle"
	InTransaction     ClientState = "idle in transaction"
	InFailed          ClientState = "idle in transaction (aborted)"
	idleTransaction               = 'I'
	openTransaction               = 'T'
	failedTransaction             = 'E'
)

// between is the state of a client whose server waits for it.
func between(tx byte) ClientState {
	switch tx {
	case openTransaction:
		return InTransaction
	case failedTransaction:
		return InFailed
	}
	return Idle
}

// signedOn notes who came.
func (c *conn) signedOn(st Startup) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mu.client = Client{PID: c.pid, User: st.User, Database: st.Database, Application: st.Application, Address: c.net.RemoteAddr().String(), Connected: now, Changed: now, State: Idle}
}

// runs notes that a statement begins. The first of a transaction opens it.
func (c *conn) runs(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &c.mu.client
	p.Text, p.Began, p.Changed, p.State = text, time.Now(), time.Now(), Active
	if p.Opened.IsZero() {
		p.Opened = p.Began
	}
}

// rests notes that the client's turn has come, and in what state of its transaction.
func (c *conn) rests(tx byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &c.mu.client
	if p.State = between(tx); tx == idleTransaction {
		p.Opened = time.Time{}
	}
	p.Changed = time.Now()
}

// renamed notes a new name of the application.
func (c *conn) renamed(application string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mu.client.Application = application
}

// clients are all that have signed on, in the order in which they came.
func (s *Server) clients() []Client {
	s.mu.Lock()
	list := make([]*conn, 0, len(s.mu.conns))
	for _, c := range s.mu.conns {
		list = append(list, c)
	}
	s.mu.Unlock()
	out := make([]Client, 0, len(list))
	for _, c := range list {
		c.mu.Lock()
		if c.mu.client.PID != 0 { // else it is still signing on
			out = append(out, c.mu.client)
		}
		c.mu.Unlock()
	}
	slices.SortFunc(out, func(a, b Client) int { return cmp.Compare(a.PID, b.PID) })
	return out
}

// end ends what a client runs, or its connection as well; false if there is no such client.
func (s *Server) end(pid uint32, connection bool) bool {
	s.mu.Lock()
	c := s.mu.conns[pid]
	s.mu.Unlock()
	switch {
	case c == nil:
		return false
	case connection:
		go c.shutdown() // it may have to wait for a client that does not read; ends with the write's deadline
	default:
		c.cancelStatement(errCanceled)
	}
	return true
}

var (
	errCanceled = sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")
	errTimeout  = sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to statement timeout")
	errShutdown = sqlerr.New(sqlerr.AdminShutdown, "terminating connection due to administrator command")
)
