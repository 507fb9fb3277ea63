package node

import "syscall"

// giveBack lets the kernel have pages that hold nothing but zeros, and are such again when they are next read: where the
// heap was used before, the allocator has cleared it, which takes the memory. A kernel that refuses keeps it.
func giveBack(memory []byte) []byte {
	syscall.Madvise(memory, syscall.MADV_DONTNEED)
	return memory
}
