package process

import (
	"os/exec"
	"runtime"
	"syscall"
)

// StartChild starts a command that the system kills when this process ends, however it ends.
// wait is its Wait, to be called once. The system's signal hangs on the thread that started the
// child, not on the process, so that thread is kept until then.
func StartChild(cmd *exec.Cmd) (wait func() error, err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started, ended := make(chan error), make(chan struct{})
	go func() { // ends with the child
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			<-ended
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return func() error {
		defer close(ended)
		return cmd.Wait()
	}, nil
}
