package memory

import (
	"syscall"
	"unsafe"
)

// adviseLargePages: a kernel that knows no large pages refuses, and nothing is lost.
func adviseLargePages(memory []byte) { advise(memory, syscall.MADV_HUGEPAGE) }

// giveBack lets the kernel have pages that hold nothing but zeros; they are such again when they are next read.
func giveBack(memory []byte) { advise(memory, syscall.MADV_DONTNEED) }

// advise tells the kernel of whole pages alone: what lies in the same page before and behind is not ours.
func advise(memory []byte, advice int) {
	page := syscall.Getpagesize()
	from := -int(uintptr(unsafe.Pointer(unsafe.SliceData(memory)))) & (page - 1)
	to := from + (len(memory)-from)&^(page-1)
	syscall.Madvise(memory[from:to], advice)
}
