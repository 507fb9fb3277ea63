package node

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
)

// TestUntouchedMemory: garbage may come together although hardly anything is alive, and that costs no memory. It runs in a
// process of its own: memory that other tests have used is cleared before it is given out again, which touches it.
func TestUntouchedMemory(t *testing.T) {
	const own = "SLIPWAY_TEST_UNTOUCHED"
	if os.Getenv(own) == "" {
		alone := exec.Command(os.Args[0], "-test.run=^TestUntouchedMemory$", "-test.v")
		alone.Env = append(os.Environ(), own+"=1")
		if out, err := alone.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	garbage = nil
	for range 8 { // where it lies, the allocator clears what comes there next
		garbage = append(garbage, make([]byte, untouchedBytes/8-1))
	}
	garbage = nil
	debug.FreeOSMemory()
	before := resident(t)
	newBudget(0)
	runtime.GC()
	if after := resident(t); after-before > untouchedBytes/4 {
		t.Errorf("%d bytes more are resident", after-before)
	}
	goal := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	if metrics.Read(goal); goal[0].Value.Uint64() < 2*untouchedBytes {
		t.Errorf("it is collected at %d bytes", goal[0].Value.Uint64())
	}
	defer func(reserve func() []byte) { untouched = reserve }(untouched)
	untouched = func() []byte {
		t.Error("it takes part of a limit")
		return nil
	}
	t.Setenv("GOMEMLIMIT", "1GiB")
	newBudget(0)
}

// garbage is what the process has used and has no more.
var garbage [][]byte

// resident is the memory of this process.
func resident(t *testing.T) int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
