package session

import (
	"context"
	"strconv"

	"slipway/conf"
	"slipway/server/pgcatalog/engine"
	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/types"
)

// shown are the tables of the schema slipway whose rows are those of a statement without anything behind it. The file of the
// statement says so.
var shown = map[string]ast.Statement{}

func showsTable(name string, st ast.Statement) struct{} {
	shown[name] = st
	return struct{}{}
}

// ownRows are those of a table of the schema slipway.
func (s *session) ownRows(ctx context.Context, name string) ([][]engine.Value, error) {
	switch name {
	case "jobs":
		return s.ownJobs(), nil
	case "streams":
		return s.ownStreams(), nil
	}
	return s.listed(ctx, shown[name])
}

// listed are the rows of a SHOW statement as values.
func (s *session) listed(ctx context.Context, st ast.Statement) ([][]engine.Value, error) {
	r, err := s.execute(ctx, st, nil)
	if err != nil {
		return nil, err
	}
	t := r.(*table)
	out := make([][]engine.Value, len(t.rows))
	for i, cells := range t.rows {
		out[i] = make([]engine.Value, len(cells))
		for c, cell := range cells {
			out[i][c] = cellValue(cell, t.columns[c])
		}
	}
	return out, nil
}

func cellValue(cell string, c pgwire.Column) engine.Value {
	switch {
	case cell == null:
		return nil
	case c.Name == "open":
		return cell == "true"
	case c.Type.Kind == types.BigInt:
		n, _ := strconv.ParseInt(cell, 10, 64) // itoa wrote it
		return n
	}
	return cell
}

// orNothing is a text as a value, NULL where there is none.
func orNothing(text string) engine.Value {
	if text == "" || text == null {
		return nil
	}
	return text
}

func (s *session) ownJobs() (out [][]engine.Value) {
	for _, j := range s.Jobs.List() {
		out = append(out, []engine.Value{j.Job.Name, j.Job.Database, j.Job.Application, string(j.State), orNothing(at(j.Since)), orNothing(at(j.Job.Created)),
			orNothing(at(j.CheckpointedAt)), orNothing(conf.Redact(j.Job.LastFailure)), orNothing(j.Waits()), j.Job.SQL, textArray(j.Job.Reads), textArray(j.Job.Writes)})
	}
	return out
}

func textArray(list []string) engine.Array {
	out := make(engine.Array, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func (s *session) ownStreams() (out [][]engine.Value) {
	for _, r := range s.Catalog.Snapshot().Relations {
		out = append(out, []engine.Value{r.Name, r.Database, kindName(r), orNothing(connectorName(r)), orNothing(topicOf(r)), orNothing(r.Comment), orNothing(at(r.Created))})
	}
	return out
}

// topicOf is the topic of a stream over Kafka.
func topicOf(r *catalog.Relation) string { return r.Property("topic") }
