package kafkaio

import (
	"strings"

	"slipway/kafkaio/records"
	"slipway/sql/plan"
)

// sayOrigin fills the columns of rows that say of which record they are, from a row on.
func (s *source) sayOrigin(r *records.Record, partition int32, from int) {
	for c, v := range s.origin {
		for i := from; i < s.rows.Len(); i++ {
			text, null := []byte(nil), false
			switch s.plan.Origin[c] {
			case plan.DivertedPartition:
				v.Ints[i] = int64(partition)
				continue
			case plan.DivertedOffset:
				v.Ints[i] = r.Offset
				continue
			case plan.DivertedTopic:
				text = []byte(s.topic)
			case plan.DivertedKey, plan.DivertedKeyText:
				text, null = r.Key, r.Key == nil
			case plan.DivertedValue, plan.DivertedValueText:
				text, null = r.Value, r.Value == nil
			}
			if null {
				v.SetNull(i)
			}
			v.SetBytes(i, shownBytes(text, s.plan.Origin[c]))
		}
	}
}

// shownBytes are those of a record, or their text, in which what is no UTF-8 is replaced.
func shownBytes(b []byte, column int) []byte {
	if column == plan.DivertedKeyText || column == plan.DivertedValueText {
		return []byte(strings.ToValidUTF8(string(b), "\uFFFD"))
	}
	return b
}
