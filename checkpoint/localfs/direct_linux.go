package localfs

import (
	"errors"
	"os"
	"syscall"
)

// setDirect turns writing past the page cache on or off.
func setDirect(f *os.File, on bool) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed syscall.Errno
	err = conn.Control(func(fd uintptr) {
		flags, _, e := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_GETFL, 0)
		if failed = e; e != 0 {
			return
		}
		if flags &^= syscall.O_DIRECT; on {
			flags |= syscall.O_DIRECT
		}
		_, _, failed = syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_SETFL, flags)
	})
	if err == nil && failed != 0 {
		err = failed
	}
	return err
}

// notAligned is what a file system says that wants other multiples, or cannot write so at all.
func notAligned(err error) bool { return errors.Is(err, syscall.EINVAL) }
