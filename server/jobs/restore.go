package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"slipway/checkpoint"
	"slipway/ha"
	"slipway/sql/sqlerr"
)

// candidates decides from which checkpoints an attempt may start, best first; none
// means a fresh start. entries is what the store listed, newest first. What is
// there but cannot be read is passed over only if something sound is behind it:
// records that are all damaged are an error, never a silent fresh start.
func candidates(entries []checkpoint.Entry, from ha.StartFrom) ([]*checkpoint.Manifest, error) {
	switch {
	case from.Fresh:
		return nil, nil
	case from.Checkpoint != 0:
		return one(entries, fmt.Sprintf("checkpoint %d", from.Checkpoint), func(e checkpoint.Entry) bool { return e.ID == from.Checkpoint })
	case from.Savepoint != "":
		return one(entries, fmt.Sprintf("savepoint %q", from.Savepoint), func(e checkpoint.Entry) bool {
			return e.Manifest != nil && e.Manifest.Kind == checkpoint.Savepoint && e.Manifest.Name == from.Savepoint
		})
	}
	var sound []*checkpoint.Manifest
	for _, e := range entries {
		if e.Manifest != nil {
			sound = append(sound, e.Manifest)
		}
	}
	if len(sound) == 0 && len(entries) > 0 {
		return nil, damaged(entries[0].Damaged, "every checkpoint record of the job is damaged")
	}
	return sound, nil
}

func one(entries []checkpoint.Entry, what string, is func(checkpoint.Entry) bool) ([]*checkpoint.Manifest, error) {
	i := slices.IndexFunc(entries, is)
	if i < 0 {
		return nil, permanent(sqlerr.New(sqlerr.UndefinedObject, "%s does not exist", what).WithHint("There are: %s.", names(entries)))
	}
	if entries[i].Damaged != nil {
		return nil, damaged(entries[i].Damaged, what+" is damaged")
	}
	return []*checkpoint.Manifest{entries[i].Manifest}, nil
}

// CheckFrom tells whether what a job shall begin from is there.
func (r *Runner) CheckFrom(ctx context.Context, j *ha.Job, from ha.StartFrom) error {
	held, err := r.held(ctx, j)
	if err != nil {
		return err
	}
	entries := make([]checkpoint.Entry, len(held))
	for i, m := range held {
		entries[i] = checkpoint.Entry{ID: m.Checkpoint, Manifest: m}
	}
	_, err = candidates(entries, from)
	return err
}

// held lists the checkpoints that a start has to choose from: those of the former backend
// while a job that moves has none in the new one.
func (r *Runner) held(ctx context.Context, j *ha.Job) ([]*checkpoint.Manifest, error) {
	backend, err := r.Backends.Of(j)
	if err != nil {
		return nil, err
	}
	held, err := backend.Metadata.Peek(ctx, j.ID)
	if old, ok := r.Backends.ByName[j.MovedFrom]; ok && err == nil && len(held) == 0 {
		held, err = old.Metadata.Peek(ctx, j.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the checkpoints of job %s: %w", j.FullName(), err)
	}
	return held, nil
}

func names(entries []checkpoint.Entry) string {
	var out []string
	for _, e := range entries {
		text := fmt.Sprintf("%d", e.ID)
		if e.Manifest != nil && e.Manifest.Name != "" {
			text += fmt.Sprintf(" (savepoint %q)", e.Manifest.Name)
		}
		out = append(out, text)
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

// orphans decides which files of a job nothing needs: those that no record names.
// With a damaged record nobody can tell, so nothing is swept.
func orphans(files []string, entries []checkpoint.Entry) []string {
	needed := map[string]bool{}
	for _, e := range entries {
		if e.Manifest == nil {
			return nil
		}
		for _, f := range e.Manifest.Files() {
			needed[f] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(files), func(f string) bool { return needed[f] })
}
