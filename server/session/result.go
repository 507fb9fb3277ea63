package session

import (
	"context"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"slipway/server/pgwire"
	"slipway/sql/types"
)

// command is a result without rows.
type command string

func (command) Columns() []pgwire.Column { return nil }

func (command) CopyOut() *pgwire.CopyForm { return nil }

func (command) Paged() {}

func (command) Ready() bool { return true }

func (command) Next(context.Context) (pgwire.Row, error) { return nil, io.EOF }

func (c command) Tag() string { return string(c) }

func (command) Close() {}

// table is a result that is there at once.
type table struct {
	columns []pgwire.Column
	rows    [][]string
	tag     string
	next    int
}

// null is a cell without a value.
const null = "\x00"

// textColumns are columns of text; "name:bigint", ":timestamp", ":double" and ":boolean" are others. None of none.
func textColumns(names ...string) (out []pgwire.Column) {
	for _, n := range names {
		name, kind, _ := strings.Cut(n, ":")
		typ := types.Of(types.String)
		switch kind {
		case "bigint":
			typ = types.Of(types.BigInt)
		case "timestamp":
			typ = types.NewTimestamp(3)
		case "double":
			typ = types.Of(types.Double)
		case "boolean":
			typ = types.Of(types.Boolean)
		}
		out = append(out, pgwire.Column{Name: name, Type: typ})
	}
	return out
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) Columns() []pgwire.Column { return t.columns }

func (t *table) CopyOut() *pgwire.CopyForm { return nil }

func (t *table) Paged() {}

func (t *table) Ready() bool { return true }

func (t *table) Tag() string { return t.tag }

func (t *table) Close() {}

// Next implements pgwire.Result. The table is its own row.
func (t *table) Next(context.Context) (pgwire.Row, error) {
	if t.next == len(t.rows) {
		return nil, io.EOF
	}
	t.next++
	return t, nil
}

// AppendText implements pgwire.Row.
func (t *table) AppendText(dst []byte, i int) ([]byte, bool) {
	cell := t.rows[t.next-1][i]
	if cell == null {
		return dst, true
	}
	return append(dst, cell...), false
}

// AppendBinary implements pgwire.Row.
func (t *table) AppendBinary(dst []byte, i int) ([]byte, bool, error) {
	cell := t.rows[t.next-1][i]
	if cell == null {
		return dst, true, nil
	}
	out, err := pgwire.AppendBinary(dst, cell, t.columns[i].Type.OID())
	return out, false, err
}

// truth is a boolean in PostgreSQL's text form.
func truth(b bool) string {
	if b {
		return "t"
	}
	return "f"
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func at(t time.Time) string {
	if t.IsZero() {
		return null
	}
	return t.UTC().Format("2006-01-02 15:04:05.000")
}

func orNull(s string) string {
	if s == "" {
		return null
	}
	return s
}

// like makes a matcher of a LIKE pattern; * is taken as % (Hive).
func like(pattern *string) func(string) bool {
	if pattern == nil {
		return func(string) bool { return true }
	}
	p := strings.NewReplacer("%", ".*", "*", ".*", "_", ".").Replace(regexp.QuoteMeta(strings.ReplaceAll(*pattern, "*", "%")))
	re, err := regexp.Compile("(?i)^" + p + "$")
	if err != nil {
		return func(string) bool { return false }
	}
	return re.MatchString
}

// plural gives the form of a word for a number of things.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
