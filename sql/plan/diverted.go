package plan

import "slipway/sql/types"

// The columns of a record that a format refuses, as its source gives it to a Diverted edge: its
// bytes, the same as text (what is no UTF-8 replaced), its place, and the reason.
const (
	DivertedKey = iota
	DivertedKeyText
	DivertedValue
	DivertedValueText
	DivertedTopic
	DivertedPartition
	DivertedOffset
	DivertedReason
)

// DivertedColumns are the columns that a Diverted edge carries.
func DivertedColumns() types.Schema {
	bytes, text := types.Of(types.Binary), types.Of(types.String)
	return types.Schema{{Name: "key", Type: bytes}, {Name: "key_text", Type: text}, {Name: "value", Type: bytes}, {Name: "value_text", Type: text},
		{Name: "topic", Type: text}, {Name: "partition", Type: types.Of(types.Int)}, {Name: "offset", Type: types.Of(types.BigInt)}, {Name: "reason", Type: text}}
}

// Carried is the columns that go over an edge.
func (f *Dataflow) Carried(e Edge) types.Schema {
	if e.Diverted {
		return DivertedColumns()
	}
	if s := f.Stages[e.To].Sink; e.Late && s != nil {
		return s.Schema
	}
	return f.Leaving(e.From)
}
