package ha

import "errors"

var (
	// ErrExists: the job's name is taken.
	ErrExists = errors.New("ha: job exists already")
	// ErrStopped: the job ended because it was asked to, after its final checkpoint.
	ErrStopped = errors.New("ha: job stopped")
)
