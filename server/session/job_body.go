package session

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// doubleQuoted gives the strings of a quoted job body that are written "…". They are strings as in Hive; who comes from
// PostgreSQL means a name.
func doubleQuoted(d *ast.CreateJob) (out []*ast.Literal) {
	if !d.Quoted {
		return nil
	}
	text := d.Origin()
	for _, i := range d.Inserts {
		ast.Walk(i, func(n ast.Node) bool {
			if l, ok := n.(*ast.Literal); ok && l.Kind == ast.StringLiteral && text.ByteAt(l.Pos) == '"' {
				out = append(out, l)
			}
			return true
		})
	}
	return out
}

// meantName adds to an error about such a string how a name is written there.
func meantName(d *ast.CreateJob, err error) error {
	e, ok := err.(*sqlerr.Error)
	if !ok || e.Hint != "" {
		return err
	}
	for _, l := range doubleQuoted(d) {
		if l.Pos+1 == e.Position {
			return e.WithHint("Inside a quoted job body \"…\" is a string; quote a name with backticks: `%s`", l.Text)
		}
	}
	return err
}

// noticeQuotedColumns tells of such strings that are the names of columns that the job's streams have.
func (s *session) noticeQuotedColumns(d *ast.CreateJob, flow *plan.Dataflow) {
	said := map[string]bool{}
	for _, l := range doubleQuoted(d) {
		for _, name := range flow.Reads {
			r := s.Catalog.Snapshot().Relations[name]
			if r == nil || said[l.Text] {
				continue
			}
			for _, c := range r.Columns {
				if strings.EqualFold(c.Name, l.Text) && !said[l.Text] {
					said[l.Text] = true
					s.notice("\"%s\" is a string inside a quoted job body; the column of %s is `%s`", l.Text, name, c.Name)
				}
			}
		}
	}
}
