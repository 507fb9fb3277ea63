// Package postgres speaks to a PostgreSQL server: statements with parameters, whose rows come as text.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

// Options say where the server is, and who asks.
type Options struct {
	Host, Port, Database, User, Password string
	// Params are those of the URL: sslmode, sslrootcert, application_name, search_path, …
	Params  map[string]string
	Connect time.Duration // how long a connection may take
}

// Client keeps connections that are idle. It is safe for concurrent use, a query has a connection to
// itself.
type Client struct {
	config *pgconn.Config
	mu     sync.Mutex
	idle   []*pgconn.PgConn
}

// endAfter is how long the server has to end a query that is given up, before its connection is cut.
const endAfter = 200 * time.Millisecond

// New opens nothing yet.
func New(o Options) (*Client, error) {
	// Nothing is taken from the environment of the process: what would come from there is said here.
	values := url.Values{"sslmode": {"prefer"}, "application_name": {"slipway"}, "passfile": {"/dev/null"}, "servicefile": {"/dev/null"}}
	for k, v := range o.Params {
		values.Set(k, v)
	}
	u := url.URL{Scheme: "postgres", User: url.User(o.User), Host: net.JoinHostPort(o.Host, o.Port), Path: "/" + o.Database, RawQuery: values.Encode()}
	config, err := pgconn.ParseConfig(u.String())
	if err != nil {
		return nil, fmt.Errorf("the url of the database cannot be read: %w", errors.Unwrap(err))
	}
	config.Password, config.ConnectTimeout = o.Password, o.Connect
	config.RuntimeParams["DateStyle"], config.RuntimeParams["TimeZone"] = "ISO", "UTC"
	config.RuntimeParams["client_encoding"] = "UTF8"
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: endAfter}
	}
	return &Client{config: config}, nil
}

// Query runs a statement with $1, $2, … and calls each with every row: a text per column, nil for
// NULL, valid until it returns.
func (c *Client) Query(ctx context.Context, statement string, args []any, each func(row [][]byte) error) error {
	conn, err := c.take(ctx)
	if err != nil {
		return err
	}
	values := make([][]byte, len(args))
	for i, a := range args {
		if a != nil {
			values[i] = []byte(fmt.Sprint(a)) // also an empty text is not nil
		}
	}
	r := conn.ExecParams(ctx, statement, values, nil, nil, nil)
	var failed error
	for r.NextRow() {
		if failed = each(r.Values()); failed != nil {
			break
		}
	}
	if failed != nil { // the rest of the rows is not wanted
		c.drop(conn)
		return failed
	}
	_, err = r.Close()
	if conn.IsClosed() {
		c.Close() // the server is gone: the others are of no use
		return err
	}
	c.give(conn)
	return err
}

func (c *Client) take(ctx context.Context) (*pgconn.PgConn, error) {
	c.mu.Lock()
	n := len(c.idle)
	if n == 0 {
		c.mu.Unlock()
		return pgconn.ConnectConfig(ctx, c.config)
	}
	conn := c.idle[n-1]
	c.idle = c.idle[:n-1]
	c.mu.Unlock()
	return conn, nil
}

func (c *Client) give(conn *pgconn.PgConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, conn)
}

// drop ends a connection at once.
func (*Client) drop(conn *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.Background(), endAfter)
	defer cancel()
	_ = conn.Close(ctx)
}

// Close ends the connections that are idle.
func (c *Client) Close() error {
	c.mu.Lock()
	idle := slices.Clone(c.idle)
	c.idle = nil
	c.mu.Unlock()
	for _, conn := range idle {
		c.drop(conn)
	}
	return nil
}

// final are the classes of SQLSTATE that asking again does not cure: what is not supported, data that
// does not fit, who may sign in, no such database, syntax and names.
var final = []string{"0A", "22", "28", "3D", "3F", "42"}

// Final tells that asking again does not help.
func (*Client) Final(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && slices.Contains(final, e.Code[:min(2, len(e.Code))])
}
