package catalog

import "slipway/sql/types"

// What a record of a log has beside its value, under the names that Flink has for it.
const (
	TopicMetadata     = "topic"
	PartitionMetadata = "partition"
	OffsetMetadata    = "offset"
	TimestampMetadata = "timestamp"
	TimeTypeMetadata  = "timestamp-type"
	HeadersMetadata   = "headers"
	KeyMetadata       = "key"
)

// RecordMetadata is the metadata of such records. The broker decides on what is not writable.
func RecordMetadata() []Metadata {
	text, raw := types.Of(types.String), types.Of(types.Binary)
	return []Metadata{
		{Name: TopicMetadata, Types: []types.Type{text}},
		{Name: PartitionMetadata, Types: []types.Type{types.Of(types.Int), types.Of(types.BigInt)}},
		{Name: OffsetMetadata, Types: []types.Type{types.Of(types.BigInt)}},
		{Name: TimestampMetadata, Types: []types.Type{types.NewTimestamp(3)}, Writable: true},
		{Name: TimeTypeMetadata, Types: []types.Type{text}},
		{Name: HeadersMetadata, Types: []types.Type{types.NewMap(text, raw), types.NewMap(text, text)}, Writable: true},
		{Name: KeyMetadata, Types: []types.Type{raw, text}, Writable: true},
	}
}
