// Package client is a connection to a server as any PostgreSQL client has one: what the commands sql, run and doctor speak
// through. It knows no SQL and prints nothing. Besides that of the JDBC connector it is the door to pgx's pgconn.
package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Problem is an error or notice of the server, or an error of connecting.
type Problem struct {
	Severity, Code, Message, Detail, Hint string
	Position                              int // of a character in the statement, from 1; 0: unknown
}

func (p *Problem) Error() string { return p.Severity + ":  " + p.Message }

func problem(e *pgconn.PgError) *Problem {
	return &Problem{Severity: e.Severity, Code: e.Code, Message: e.Message, Detail: e.Detail, Hint: e.Hint, Position: int(e.Position)}
}

// translated gives the server's errors as problems, others as they are.
func translated(err error) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return problem(e)
	}
	return err
}

// Column of a result.
type Column struct {
	Name string
	Type uint32 // PostgreSQL's number of it
}

// Receiver takes the results of a statement as they come. Rows are text, nil for NULL, and lent until Row returns. An error
// of it ends the statement.
type Receiver interface {
	Columns([]Column) error
	Row([][]byte) error
	// Done ends one result: its tag is "SELECT 3", "CREATE STREAM".
	Done(tag string) error
}

// Conn is one connection. One goroutine uses it; Cancel may be called from any.
type Conn struct {
	pg     *pgconn.PgConn
	config *pgconn.Config
}

// Connect opens a connection. Where the server asks for a password and none is known, password is asked for it, if given.
func Connect(ctx context.Context, o Options, password func() (string, error)) (*Conn, error) {
	config, err := o.config()
	if err != nil {
		return nil, err
	}
	pg, err := first(ctx, config)
	if errors.Is(err, errPassword) {
		if password == nil {
			return nil, fmt.Errorf("cannot connect to %s: it asks for a password; PGPASSWORD or ~/.pgpass give it", address(config))
		}
		if config.Password, err = password(); err != nil {
			return nil, err
		}
		pg, err = pgconn.ConnectConfig(ctx, config)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot connect to %s: %w", address(config), reason(err))
	}
	return &Conn{pg: pg, config: config}, nil
}

func address(c *pgconn.Config) string { return fmt.Sprintf("%s port %d", c.Host, c.Port) }

// first tries to connect; without a password it does not answer where one is asked for.
func first(ctx context.Context, config *pgconn.Config) (*pgconn.PgConn, error) {
	if config.Password == "" {
		config = unanswered(config)
	}
	return pgconn.ConnectConfig(ctx, config)
}

// reason is why a connection failed, without the library's own words around it.
func reason(err error) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return problem(e)
	}
	if e, ok := errors.AsType[*pgconn.ConnectError](err); ok && e.Unwrap() != nil {
		return errors.New(strings.Join(distinct(strings.Split(e.Unwrap().Error(), "\n")), "; "))
	}
	return err
}

// distinct takes lines away that are there already: with and without TLS the same thing failed.
func distinct(lines []string) (out []string) {
	for _, l := range lines {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// Again opens the same connection anew, with the password that it had.
func (c *Conn) Again(ctx context.Context) error {
	pg, err := pgconn.ConnectConfig(ctx, c.config)
	if err != nil {
		return fmt.Errorf("cannot connect to %s: %w", address(c.config), reason(err))
	}
	c.pg = pg
	return nil
}

// Lost tells that the connection is gone.
func (c *Conn) Lost() bool { return c.pg.IsClosed() }

// Where says to whom one is connected, as whom.
func (c *Conn) Where() string {
	how := "not encrypted"
	if _, ok := c.pg.Conn().(*tls.Conn); ok {
		how = "by TLS"
	}
	return fmt.Sprintf("database %q as user %q at %s, %s", c.Database(), c.config.User, address(c.config), how)
}

// Database is that of the connection.
func (c *Conn) Database() string { return c.config.Database }

// Host is where the server is.
func (c *Conn) Host() string { return c.config.Host }

// User is who is connected.
func (c *Conn) User() string { return c.config.User }

// Password is empty if none was given.
func (c *Conn) Password() string { return c.config.Password }

// Parameter is what the server said of itself: server_version, in_hot_standby …
func (c *Conn) Parameter(name string) string { return c.pg.ParameterStatus(name) }

// Transaction is the state of the session: I outside of one, T in one, E in one that failed.
func (c *Conn) Transaction() byte { return c.pg.TxStatus() }

// Run sends a text and gives its results.
func (c *Conn) Run(ctx context.Context, text string, to Receiver) error {
	all := c.pg.Exec(ctx, text)
	var failed error
	for failed == nil && all.NextResult() {
		failed = c.result(all.ResultReader(), to)
	}
	if failed != nil {
		c.Cancel()
	}
	err := translated(all.Close())
	if failed != nil {
		return failed
	}
	return err
}

func (c *Conn) result(r *pgconn.ResultReader, to Receiver) error {
	if fields := r.FieldDescriptions(); fields != nil {
		columns := make([]Column, len(fields))
		for i, f := range fields {
			columns[i] = Column{f.Name, f.DataTypeOID}
		}
		if err := to.Columns(columns); err != nil {
			return err
		}
	}
	for r.NextRow() {
		if err := to.Row(r.Values()); err != nil {
			return err
		}
	}
	if tag, err := r.Close(); err == nil {
		return to.Done(tag.String())
	}
	return nil // Run has the error from the whole
}

// Describe has the server read a statement and say its columns; nothing runs.
func (c *Conn) Describe(ctx context.Context, text string) ([]Column, error) {
	d, err := c.pg.Prepare(ctx, "", text, nil)
	if err != nil {
		return nil, translated(err)
	}
	columns := make([]Column, len(d.Fields))
	for i, f := range d.Fields {
		columns[i] = Column{f.Name, f.DataTypeOID}
	}
	return columns, nil
}

// CopyOut runs COPY … TO STDOUT.
func (c *Conn) CopyOut(ctx context.Context, to io.Writer, text string) (tag string, err error) {
	t, err := c.pg.CopyTo(ctx, to, text)
	return t.String(), translated(err)
}

// CopyIn runs COPY … FROM STDIN.
func (c *Conn) CopyIn(ctx context.Context, from io.Reader, text string) (tag string, err error) {
	t, err := c.pg.CopyFrom(ctx, from, text)
	return t.String(), translated(err)
}

// cancelPatience bounds the message that ends a statement.
const cancelPatience = 5 * time.Second

// Cancel asks the server to end the statement that is running.
func (c *Conn) Cancel() error {
	ctx, end := context.WithTimeout(context.Background(), cancelPatience)
	defer end()
	return c.pg.CancelRequest(ctx)
}

// Close says goodbye.
func (c *Conn) Close() error {
	ctx, end := context.WithTimeout(context.Background(), cancelPatience)
	defer end()
	return c.pg.Close(ctx)
}
