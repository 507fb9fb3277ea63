package executor

import "errors"

// permanent is a failure that stays one.
type permanent struct{ error }

func (permanent) Permanent() bool { return true }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks a failure that a restart cannot cure: the job is not started again by
// itself. ha finds the mark by its method.
func Permanent(err error) error { return permanent{err} }

// IsPermanent tells a failure that is so marked.
func IsPermanent(err error) bool {
	_, ok := errors.AsType[permanent](err)
	return ok
}
