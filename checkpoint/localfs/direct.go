package localfs

import (
	"os"
	"sync"
	"unsafe"
)

// Blocks that a file is written by past the page cache: their places, lengths and memory are multiples of
// blockSize, as O_DIRECT asks on all disks of today.
const (
	blockSize  = 4 << 10
	bufferSize = 1 << 20
)

// buffers are of bufferSize, at a multiple of blockSize.
var buffers = sync.Pool{New: func() any {
	memory := make([]byte, bufferSize+blockSize)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(memory)))) & (blockSize - 1)
	buffer := memory[skip:][:bufferSize:bufferSize]
	return &buffer
}}

// writer gathers what is written. Whole buffers go to the disk without being copied into the page cache, where
// the file system can do that: nobody reads a state file soon, and Close waits for the disk anyway.
type writer struct {
	f      *os.File
	buffer *[]byte
	filled int
	direct mode
	err    error
}

// mode is how a file is written.
type mode uint8

const (
	untried mode = iota
	past         // the page cache
	through      // the page cache
)

func newWriter(f *os.File) *writer { return &writer{f: f, buffer: buffers.Get().(*[]byte)} }

// Write implements io.Writer.
func (w *writer) Write(p []byte) (n int, err error) {
	for w.err == nil && n < len(p) {
		m := copy((*w.buffer)[w.filled:], p[n:])
		w.filled, n = w.filled+m, n+m
		if w.filled == bufferSize {
			w.err = w.empty()
		}
	}
	return n, w.err
}

// empty writes a full buffer.
func (w *writer) empty() error {
	w.filled = 0
	if w.direct == untried {
		if w.direct = through; setDirect(w.f, true) == nil {
			w.direct = past
		}
	}
	n, err := w.f.Write(*w.buffer)
	if err == nil || w.direct != past || !notAligned(err) {
		return err
	}
	if err := w.goThrough(); err != nil { // a file system that says so only now
		return err
	}
	_, err = w.f.Write((*w.buffer)[n:])
	return err
}

// Flush writes the rest, and releases the buffer.
func (w *writer) Flush() error {
	if w.err == nil && w.direct == past {
		w.err = w.goThrough()
	}
	if w.err == nil && w.filled > 0 {
		_, w.err = w.f.Write((*w.buffer)[:w.filled])
	}
	w.release()
	return w.err
}

// release gives the buffer back: nothing may be written behind it.
func (w *writer) release() {
	if w.buffer != nil {
		buffers.Put(w.buffer)
		w.buffer = nil
	}
}

func (w *writer) goThrough() error {
	w.direct = through
	return setDirect(w.f, false)
}
