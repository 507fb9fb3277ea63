package doctor

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

const machineFile = "machine.txt"

// Machine notes where the bundle was made, which need not be where the server runs.
func (b *Bundle) Machine(version string) {
	var s strings.Builder
	fmt.Fprintf(&s, "%s\n%d processors\n", version, runtime.NumCPU())
	for _, path := range []string{"/proc/loadavg", "/proc/version", "/proc/meminfo", "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/cpu.max"} {
		if text, err := os.ReadFile(path); err == nil {
			fmt.Fprintf(&s, "\n%s\n%s", path, text)
		}
	}
	b.text(machineFile, "the machine on which this was made", []byte(s.String()), nil)
}
