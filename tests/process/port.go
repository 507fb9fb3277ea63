package process

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Ports for servers lie below those that the system gives to outgoing connections
// (32768 and up on Linux, 49152 and up elsewhere), so that no connection of a test can take one
// before the server has bound it.
const (
	firstPort = 20000
	portCount = 12000
)

// FreePort gives a loopback port that nobody else is given until this process ends: not
// by the system, and not by another test process, since a locked file stands for each.
func FreePort(t testing.TB) int {
	t.Helper()
	if err := os.MkdirAll(portFolder, 0o755); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		port := firstPort + rand.IntN(portCount)
		if reserved(portFile(port)) && bindable(port) {
			return port
		}
	}
	t.Fatalf("no free port between %d and %d", firstPort, firstPort+portCount)
	return 0
}

var portFolder = filepath.Join(os.TempDir(), "slipway-test-ports")

func portFile(port int) string { return filepath.Join(portFolder, fmt.Sprint(port)) }

// reserved locks the file for as long as the process lives; the system unlocks it then,
// however the process ends. The descriptor is not passed on to children (O_CLOEXEC).
func reserved(path string) bool {
	fd, err := syscall.Open(path, syscall.O_CREAT|syscall.O_RDWR|syscall.O_CLOEXEC, 0o644)
	if err != nil {
		return false
	}
	if err := syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		syscall.Close(fd)
		return false
	}
	return true
}

func bindable(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}
