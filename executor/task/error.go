package task

import (
	"fmt"

	"slipway/checkpoint"
)

// Error is a failure of a task.
type Error struct {
	ID checkpoint.TaskID
	// Panicked: it is a fault of the program.
	Panicked bool
	Err      error
}

func (e *Error) Error() string {
	if e.Panicked {
		return fmt.Sprintf("stage %d task %d %v", e.ID.Stage, e.ID.Subtask, e.Err)
	}
	return fmt.Sprintf("stage %d task %d: %v", e.ID.Stage, e.ID.Subtask, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }
