package expr

import (
	"math/rand/v2"

	"slipway/executor/column"
	"slipway/sql/value"
)

// randoms are functions that give another value for every row, from the runtime's generator: ChaCha8, seeded by the
// operating system.
var randoms = map[string]kernel{
	"random_number": func(_ []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Floats[i] = rand.Float64()
		return true, nil
	},
	"random_uuid": func(_ []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Wides[i] = randomUUID()
		return true, nil
	},
	"random_uuid_text": func(_ []*column.Vector, out *column.Vector, i int) (bool, error) {
		var text [36]byte
		out.SetBytes(i, value.AppendUUID(text[:0], randomUUID()))
		return true, nil
	},
}

// randomUUID is one of version 4, by RFC 9562.
func randomUUID() value.Int128 {
	var b [16]byte
	for i := 0; i < len(b); i += 8 {
		for n, bits := 0, rand.Uint64(); n < 8; n++ {
			b[i+n] = byte(bits >> (8 * n))
		}
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return value.UUIDOf(b[:])
}
