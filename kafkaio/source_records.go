package kafkaio

import (
	"fmt"
	"strings"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/format"
	"slipway/kafkaio/client"
	"slipway/kafkaio/records"
	"slipway/sql/sqlerr"
)

// From records of an answer to the rows of a batch, by the stream's format.

// take decodes up to a batch of records of one partition.
func (s *source) take() (*column.Batch, error) {
	f := &s.queue[0]
	limit := max(1, min(f.Count, column.BatchRows))
	s.rows.Begin(s.batch, limit)
	more, err := s.decode(f, limit)
	if err != nil {
		return nil, err
	}
	s.rows.End().Split = int(f.Partition)
	if s.arrival != nil {
		now := time.Now().UnixMilli() * column.Millisecond
		for i := range s.arrival.Ints {
			s.arrival.Ints[i] = now
		}
	}
	s.at.Next[f.Partition] = f.Records.Position()
	if s.ends != nil && s.ends.reach(f.Partition, f.Records.Position()) && s.ends.wait == 0 {
		s.fetcher.Stop(f.Partition)
		more = false
	}
	s.note(f.Partition, f.HighWatermark)
	if !more {
		f.Done()
		s.queue = s.queue[1:]
	}
	return s.batch, nil
}

// decode adds records to the batch until it has that many rows; more tells whether the
// answer may hold further ones.
func (s *source) decode(f *client.Fetched, limit int) (more bool, err error) {
	var r records.Record
	bytes := 0
	for more = true; more && s.rows.Len() < limit && bytes < maxBatchBytes; {
		if more, err = f.Records.Next(&r); err != nil {
			return false, fmt.Errorf("reading topic %s partition %d: %w", s.topic, f.Partition, err)
		}
		if !more {
			break
		}
		f.Count--
		if s.ends.behind(f.Partition, r.Offset) {
			continue
		}
		bytes += len(r.Value)
		if err := s.read(&r, f.Partition); err != nil {
			return false, err
		}
	}
	s.env.Counters.BytesIn.Add(int64(bytes))
	return more, nil
}

// read adds the rows of a record, if it can be read or must not be left out.
func (s *source) read(r *records.Record, partition int32) error {
	before := s.rows.Len()
	err := s.give(r, partition)
	switch {
	case err == nil:
		s.sayOrigin(r, partition, before)
		s.metadata.fill(s, r, partition, before)
		if r.Value == nil && s.rows.Len() == before {
			s.env.Counters.Skipped.Add(1)
		}
	case s.onError == "divert" && s.env.Diverted != nil:
		s.env.Counters.Failed.Add(1)
		return s.env.Diverted.Record(s.topic, partition, r.Offset, r.Key, r.Value, sqlerr.From(err).Message)
	case s.onError == "fail":
		return s.blame(err, partition, *r)
	default:
		s.skip(err, partition, *r)
	}
	return nil
}

// give hands a record to the reader of its format.
func (s *source) give(r *records.Record, partition int32) error {
	s.record.Key, s.record.Value, s.record.Time = r.Key, r.Value, r.Millis*column.Millisecond
	s.record.Split, s.record.Position = int64(partition), r.Offset
	if s.headers {
		if err := s.readHeaders(r); err != nil {
			return err
		}
	}
	return s.rows.Read(s.reader, &s.record)
}

func (s *source) readHeaders(r *records.Record) (err error) {
	s.spare, err = r.AppendHeaders(s.spare[:0])
	s.record.Headers = s.record.Headers[:0]
	for _, h := range s.spare {
		s.record.Headers = append(s.record.Headers, format.Header(h))
	}
	return err
}

// skip leaves a record out that cannot be read. Reasons of one kind have the code and the
// column in common.
func (s *source) skip(err error, partition int32, r records.Record) {
	s.env.Counters.Failed.Add(1)
	e := sqlerr.From(err)
	what, _, _ := strings.Cut(e.Message, ":")
	s.env.Dropped.Rows("records that cannot be read are left out (on.error=skip)", string(e.Code)+what, 1,
		"topic", s.topic, "partition", partition, "offset", r.Offset, "reason", shorten(e.Message, maxShown))
}

// maxShown bytes of a record, or of what is said about it, are shown.
const maxShown = 120

func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}

// blame says which record cannot be read.
func (s *source) blame(err error, partition int32, r records.Record) error {
	e := sqlerr.From(err)
	detail := fmt.Sprintf("The record is %q.", excerpt(r.Value))
	if r.Value == nil {
		detail = fmt.Sprintf("The record has no value, its key is %q.", excerpt(r.Key))
	}
	said := sqlerr.New(e.Code, "topic %s partition %d offset %d: %s", s.topic, partition, r.Offset, e.Message).
		WithDetail("%s", detail).WithCause(err).
		WithHint("\"on.error\"=\"skip\" leaves such records out and counts them: ALTER STREAM … SET, or ALTER STREAMJOB … SET for one job.")
	return executor.Permanent(&executor.RecordError{Topic: s.topic, Partition: partition, Offset: r.Offset, Err: said})
}

func excerpt(b []byte) []byte {
	if len(b) <= maxShown {
		return b
	}
	return append(append([]byte{}, b[:maxShown]...), "…"...)
}
