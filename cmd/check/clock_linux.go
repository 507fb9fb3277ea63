package check

import "syscall"

// unsynchronized is TIME_ERROR of adjtimex(2).
const unsynchronized = 5

// synchronized asks the kernel; it changes nothing.
func synchronized() bool {
	state, err := syscall.Adjtimex(&syscall.Timex{})
	return err == nil && state != unsynchronized
}
