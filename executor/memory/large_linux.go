package memory

import (
	"syscall"
	"unsafe"
)

// adviseLargePages tells the kernel of whole pages alone: what lies in the same page before and behind is not ours. A kernel that
// knows no large pages refuses, and nothing is lost.
func adviseLargePages(memory []byte) {
	page := syscall.Getpagesize()
	from := -int(uintptr(unsafe.Pointer(unsafe.SliceData(memory)))) & (page - 1)
	to := from + (len(memory)-from)&^(page-1)
	syscall.Madvise(memory[from:to], syscall.MADV_HUGEPAGE)
}
