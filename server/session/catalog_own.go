package session

import (
	"context"
	"math"
	"strconv"

	"slipway/conf"
	"slipway/executor/job"
	"slipway/server/pgcatalog/engine"
	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
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
	case "stages":
		return s.ownStages(), nil
	case "edges":
		return s.ownEdges(), nil
	case "properties":
		return s.ownProperties(), nil
	case "settings":
		return s.ownSettings(), nil
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
	case c.Type.Kind == types.Double:
		f, _ := strconv.ParseFloat(cell, 64) // decimal wrote it
		return f
	case c.Type.Kind == types.Boolean:
		return cell == truth(true)
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
		row := []engine.Value{j.Job.Name, j.Job.Database, j.Job.Application, string(j.State), orNothing(at(j.Since)), orNothing(at(j.Job.Created)),
			orNothing(at(j.CheckpointedAt)), orNothing(conf.Redact(j.Job.LastFailure)), orNothing(j.Waits()), j.Job.SQL, textArray(j.Job.Reads), textArray(j.Job.Writes),
			j.Job.ID, j.Job.FullName()}
		figures := make([]engine.Value, 12)
		if f, runs := s.Runner.Status(j.Job.ID); runs {
			figures = jobFigures(f)
		}
		expired, failed := s.Runner.History(j.Job.ID).Counts()
		row = append(append(row, figures...), j.Job.Restarts, orNothing(at(j.Job.FailedAt)), orNothing(conf.Redact(j.Job.LastHint)), numberOrNothing(int64(j.LastCheckpoint)), expired, failed)
		out = append(out, append(row, orNothing(j.Job.Group)))
	}
	return out
}

// numberOrNothing is a number as a value, NULL for 0.
func numberOrNothing(n int64) engine.Value {
	if n == 0 {
		return nil
	}
	return n
}

// jobFigures are what a running job counts: the columns of slipway.jobs from tasks to blocked.
func jobFigures(f job.Status) []engine.Value {
	lag, known := int64(0), false
	for _, p := range f.Splits {
		if n, ok := lagOf(p); ok {
			lag, known = lag+n, true
		}
	}
	var behind engine.Value
	if known {
		behind = lag
	}
	busy, blocked := 0.0, 0.0
	for i := range f.Stages {
		busy, blocked = max(busy, f.Stages[i].Shares.Busy), max(blocked, f.Stages[i].Shares.Blocked)
	}
	return []engine.Value{int64(f.Tasks), f.RowsIn, f.RowsOut, rounded(f.InRate, 1), rounded(f.OutRate, 1), f.Late, f.Failed, behind, orNothing(markAt(f.Watermark)), f.StateBytes,
		rounded(busy, 3), rounded(blocked, 3)}
}

// rounded is a number with so many digits behind the point.
func rounded(f float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(f*scale) / scale
}

func (s *session) ownStages() (out [][]engine.Value) {
	for _, j := range s.Jobs.List() {
		f, runs := s.Runner.Status(j.Job.ID)
		if !runs || f.Flow == nil {
			continue
		}
		limits := job.Limits(f.Flow, f.Stages)
		for i := range f.Stages {
			x := &f.Stages[i]
			row := []engine.Value{j.Job.FullName(), int64(i), f.Flow.Stages[i].Name, int64(x.Tasks), x.In(), x.Out, rounded(x.InRate(), 1), rounded(x.OutRate, 1)}
			for _, share := range []float64{x.Shares.Busy, x.Shares.Blocked, x.Shares.Idle} {
				row = append(row, rounded(share, 3))
			}
			out = append(out, append(row, orNothing(markAt(x.Watermark)), limits[i]))
		}
	}
	return out
}

func (s *session) ownEdges() (out [][]engine.Value) {
	for _, j := range s.Jobs.List() {
		f, runs := s.Runner.Status(j.Job.ID)
		if !runs {
			var err error
			if f.Flow, _, err = s.Runner.Compile(&j.Job); err != nil {
				continue // slipway.operators says so
			}
		}
		if f.Flow == nil {
			continue
		}
		for _, e := range f.Flow.Edges {
			out = append(out, []engine.Value{j.Job.FullName(), int64(e.From), int64(e.To), int64(e.Port), e.By.String(), textArray(keyNames(f.Flow, e)), carries(e)})
		}
	}
	return out
}

func keyNames(f *plan.Dataflow, e plan.Edge) (out []string) {
	schema := f.Carried(e)
	for _, k := range e.Keys {
		out = append(out, schema[k].Name)
	}
	return out
}

// carries says what moves on an edge.
func carries(e plan.Edge) string {
	switch {
	case e.Diverted:
		return "refused"
	case e.Late:
		return "late"
	}
	return "rows"
}

func (s *session) ownProperties() (out [][]engine.Value) {
	for _, j := range s.Jobs.List() {
		t := &table{}
		if err := s.addProperties(&j.Job, t); err != nil {
			continue // SHOW PROPERTIES of it says so
		}
		for _, r := range t.rows {
			out = append(out, []engine.Value{j.Job.FullName(), r[0], orNothing(r[1]), r[2], r[3]})
		}
	}
	return out
}

// ownSettings are those of the server, and of this session.
func (s *session) ownSettings() (out [][]engine.Value) {
	for _, c := range conf.All() {
		values := s.Server
		if c.Level == conf.Session {
			values = s.settings
		}
		if c.Ignored || c.Level != conf.Server && c.Level != conf.Session {
			continue
		}
		value := values.Text(c.Key)
		if c.Secret && value != "" {
			value = conf.Hidden
		}
		out = append(out, []engine.Value{c.Key, orNothing(conf.Redact(value)), values.Source(c.Key), orNothing(c.Default), c.Text})
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
