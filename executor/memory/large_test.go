package memory

import (
	"os"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"unsafe"
)

// TestLargePaged: what is asked for is what it was, whatever its place and size, and the kernel has noted it where that can be seen.
func TestLargePaged(t *testing.T) {
	for _, size := range []int{0, 1, LargeBytes / 8, LargeBytes, LargeBytes/8 + 12_345, 3 * LargeBytes} {
		memory := LargePaged(make([]uint64, size))
		for i := range memory {
			memory[i] = uint64(i)
		}
		for i := range memory {
			if memory[i] != uint64(i) {
				t.Fatalf("of %d numbers, the one at %d is %d", size, i, memory[i])
			}
		}
		if size == 3*LargeBytes && runtime.GOOS == "linux" && !advised(t, uintptr(unsafe.Pointer(&memory[size/2]))) {
			t.Error("the kernel does not know of it")
		}
	}
}

var (
	stretch = regexp.MustCompile(`(?m)^([0-9a-f]+)-([0-9a-f]+) [^V]*?VmFlags:(.*)$`)
	hint    = regexp.MustCompile(`\bhg\b`)
)

// advised tells whether the stretch of memory around a place has the flag hg (proc(5), smaps).
func advised(t *testing.T, at uintptr) bool {
	t.Helper()
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip("what the kernel has noted cannot be read here:", err)
	}
	for _, m := range stretch.FindAllSubmatch(text, -1) {
		from, _ := strconv.ParseUint(string(m[1]), 16, 64)
		to, _ := strconv.ParseUint(string(m[2]), 16, 64)
		if uint64(at) >= from && uint64(at) < to {
			return hint.Match(m[3])
		}
	}
	return false
}
