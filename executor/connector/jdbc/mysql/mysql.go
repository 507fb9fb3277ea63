// Package mysql speaks to a MySQL or MariaDB server: statements with parameters, whose rows come as
// text.
package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Options say where the server is, and who asks.
type Options struct {
	Host, Port, Database, User, Password string
	// Params are those of the URL: sslMode, useSSL, …
	Params  map[string]string
	Connect time.Duration // how long a connection may take
}

// Client keeps connections that are idle. It is safe for concurrent use.
type Client struct{ db *sql.DB }

// silent takes what the library would write to the process's standard error.
type silent struct{}

func (silent) Print(...any) {}

const (
	idleConnections = 100
	// writeTimeout is how many seconds the server waits for a reader that is slow, in a long answer.
	writeTimeout = "3600"
)

// tls are the words of the JDBC driver's sslMode, and useSSL, in the library's.
var tls = map[string]string{
	"disabled": "false", "preferred": "preferred", "required": "skip-verify", "verify_ca": "true", "verify_identity": "true",
	"disable": "false", "trust": "skip-verify", "verify-ca": "true", "verify-full": "true", "false": "false", "true": "skip-verify",
}

// ignored are parameters of the JDBC driver for which nothing is to be done: text is UTF-8, and times
// are in UTC, in any case.
var ignored = []string{
	"characterencoding", "useunicode", "servertimezone", "connectiontimezone", "autoreconnect", "allowpublickeyretrieval", "rewritebatchedstatements",
	"zerodatetimebehavior", "tinyint1isbit", "useservertimezone", "usecursorfetch", "cacheprepstmts", "useserverprepstmts",
}

// New opens nothing yet.
func New(o Options) (*Client, error) {
	c := mysql.NewConfig()
	c.User, c.Passwd, c.DBName, c.Net, c.Addr = o.User, o.Password, o.Database, "tcp", net.JoinHostPort(o.Host, o.Port)
	c.Timeout, c.InterpolateParams, c.Logger, c.TLSConfig = o.Connect, true, silent{}, "preferred"
	c.Collation = "utf8mb4_general_ci"
	c.Params = map[string]string{"time_zone": "'+00:00'", "net_write_timeout": writeTimeout}
	for k, v := range o.Params {
		switch k, mode := strings.ToLower(k), tls[strings.ToLower(v)]; {
		case (k == "sslmode" || k == "usessl") && mode != "":
			c.TLSConfig = mode
		case !slices.Contains(ignored, k):
			return nil, fmt.Errorf("the url of the database has a parameter that is not known: %s", k)
		}
	}
	// With it the library copies the configuration for each connection. Those of one that share it write
	// into it at the same time, where the server speaks no TLS.
	if err := c.Apply(mysql.BeforeConnect(func(context.Context, *mysql.Config) error { return nil })); err != nil {
		return nil, err
	}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(idleConnections)
	return &Client{db}, nil
}

// Query runs a statement with ? and calls each with every row: a text per column, nil for NULL, valid
// until it returns.
func (c *Client) Query(ctx context.Context, statement string, args []any, each func(row [][]byte) error) error {
	rows, err := c.db.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	fields, places := make([]sql.RawBytes, len(names)), make([]any, len(names))
	row := make([][]byte, len(names))
	for i := range fields {
		places[i] = &fields[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		for i, f := range fields {
			row[i] = f
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Close ends all connections.
func (c *Client) Close() error { return c.db.Close() }

// final are the errors that asking again does not cure: who may sign in, no such database, table or
// column, syntax.
var final = []uint16{1044, 1045, 1049, 1054, 1064, 1103, 1142, 1143, 1146, 1267, 1305}

// Final tells that asking again does not help.
func (*Client) Final(err error) bool {
	e, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && slices.Contains(final, e.Number)
}
