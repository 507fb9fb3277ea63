package doctor

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"slipway/cmd/client"
)

// statements are asked as they are; the tables of the schema slipway come besides, whichever the server has.
var statements = []struct{ name, about, text string }{
	{"sql/version.csv", "what the server says of itself", "SELECT version()"},
	{"sql/settings.csv", "settings of the session", "SHOW ALL"},
	{"sql/streamjobs.csv", "jobs", "SHOW STREAMJOBS"},
	{"sql/columns.csv", "columns of streams, tables and views", "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, ordinal_position"},
	{"sql/activity.csv", "connections and what they run", "SELECT * FROM pg_catalog.pg_stat_activity"},
}

const (
	ownTables   = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'slipway' ORDER BY 1"
	allStreams  = "SELECT database, name, upper(kind) FROM slipway.streams ORDER BY 1, 2"
	allJobs     = "SELECT database, name, 'STREAMJOB' FROM slipway.jobs ORDER BY 1, 2"
	mostCreates = 10_000
)

// SQL collects what the server answers to statements. Without a connection it notes that.
func (b *Bundle) SQL(ctx context.Context, conn *client.Conn, err error) {
	if err != nil {
		b.text("sql/", "what the server answers to statements", nil, err)
		return
	}
	for _, s := range statements {
		data, err := asCSV(ctx, conn, s.text)
		b.text(s.name, s.about, data, err)
	}
	tables, err := rows(ctx, conn, ownTables)
	if err != nil {
		b.text("sql/slipway/", "tables of the schema slipway", nil, err)
	}
	for _, t := range tables {
		if t[0] == "functions" { // the same on every server of a version, but for those that are declared
			continue
		}
		data, err := asCSV(ctx, conn, "SELECT * FROM slipway."+quoted(t[0]))
		b.text("sql/slipway/"+t[0]+".csv", "table slipway."+t[0], data, err)
	}
	b.creates(ctx, conn, "sql/streams.sql", "how streams, tables and views were declared", allStreams)
	b.creates(ctx, conn, "sql/jobs.sql", "how jobs were declared", allJobs)
}

// creates collects the declarations of a list of (database, name, kind).
func (b *Bundle) creates(ctx context.Context, conn *client.Conn, name, about, list string) {
	var out strings.Builder
	objects, err := rows(ctx, conn, list)
	for i, o := range objects {
		if i == mostCreates {
			fmt.Fprintf(&out, "-- %d more\n", len(objects)-i)
			break
		}
		text, failed := rows(ctx, conn, fmt.Sprintf("SHOW CREATE %s %s.%s", o[2], quoted(o[0]), quoted(o[1])))
		if failed != nil {
			fmt.Fprintf(&out, "-- %s.%s: %v\n", o[0], o[1], failed)
			continue
		}
		for _, t := range text {
			fmt.Fprintf(&out, "%s;\n\n", t[len(t)-1])
		}
	}
	b.text(name, about, []byte(out.String()), err)
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// asCSV is the result of a statement with a line of names.
func asCSV(ctx context.Context, conn *client.Conn, text string) ([]byte, error) {
	return collected(ctx, func(ctx context.Context, to io.Writer) error {
		w := csv.NewWriter(to)
		err := conn.Run(ctx, text, &lines{each: w.Write, names: true})
		w.Flush()
		return err
	})
}

// rows are those of a statement as texts.
func rows(ctx context.Context, conn *client.Conn, text string) (out [][]string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = conn.Run(ctx, text, &lines{each: func(row []string) error {
		out = append(out, row)
		return nil
	}})
	return out, err
}

// lines gives each row as texts, the names first if they are wanted.
type lines struct {
	each  func([]string) error
	names bool
}

// Columns implements client.Receiver.
func (l *lines) Columns(columns []client.Column) error {
	if !l.names {
		return nil
	}
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.Name
	}
	return l.each(out)
}

// Row implements client.Receiver.
func (l *lines) Row(row [][]byte) error {
	out := make([]string, len(row))
	for i, v := range row {
		out[i] = string(v)
	}
	return l.each(out)
}

// Done implements client.Receiver.
func (*lines) Done(string) error { return nil }
