package kafkaio

import (
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/kafkaio/client"
	"slipway/kafkaio/records"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// Columns that are taken of a record beside its value (catalog.RecordMetadata).

// readMetadata are the columns of a source's batch that say of its records what is no part of their values.
type readMetadata []metadataColumn

type metadataColumn struct {
	name string
	out  *column.Vector
}

func readsMetadata(p *plan.Source, b *column.Batch) (out readMetadata) {
	for i, m := range p.Metadata {
		out = append(out, metadataColumn{m.Name, b.Cols[len(p.Columns)+i]})
	}
	return out
}

func (m readMetadata) has(name string) bool {
	return slices.ContainsFunc(m, func(c metadataColumn) bool { return c.name == name })
}

// fill sets the columns of the rows that a record gave, from a row on.
func (m readMetadata) fill(s *source, r *records.Record, partition int32, from int) {
	for _, c := range m {
		for i := from; i < s.rows.Len(); i++ {
			c.set(s, r, partition, i)
		}
	}
}

func (c metadataColumn) set(s *source, r *records.Record, partition int32, i int) {
	c.out.SetPresent(i) // a record before it that was refused may have left the row NULL
	switch c.name {
	case catalog.TopicMetadata:
		c.out.SetBytes(i, []byte(s.topic))
	case catalog.PartitionMetadata:
		c.out.Ints[i] = int64(partition)
	case catalog.OffsetMetadata:
		c.out.Ints[i] = r.Offset
	case catalog.TimestampMetadata:
		c.out.Ints[i] = r.Millis * column.Millisecond
	case catalog.TimeTypeMetadata:
		c.out.SetBytes(i, []byte(timeType(r)))
	case catalog.HeadersMetadata:
		c.setHeaders(s.spare, i)
	case catalog.KeyMetadata:
		if r.Key == nil {
			c.out.SetNull(i)
		}
		c.setBytes(c.out, i, r.Key)
	}
}

// timeType says, in Kafka's own words, who gave a record its time.
func timeType(r *records.Record) string {
	if r.AppendTime {
		return "LogAppendTime"
	}
	return "CreateTime"
}

// setBytes: a text is valid UTF-8, whatever the record holds.
func (metadataColumn) setBytes(v *column.Vector, i int, b []byte) {
	if v.Type.IsText() {
		b = shownBytes(b, plan.DivertedKeyText)
	}
	v.SetBytes(i, b)
}

// setHeaders: of several headers of one key the last one counts.
func (c metadataColumn) setHeaders(list []records.RecordHeader, i int) {
	keys, values := c.out.Kids[0], c.out.Kids[1]
	off := keys.Len()
	keys.Grow(off + len(list))
	values.Grow(off + len(list))
	for n, h := range list {
		c.setBytes(keys, off+n, []byte(h.Key))
		if h.Value == nil {
			values.SetNull(off + n)
		} else {
			values.SetPresent(off + n)
		}
		c.setBytes(values, off+n, h.Value)
	}
	c.out.SetEntries(i, off, len(list))
}

// writtenMetadata are the last columns of a sink's batch, which say of a record what is no part of its value.
type writtenMetadata struct {
	names []string
	view  column.Batch // the other columns
}

func writesMetadata(p *plan.Sink) writtenMetadata { return writtenMetadata{names: p.Metadata} }

// value gives the columns that make a record's value; it is valid until the next call.
func (w *writtenMetadata) value(b *column.Batch) *column.Batch {
	if len(w.names) == 0 {
		return b
	}
	w.view = *b
	w.view.Cols = b.Cols[:len(b.Cols)-len(w.names)]
	return &w.view
}

// check refuses times that no record can have.
func (w *writtenMetadata) check(b *column.Batch) error {
	at := slices.Index(w.names, catalog.TimestampMetadata)
	if at < 0 {
		return nil
	}
	v, early := b.Cols[len(b.Cols)-len(w.names)+at], false
	b.Each(func(i int) { early = early || !v.Null(i) && v.Ints[i] < 0 })
	if early {
		return executor.Permanent(sqlerr.New(sqlerr.DatetimeOverflow, "the timestamp of a record of %q cannot be before 1970", "kafka"))
	}
	return nil
}

// take gives the record at hand its key and headers, and says of what time it is.
func (w *writtenMetadata) take(s *sink, b *column.Batch, i int) (millis int64) {
	millis = client.Now
	for n, name := range w.names {
		v := b.Cols[len(b.Cols)-len(w.names)+n]
		if v.Null(i) {
			continue
		}
		switch name {
		case catalog.TimestampMetadata:
			millis = v.Ints[i] / column.Millisecond
		case catalog.KeyMetadata:
			s.record.Key = v.Bytes(i)
		case catalog.HeadersMetadata:
			s.headers = appendHeaders(s.headers, v, i)
		}
	}
	return millis
}

func appendHeaders(dst []records.RecordHeader, v *column.Vector, i int) []records.RecordHeader {
	w := v.Views[i]
	for e := int(w.Off); e < int(w.Off+w.Len); e++ {
		h := records.RecordHeader{Key: string(v.Kids[0].Bytes(e))}
		if !v.Kids[1].Null(e) {
			h.Value = append([]byte{}, v.Kids[1].Bytes(e)...)
		}
		dst = append(dst, h)
	}
	return dst
}
