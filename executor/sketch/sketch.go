// Package sketch estimates how many different values there are, and below which number a part of them is, from
// a few kilobytes. What a sketch writes depends on the values it has seen, and neither on their order nor on
// how they were put together. It is the door to the libraries of sketches.
package sketch

import "errors"

// version is the first byte of what a sketch writes; what is of another is refused.
const version = 1

var errDamaged = errors.New("these bytes are no sketch")

// Sketch is one estimate at a time. It begins with Load.
type Sketch interface {
	// Load takes up what Append wrote; of no bytes it is a sketch of no values.
	Load(b []byte) error
	// Merge takes in the values of what another of the kind wrote.
	Merge(b []byte) error
	// Append writes it, never as no bytes.
	Append(dst []byte) []byte
}

// body is what stands behind the version.
func body(b []byte) ([]byte, error) {
	if b[0] != version {
		return nil, errDamaged
	}
	return b[1:], nil
}
