package records

import (
	"encoding/binary"
	"testing"
)

// TestVarint reads all numbers of up to three bytes, whole and cut short, and whatever stands behind.
func TestVarint(t *testing.T) {
	check := func(b []byte) {
		v, n := varint(b)
		if want, length := binary.Varint(b); v != want || n != length {
			t.Fatalf("% x is %d in %d bytes, want %d in %d", b, v, n, want, length)
		}
	}
	check(nil)
	for first := range 256 {
		check([]byte{byte(first)})
		for second := range 256 {
			check([]byte{byte(first), byte(second)})
			for _, third := range []byte{0, 1, 0x7f, 0x80, 0xff} {
				check([]byte{byte(first), byte(second), third})
				check([]byte{byte(first), byte(second), third, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3})
			}
		}
	}
}
