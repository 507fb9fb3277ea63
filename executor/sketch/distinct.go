package sketch

import "github.com/axiomhq/hyperloglog"

// Distinct estimates how many different values there are: a HyperLogLog of 2^14 registers, whose standard error
// is 0.8 %. Of few values it keeps their hashes, of which it counts each, and is then all but exact.
//
// Its bytes are those of the library, which are of the values alone once it has been asked for an estimate: then the
// hashes are in order, and become registers where they take more bytes than these.
type Distinct struct{ s *hyperloglog.Sketch }

const precision = 14

// Load implements Sketch.
func (d *Distinct) Load(b []byte) (err error) {
	if d.s, err = hyperloglog.NewSketch(precision, true); err != nil || len(b) == 0 {
		return err
	}
	if b, err = body(b); err != nil {
		return err
	}
	return d.s.UnmarshalBinary(b)
}

// Add takes in a value, as bytes that are the same for equal ones.
func (d *Distinct) Add(value []byte) { d.s.Insert(value) }

// Merge implements Sketch.
func (d *Distinct) Merge(b []byte) error {
	other := &Distinct{}
	if err := other.Load(b); err != nil {
		return err
	}
	return d.s.Merge(other.s)
}

// Append implements Sketch.
func (d *Distinct) Append(dst []byte) []byte {
	d.s.Estimate()
	out, err := d.s.AppendBinary(append(dst, version))
	if err != nil { // of a precision that is none
		return dst
	}
	return out
}

// Estimate is about how many different values there were.
func (d *Distinct) Estimate() int64 { return int64(d.s.Estimate()) }
