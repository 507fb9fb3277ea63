package column

import "slipway/sql/value"

// nulls are the rows of a type that has no values: there are rows, and nothing in them.
type nulls struct{ bools }

func (nulls) hash([]uint64, *Vector)                          {}
func (nulls) hashAt(*Vector, int) uint64                      { return hashNull }
func (nulls) equal(*Vector, int, *Vector, int) bool           { return true }
func (nulls) compare(*Vector, int, *Vector, int) int          { return 0 }
func (nulls) appendValue(dst []byte, _ *Vector, _ int) []byte { return dst }
func (nulls) readValue(*Vector, []byte) ([]byte, bool)        { return nil, false }
func (nulls) appendKey(dst []byte, _ *Vector, _ int) []byte   { return dst }
func (nulls) readKey(*Vector, []byte, byte) ([]byte, bool)    { return nil, false }
func (nulls) scalar(*Vector, int) value.Scalar                { return value.Scalar{} }
func (nulls) setScalar(*Vector, int, value.Scalar)            {}

// readFrame takes no row for one that is present.
func (r nulls) readFrame(v *Vector, rows int, src []byte) (rest []byte, ok bool) {
	rest, ok = r.bools.readFrame(v, rows, src)
	for i := 0; ok && i < rows; i++ {
		v.SetNull(i)
	}
	return rest, ok
}

func (nulls) words() WordCodec {
	return WordCodec{
		N: 1, Put: func([]uint64, *Vector, int) {}, PutKey: func([]uint64, *Vector, int) {},
		Same: func([]uint64, *Vector, int) bool { return true }, SameKey: func([]uint64, *Vector, int) bool { return true },
		Compare: func([]uint64, *Vector, int) int { return 0 },
		Order:   func(_, _ []uint64) int { return 0 },
		Append:  func(v *Vector, _ []uint64) { v.AppendNull() },
	}
}
