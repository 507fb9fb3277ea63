package format

import (
	"slices"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// JSON is text: bytes that are none would not come back.

// textColumns are columns with BINARY values that are written as JSON, alone or within others.
type textColumns struct {
	at    []int
	names []string
}

// textOnly finds them among the columns whose type is written as JSON.
func textOnly(declared types.Schema, asJSON func(types.Type) bool) (out textColumns) {
	for i, c := range declared {
		if asJSON(c.Type) && hasBytes(c.Type) {
			out.at, out.names = append(out.at, i), append(out.names, c.Name)
		}
	}
	return out
}

func hasBytes(t types.Type) bool {
	return t.Kind == types.Binary || slices.ContainsFunc(t.Fields(), func(f types.Field) bool { return hasBytes(f.Type) })
}

// check refuses rows with bytes that are no text.
func (c textColumns) check(b *column.Batch) error {
	for n, at := range c.at {
		v, text := b.Cols[at], true
		b.Each(func(i int) { text = text && isText(v, i) })
		if !text {
			return sqlerr.New(sqlerr.InvalidCharacter, "column %s: a BINARY value is no text of UTF-8, and JSON holds only text", c.names[n]).
				WithHint("A BINARY column of its own keeps all bytes in the formats raw and delimited; TO_BASE64 makes text of them.")
		}
	}
	return nil
}

// isText tells whether all bytes within row i of v are text.
func isText(v *column.Vector, i int) bool {
	switch {
	case v.Null(i):
		return true
	case v.Type.Kind == types.Binary:
		return utf8.Valid(v.Bytes(i))
	}
	from, to := i, i+1
	if w := v.Type.Kind; w == types.Array || w == types.Map {
		from, to = int(v.Views[i].Off), int(v.Views[i].Off+v.Views[i].Len)
	}
	for _, kid := range v.Kids {
		if !hasBytes(kid.Type) {
			continue
		}
		for e := from; e < to; e++ {
			if !isText(kid, e) {
				return false
			}
		}
	}
	return true
}
