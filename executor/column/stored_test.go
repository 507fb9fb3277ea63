package column

import (
	"fmt"
	"testing"

	"slipway/sql/types"
)

// TestStoredHashes pins the hash of every representation: rows are found in checkpoints, and
// belong to tasks, by it.
func TestStoredHashes(t *testing.T) {
	one := func(typ types.Type, set func(*Vector)) *Batch {
		b := NewBatch(types.Schema{{Name: "k", Type: typ}})
		set(b.Cols[0])
		b.Rows = 1
		return b
	}
	null := func(v *Vector) { v.AppendNull() }
	hash := func(b *Batch, keys ...int) string { return fmt.Sprintf("%016x", HashColumns(nil, b, keys)[0]) }
	big, text := types.Of(types.BigInt), types.Of(types.String)
	for _, c := range []struct{ what, got, want string }{
		{"no key", hash(one(big, null)), "243f6a8885a308d3"},
		{"NULL", hash(one(big, null), 0), "a0761d6478bd642f"},
		{"BIGINT", hash(one(big, func(v *Vector) { v.AppendInt(-7) }), 0), "0106bb070f530c07"},
		{"DOUBLE", hash(one(types.Of(types.Double), func(v *Vector) { v.Floats = append(v.Floats, 1.5) }), 0), "76a0bfbffaf392ca"},
		{"BOOLEAN", hash(one(types.Of(types.Boolean), func(v *Vector) { v.Bools = append(v.Bools, true) }), 0), "dcd0f63f633c58e1"},
		{"DECIMAL(30,4)", hash(one(types.NewDecimal(30, 4), func(v *Vector) { v.Wides = append(v.Wides, FromInt64(15)) }), 0), "a514679f9eafe461"},
		{"INTERVAL", hash(one(types.Of(types.Interval), func(v *Vector) { v.Wides = append(v.Wides, Int128{Hi: 30 * Day, Lo: 1 << 32}) }), 0), "5117203e4510f9fa"},
		{"INTERVAL of equal length", hash(one(types.Of(types.Interval), func(v *Vector) { v.Wides = append(v.Wides, Int128{Hi: 30 * Day, Lo: 30}) }), 0), "5117203e4510f9fa"},
		{"STRING", hash(one(text, func(v *Vector) { v.AppendBytes([]byte("a longer text")) }), 0), "eaa127e4f36f704e"},
		{"empty STRING", hash(one(text, func(v *Vector) { v.AppendBytes(nil) }), 0), "30fef985d3dd8d56"},
		{"twice", hash(one(big, func(v *Vector) { v.AppendInt(1) }), 0, 0), "677776d153992e5d"},
	} {
		if c.got != c.want {
			t.Errorf("the hash of %s is %s, checkpoints say %s", c.what, c.got, c.want)
		}
	}
}
