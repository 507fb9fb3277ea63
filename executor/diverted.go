package executor

import (
	"strings"

	"slipway/executor/column"
	"slipway/sql/plan"
)

// Diverted takes the records that a source refuses, as rows of plan.DivertedColumns. They are of the
// same checkpoint as the rows in front of them.
type Diverted struct {
	batch *column.Batch
	out   Output
}

// NewDiverted makes one that fills batches for out.
func NewDiverted(out Output) *Diverted {
	return &Diverted{batch: column.NewBatch(plan.DivertedColumns()), out: out}
}

// Waits tells that there are rows that have not left.
func (d *Diverted) Waits() bool { return d != nil && d.batch.Rows > 0 }

// Record adds a record; key and value are lent until it returns.
func (d *Diverted) Record(topic string, partition int32, offset int64, key, value []byte, reason string) error {
	c := d.batch.Cols
	appendBytes(c[plan.DivertedKey], c[plan.DivertedKeyText], key)
	appendBytes(c[plan.DivertedValue], c[plan.DivertedValueText], value)
	c[plan.DivertedTopic].AppendBytes([]byte(topic))
	c[plan.DivertedPartition].AppendInt(int64(partition))
	c[plan.DivertedOffset].AppendInt(offset)
	c[plan.DivertedReason].AppendBytes([]byte(reason))
	return d.added()
}

func (d *Diverted) added() error {
	if d.batch.Rows++; d.batch.Rows >= column.BatchRows {
		return d.Flush()
	}
	return nil
}

// Row adds a row that cannot be computed, as JSON: it has no key and no place.
func (d *Diverted) Row(row []byte, reason string) error {
	c := d.batch.Cols
	for _, i := range []int{plan.DivertedKey, plan.DivertedKeyText, plan.DivertedTopic, plan.DivertedPartition, plan.DivertedOffset} {
		c[i].AppendNull()
	}
	appendBytes(c[plan.DivertedValue], c[plan.DivertedValueText], row)
	c[plan.DivertedReason].AppendBytes([]byte(reason))
	return d.added()
}

func appendBytes(raw, text *column.Vector, b []byte) {
	if b == nil {
		raw.AppendNull()
		text.AppendNull()
		return
	}
	raw.AppendBytes(b)
	text.AppendBytes([]byte(strings.ToValidUTF8(string(b), "\uFFFD")))
}

// Flush gives what waits.
func (d *Diverted) Flush() error {
	if !d.Waits() {
		return nil
	}
	err := d.out.Emit(d.batch)
	d.batch.Reset()
	return err
}
