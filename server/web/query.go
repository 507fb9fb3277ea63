package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
	"unicode/utf8"

	"slipway/server/auth"
	"slipway/server/pgwire"
	"slipway/sql/sqlerr"
)

const (
	// queriesMost bounds what runs at the same time for all who look.
	queriesMost = 200
	// writePatience is how long a browser may leave what it is sent lying.
	writePatience = 30 * time.Second
)

// query is POST /api/query. It ends when the statements do, when the browser closes the
// connection, or when the console closes.
func (c *Console) query(w http.ResponseWriter, r *http.Request) {
	id, ok := c.who(r)
	if !ok {
		refuse(w, http.StatusUnauthorized, fault{Code: "28000", Message: "nobody is signed in, or too long ago"})
		return
	}
	var q question
	if !read(w, r, &q) {
		return
	}
	select {
	case c.running <- struct{}{}:
		defer func() { <-c.running }()
	default:
		refuse(w, http.StatusServiceUnavailable, fault{Code: string(sqlerr.TooManyConnections), Message: "too many queries of the console run already"})
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	if q.Shared {
		c.answerShared(w, r, id, q)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	c.ask(r.Context(), id, q, &stream{to: w, control: http.NewResponseController(w)})
}

// ask runs the statements in a session of their own.
func (c *Console) ask(ctx context.Context, id auth.Identity, q question, out *stream) {
	if err := c.run(ctx, id, q, out); err != nil {
		out.line(errorLine{faultOf(sqlerr.From(err), q.SQL)})
	}
	out.flush()
}

func (c *Console) run(ctx context.Context, id auth.Identity, q question, out *stream) error {
	params := map[string]string{}
	if q.TimeZone != "" {
		params["TimeZone"] = q.TimeZone
	}
	session, err := c.options.Sessions.NewSession(ctx, pgwire.Startup{
		User: id.User, Identity: id, Database: q.Database, Application: "slipway console", Params: params,
		Notice:     func(e *sqlerr.Error) { out.line(noticeLine{faultOf(e, q.SQL)}) },
		Status:     func(string, string) {},
		Deallocate: func(string) bool { return false },
	})
	if err != nil {
		return err
	}
	defer session.Close()
	list, err := session.Parse(q.SQL)
	if err != nil {
		return err
	}
	for _, st := range list {
		if err := statement(ctx, session, st, out); err != nil {
			return err
		}
	}
	return nil
}

var errTimeout = sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to statement timeout")

// statement runs one; the session's own timeout ends it.
func statement(ctx context.Context, session pgwire.Session, st pgwire.Statement, out *stream) error {
	if d := session.Timeout(); d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d, errTimeout)
		defer cancel()
	}
	err := rows(ctx, session, st, out)
	if cause, ok := errors.AsType[*sqlerr.Error](context.Cause(ctx)); ok && err != nil {
		return cause
	}
	return err
}

// rows sends what a statement gives. What is there goes out before a row is waited for.
func rows(ctx context.Context, session pgwire.Session, st pgwire.Statement, out *stream) error {
	result, err := session.Execute(ctx, st, nil)
	if err != nil {
		return err
	}
	defer result.Close()
	columns := result.Columns()
	if columns != nil {
		out.columns(columns)
	}
	for {
		if !result.Ready() {
			if err := out.flush(); err != nil {
				return err
			}
		}
		row, err := result.Next(ctx)
		if errors.Is(err, io.EOF) {
			out.line(endLine{result.Tag()})
			return nil
		}
		if err != nil {
			return err
		}
		if err := out.row(row, len(columns)); err != nil {
			return err
		}
	}
}

// faultOf renders an error; its position in bytes of the text becomes one in characters.
func faultOf(e *sqlerr.Error, text string) fault {
	f := fault{Severity: string(e.Severity), Code: string(e.Code), Message: e.Message, Detail: e.Detail, Hint: e.Hint}
	if f.Severity == "" {
		f.Severity = string(sqlerr.SeverityError)
	}
	if p := e.Position; p > 0 && p <= len(text)+1 {
		f.Position = utf8.RuneCountInString(text[:p-1]) + 1
	}
	return f
}
