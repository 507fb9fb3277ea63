package state

import (
	"errors"
	"fmt"
	"io"
	"math"

	"slipway/checkpoint"
)

// readAhead reads the sections of a chain one behind the other, the last one first, in blocks,
// while those before are being decoded. close ends it.
type readAhead struct {
	full  chan block
	free  chan []byte
	stop  chan struct{}
	ended chan struct{}
}

// block is bytes of a section, or how it ends: io.EOF when its checksum has been verified.
type block struct {
	bytes []byte
	err   error
}

const (
	blockBytes = 1 << 20
	blocks     = 4
)

func newReadAhead(read SectionReader, chain []checkpoint.Section) *readAhead {
	r := &readAhead{full: make(chan block, blocks), free: make(chan []byte, blocks), stop: make(chan struct{}), ended: make(chan struct{})}
	most := int64(0)
	for _, s := range chain {
		most = max(most, s.Length)
	}
	for range blocks {
		r.free <- make([]byte, min(most+1, blockBytes))
	}
	go r.run(read, chain) // ends behind the first section, or with close
	return r
}

func (r *readAhead) run(read SectionReader, chain []checkpoint.Section) {
	defer close(r.ended)
	for i := len(chain) - 1; i >= 0; i-- {
		in, err := read(chain[i])
		if err == nil {
			err = r.section(in)
			in.Close()
		}
		if !r.send(block{err: err}) || err != io.EOF {
			return
		}
	}
}

// section sends a section's bytes and says how it ended.
func (r *readAhead) section(in io.Reader) error {
	for {
		var b []byte
		select {
		case b = <-r.free:
		case <-r.stop:
			return errStopped
		}
		n, err := 0, error(nil)
		for n < len(b) && err == nil {
			var m int
			m, err = in.Read(b[n:])
			n += m
		}
		if !r.send(block{bytes: b[:n]}) {
			return errStopped
		}
		if err != nil {
			return err
		}
	}
}

var errStopped = errors.New("stopped reading")

func (r *readAhead) send(b block) bool {
	select {
	case r.full <- b:
		return true
	case <-r.stop:
		return false
	}
}

func (r *readAhead) close() {
	close(r.stop)
	<-r.ended
}

// decoder reads one section after the other with bounds: left is what the section can still
// hold, so that a damaged length never asks for more memory than there are bytes.
type decoder struct {
	ahead *readAhead
	block []byte // the part of the block that has not been decoded
	whole []byte // the block
	end   error  // of the section; nil: not yet
	left  int64
	wide  []byte // what lies across blocks
	err   error
}

// begin goes to the next section.
func (d *decoder) begin(length int64) { d.end, d.left = nil, length }

// finish reads to the end of the section, where its checksum is verified.
func (d *decoder) finish() error {
	if d.err == nil && d.fill() {
		d.corrupt("bytes behind the end")
	}
	if d.err == nil && d.end != io.EOF {
		d.err = d.end
	}
	return d.err
}

// fill makes sure that there are bytes; false at the end of the section.
func (d *decoder) fill() bool {
	for len(d.block) == 0 && d.end == nil {
		if d.whole != nil {
			d.ahead.free <- d.whole[:cap(d.whole)]
			d.whole = nil
		}
		b := <-d.ahead.full
		d.block, d.whole, d.end = b.bytes, b.bytes, b.err
	}
	return len(d.block) > 0
}

func (d *decoder) corrupt(what string) {
	if d.err == nil {
		d.err = fmt.Errorf("state section: %s: %w", what, checkpoint.ErrCorrupt)
	}
}

func (d *decoder) short() {
	if d.end == io.EOF {
		d.corrupt("it ends too early")
	} else if d.err == nil {
		d.err = d.end
	}
}

func (d *decoder) count(limit int) int {
	if d.err != nil {
		return 0
	}
	n, shift := uint64(0), 0
	for {
		if len(d.block) == 0 && !d.fill() {
			d.short()
			return 0
		}
		b := d.block[0]
		d.block = d.block[1:]
		d.left--
		n |= uint64(b&0x7F) << shift
		if shift += 7; b < 0x80 {
			break
		}
		if shift > 63 {
			d.corrupt("a count is malformed")
			return 0
		}
	}
	if n > uint64(max(limit, 0)) {
		d.corrupt("a count is out of range")
		return 0
	}
	return int(n)
}

// take gives n bytes, valid until more is read.
func (d *decoder) take(n int) []byte {
	if d.err != nil {
		return nil
	}
	if int64(n) > d.left {
		d.corrupt("a length is out of range")
		return nil
	}
	d.left -= int64(n)
	if n <= len(d.block) {
		b := d.block[:n]
		d.block = d.block[n:]
		return b
	}
	d.wide = d.wide[:0]
	for len(d.wide) < n {
		if !d.fill() {
			d.short()
			return nil
		}
		m := min(n-len(d.wide), len(d.block))
		d.wide = append(d.wide, d.block[:m]...)
		d.block = d.block[m:]
	}
	return d.wide
}

// bytes gives bytes behind their length, valid until more is read.
func (d *decoder) bytes() []byte { return d.take(d.count(math.MaxInt32)) }

func (d *decoder) string() string { return string(d.bytes()) }
