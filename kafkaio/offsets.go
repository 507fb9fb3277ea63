package kafkaio

import (
	"context"
	"strconv"
	"strings"

	"slipway/conf"
	"slipway/kafkaio/client"
	"slipway/sql/sqlerr"
)

// strategy is transwarp.consumer.reset.offset.strategy.
type strategy struct {
	kind    string // "", latest, earliest, committed, timestamp, offset
	millis  int64
	offsets map[int32]int64
}

func parseStrategy(text string) (strategy, error) {
	kind, rest, _ := strings.Cut(strings.ToLower(strings.TrimSpace(text)), ":")
	s := strategy{kind: kind}
	bad := func() (strategy, error) {
		return s, sqlerr.New(sqlerr.InvalidParameter,
			"property %q: %q is none of latest, earliest, committed, timestamp:<epoch ms>, offset:<partition>=<n>,…", conf.OffsetStrategy.Name(), text)
	}
	switch kind {
	case "", conf.Latest, conf.Earliest, conf.Committed:
		if rest != "" {
			return bad()
		}
	case "timestamp":
		n, err := strconv.ParseInt(rest, 10, 64)
		if err != nil {
			return bad()
		}
		s.millis = n
	case "offset":
		s.offsets = map[int32]int64{}
		for _, part := range strings.Split(rest, ",") {
			p, n, _ := strings.Cut(part, "=")
			partition, err1 := strconv.ParseInt(strings.TrimSpace(p), 10, 32)
			at, err2 := strconv.ParseInt(strings.TrimSpace(n), 10, 64)
			if err1 != nil || err2 != nil || partition < 0 || at < 0 {
				return bad()
			}
			s.offsets[int32(partition)] = at
		}
	default:
		return bad()
	}
	return s, nil
}

// facts are what a start position is decided by.
type facts struct {
	bounds    map[int32]client.Partition
	committed map[int32]int64
	after     map[int32]int64 // of a timestamp
}

// start decides where a partition begins that no checkpoint names; why says so in
// the log. fresh is false for a partition that appeared while the job ran.
func (s strategy) start(p int32, f facts, fresh bool, newPartitions string) (next int64, why string) {
	b := f.bounds[p]
	if !fresh && newPartitions != "same" && (s.kind == "" || s.kind == conf.Latest || newPartitions == conf.Earliest) {
		return b.Start, "new partition, from its beginning"
	}
	if !fresh && newPartitions == conf.Latest {
		return b.End, "new partition, from its end"
	}
	switch s.kind {
	case conf.Earliest:
		return b.Start, "strategy earliest"
	case conf.Latest:
		return b.End, "strategy latest"
	case "timestamp":
		if at, ok := f.after[p]; ok && at >= 0 {
			return at, "strategy timestamp"
		}
		return b.End, "strategy timestamp, nothing behind it"
	case "offset":
		if at, ok := s.offsets[p]; ok {
			return min(max(at, b.Start), b.End), "strategy offset"
		}
		return b.Start, "strategy offset names it not, from its beginning"
	}
	if at, ok := f.committed[p]; ok {
		return min(max(at, b.Start), b.End), "committed offset"
	}
	if s.kind == conf.Committed {
		return b.Start, "no committed offset, from its beginning"
	}
	return b.End, "no committed offset, from its end"
}

// read gathers the facts.
func (s strategy) read(ctx context.Context, c *client.Client, topic, group string) (f facts, err error) {
	if f.bounds, err = client.Bounds(ctx, c, topic); err != nil {
		return f, err
	}
	switch s.kind {
	case "", conf.Committed:
		f.committed, err = client.Group(ctx, c, group, topic)
	case "timestamp":
		f.after, err = client.After(ctx, c, topic, s.millis)
	}
	return f, err
}
