package jobs

import (
	"context"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/ha"
	"slipway/sql/sqlerr"
)

// Backend is where a job's checkpoints are: task state in Storage, what is complete in
// Metadata.
type Backend struct {
	Storage  checkpoint.Storage
	Metadata checkpoint.MetadataStore
}

// Backends are those that this server has, by the names of morphling.checkpoint.backend.
// Jobs of all kinds run side by side.
type Backends struct {
	ByName  map[string]Backend
	Default string
}

// Of gives a job's backend.
func (b Backends) Of(j *ha.Job) (Backend, error) {
	v, err := Settings(j)
	if err != nil {
		return Backend{}, permanent(err)
	}
	return b.For(v)
}

// For gives the backend that a job's settings name.
func (b Backends) For(v *conf.Values) (Backend, error) {
	name := b.Name(v)
	found, ok := b.ByName[name]
	if !ok {
		return Backend{}, permanent(sqlerr.New(sqlerr.InvalidParameter, "%q=%q: this server has no such backend", conf.CheckpointBackend.Name(), name).
			WithHint("It has %s.", b.names()))
	}
	return found, nil
}

// Name is the name of the backend that a job's settings name.
func (b Backends) Name(v *conf.Values) string {
	if conf.CheckpointBackend.IsSet(v) {
		return conf.CheckpointBackend.Get(v)
	}
	return b.Default
}

func (b Backends) names() string {
	out := ""
	for _, n := range []string{"local", "zookeeper", "kafka"} {
		if _, ok := b.ByName[n]; ok {
			if out != "" {
				out += ", "
			}
			out += n
		}
	}
	return out
}

// Metadata is what ha.Options wants.
func (b Backends) Metadata(j *ha.Job) (checkpoint.MetadataStore, error) {
	found, err := b.Of(j)
	return found.Metadata, err
}

// Backend names the backend of a job's settings, also if this server does not have it, which
// is an error.
func (r *Runner) Backend(v *conf.Values) (string, error) {
	_, err := r.Backends.For(v)
	return r.Backends.Name(v), err
}

// Checkpoints are those that a job's backend holds, newest first.
func (r *Runner) Checkpoints(ctx context.Context, j *ha.Job) ([]*checkpoint.Manifest, error) {
	backend, err := r.Backends.Of(j)
	if err != nil {
		return nil, err
	}
	return backend.Metadata.Peek(ctx, j.ID)
}
