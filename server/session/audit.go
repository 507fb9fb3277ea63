package session

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"slipway/conf"
	"slipway/server/auth"
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// longestAudited is how much of a statement the audit log holds.
const longestAudited = 8192

// audit writes down what a statement changed, or why it did not; of others that they were refused. Rows are not events:
// INSERT … VALUES that was done is left out.
func (s *session) audit(l line, st ast.Statement, err error) {
	if s.Audit == nil {
		return
	}
	e := s.event("statement", auth.Done)
	if err != nil {
		fault := sqlerr.From(err)
		e.Outcome, e.SQLState, e.Message = auth.Failed, string(fault.Code), conf.Redact(fault.Message)
		if refused(err) {
			e.Outcome = auth.Refused
		}
	}
	if e.Outcome != auth.Refused && (!l.changes || err == nil && writesRows(st)) {
		return
	}
	e.Statement, e.Text = st.Tag(), auditedText(st)
	s.Audit.Write(e)
}

func refused(err error) bool {
	return err != nil && sqlerr.From(err).Code == sqlerr.InsufficientPrivilege
}

// event is one of this client's.
func (s *session) event(kind, outcome string) auth.Event {
	id := s.identity()
	return auth.Event{Event: kind, Outcome: outcome, User: id.User, Address: id.Address, Method: id.Method, TLS: id.TLS, PID: s.startup.PID,
		Application: s.variable("application_name"), Database: s.database}
}

func writesRows(st ast.Statement) bool {
	i, ok := st.(*ast.Insert)
	if !ok {
		return false
	}
	_, values := i.Query.(*ast.Values)
	return values
}

// auditedText is a statement in its normal form, in which no password stands, with what looks like a secret hidden. The rows of
// an INSERT are left out.
func auditedText(st ast.Statement) string {
	if writesRows(st) {
		return "INSERT INTO " + st.(*ast.Insert).Table.String() + " VALUES …"
	}
	text := conf.Redact(st.String())
	if len(text) > longestAudited {
		text = strings.ToValidUTF8(text[:longestAudited], "") + "…"
	}
	return text
}

// changing are the words that statements begin with that change what is declared.
var changing = []string{"CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "START", "STOP", "SAVEPOINT", "RESOLVE", "REASSIGN"}

// auditUnreadable writes down that somebody sent what begins like a change and is no statement: of its text, which may hold
// anything, only length, hash and place of the fault.
func (s *session) auditUnreadable(text string, err error) {
	words := strings.Fields(text[:min(len(text), 100)])
	if s.Audit == nil || err == nil || len(words) == 0 || !slices.Contains(changing, strings.ToUpper(words[0])) {
		return
	}
	sum, fault, e := sha256.Sum256([]byte(text)), sqlerr.From(err), s.event("statement", auth.Unreadable)
	e.Length, e.Hash, e.Position, e.SQLState = len(text), hex.EncodeToString(sum[:8]), fault.Position, string(fault.Code)
	s.Audit.Write(e)
}
