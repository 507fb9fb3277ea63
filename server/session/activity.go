package session

import (
	"strings"

	"slipway/server/pgcatalog"
	"slipway/server/pgwire"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// longestShown is how much of a statement's text others see: more than clients write by hand.
const longestShown = 2048

// Shown implements pgwire.Session. Of statements that may hold what is nobody's business (properties, values, passwords) the
// words that say what they are; of queries the text, with what looks like a secret hidden.
func (s *session) Shown(st pgwire.Statement) string {
	if q, ok := st.(*catalogQuery); ok {
		return shownText(q, q.Text)
	}
	parsed := st.(ast.Statement)
	switch parsed.(type) {
	case *ast.QueryStatement, *ast.Copy, *ast.DeclareCursor, *ast.Fetch, *ast.CloseCursor, *ast.Transaction, *ast.ShowVariable, *ast.ShowList, *ast.ShowJob:
		return shownText(parsed, parsed.Origin().Text)
	}
	return parsed.Tag()
}

func shownText(st ast.Statement, text string) string {
	if text = strings.TrimSpace(text); len(text) > longestShown {
		return st.Tag()
	}
	if masked, ok := sql.Mask(text); ok {
		return masked
	}
	return st.Tag()
}

// activity are the clients as pg_stat_activity has them.
func (s *session) activity() (out []pgcatalog.Activity) {
	if s.startup.Clients == nil {
		return nil
	}
	for _, c := range s.startup.Clients() {
		out = append(out, pgcatalog.Activity{PID: c.PID, User: c.User, Database: c.Database, Application: c.Application, Address: c.Address,
			Connected: c.Connected, Changed: c.Changed, Began: c.Began, Opened: c.Opened, State: string(c.State), Text: s.ownText(c)})
	}
	return out
}

// hidden is what PostgreSQL shows of the statements of others.
const hidden = "<insufficient privilege>"

func (s *session) ownText(c pgwire.Client) string {
	if !s.mayEnd(c) {
		return hidden
	}
	return c.Text
}

// mayEnd tells whether a client is of one's own.
func (s *session) mayEnd(c pgwire.Client) bool { return c.User == s.startup.User || s.subject().Super }

// endClient is pg_cancel_backend and pg_terminate_backend. Without such a client there is a warning and false.
func (s *session) endClient(pid int64, connection bool) (bool, error) {
	if s.startup.Clients != nil {
		for _, c := range s.startup.Clients() {
			switch {
			case int64(c.PID) != pid:
			case !s.mayEnd(c):
				return false, sqlerr.New("42501", "permission denied to end the statement of user %q", c.User).
					WithHint("One ends one's own, and an owner those of all.")
			default:
				return s.startup.End(c.PID, connection), nil
			}
		}
	}
	s.warn("01000", "PID %d is not a PostgreSQL server process", pid)
	return false, nil
}
