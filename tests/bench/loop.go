package bench

import (
	"bytes"
	"context"
	"strconv"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// handWritten is the plain loop one would write for a single query: an ordinary
// consumer, fields cut out by known order, output pasted together, an ordinary
// producer. It is what an engine competes with.
type handWritten struct {
	broker, in, out string
	records         int64
	query           string
}

// cost is what a run took.
type cost struct {
	records int64
	cpu     time.Duration
	wall    time.Duration
}

func (c cost) perCPUSecond() float64 { return float64(c.records) / c.cpu.Seconds() / 1e6 }
func (c cost) perSecond() float64    { return float64(c.records) / c.wall.Seconds() / 1e6 }

func ownCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bid is the fields of one record, as views.
type bid struct {
	auction, bidder, price int64
	dateTime, extra        []byte
}

// parse cuts a record of the generator's own key order.
func parse(v []byte, b *bid) {
	v = v[len(`{"auction":`):]
	b.auction, v = integer(v)
	v = v[len(`,"bidder":`):]
	b.bidder, v = integer(v)
	v = v[len(`,"price":`):]
	b.price, v = integer(v)
	i := bytes.Index(v, []byte(`"dateTime":"`)) + len(`"dateTime":"`)
	b.dateTime = v[i : i+23]
	v = v[i+23+len(`","extra":"`):]
	b.extra = v[:len(v)-2]
}

func integer(v []byte) (int64, []byte) {
	n, i := int64(0), 0
	for ; v[i] >= '0' && v[i] <= '9'; i++ {
		n = n*10 + int64(v[i]-'0')
	}
	return n, v[i:]
}

// run reads the whole topic once and gives the cost.
func (h handWritten) run(ctx context.Context) (cost, error) {
	c, err := kgo.NewClient(kgo.SeedBrokers(h.broker), kgo.ConsumeTopics(h.in), kgo.DisableClientMetrics(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxPartitionBytes(4<<20), kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.DefaultProduceTopic(h.out), kgo.MaxBufferedRecords(200_000))
	if err != nil {
		return cost{}, err
	}
	defer c.Close()
	began, cpu := time.Now(), ownCPU()
	step := h.step(c)
	for seen := int64(0); seen < h.records; {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return cost{}, err
		}
		fetches.EachRecord(func(r *kgo.Record) { seen++; step(r.Value) })
	}
	err = c.Flush(ctx)
	return cost{h.records, ownCPU() - cpu, time.Since(began)}, err
}

// step is the query's row function; results of aggregates stay in memory, which
// flatters the loop.
func (h handWritten) step(c *kgo.Client) func([]byte) {
	var b bid
	var slab []byte
	var records []kgo.Record
	emit := func(from int) {
		if len(records) == 0 {
			records = make([]kgo.Record, 1024)
		}
		r := &records[0]
		records = records[1:]
		r.Value = slab[from:len(slab):len(slab)]
		c.Produce(context.Background(), r, nil)
	}
	row := func(price func([]byte) []byte) {
		if cap(slab)-len(slab) < 512 {
			slab = make([]byte, 0, 1<<20)
		}
		from := len(slab)
		slab = append(slab, `{"auction":`...)
		slab = strconv.AppendInt(slab, b.auction, 10)
		slab = append(slab, `,"bidder":`...)
		slab = strconv.AppendInt(slab, b.bidder, 10)
		slab = append(slab, `,"price":`...)
		slab = price(slab)
		slab = append(slab, `,"dateTime":"`...)
		slab = append(slab, b.dateTime...)
		slab = append(slab, `","extra":"`...)
		slab = append(slab, b.extra...)
		slab = append(slab, `"}`...)
		emit(from)
	}
	switch h.query {
	case "q0":
		return func(v []byte) {
			parse(v, &b)
			row(func(s []byte) []byte { return strconv.AppendInt(s, b.price, 10) })
		}
	case "q1":
		return func(v []byte) {
			parse(v, &b)
			row(func(s []byte) []byte { return appendThousandths(s, b.price*908) })
		}
	case "q2":
		return func(v []byte) {
			parse(v, &b)
			if b.auction%123 == 0 {
				from := len(slab)
				slab = append(slab, `{"auction":`...)
				slab = strconv.AppendInt(slab, b.auction, 10)
				slab = append(slab, `,"price":`...)
				slab = strconv.AppendInt(slab, b.price, 10)
				slab = append(slab, '}')
				emit(from)
			}
		}
	}
	return h.aggregateStep(&b)
}

type tenSeconds struct{ key, window int64 }

func (h handWritten) aggregateStep(b *bid) func([]byte) {
	counts := map[tenSeconds]int64{}
	switch h.query {
	case "q12", "q5 inner":
		return func(v []byte) {
			parse(v, b)
			key := b.bidder
			if h.query == "q5 inner" {
				key = b.auction
			}
			counts[tenSeconds{key, window(b.dateTime)}]++
		}
	case "q7 inner":
		return func(v []byte) {
			parse(v, b)
			w := tenSeconds{0, window(b.dateTime)}
			counts[w] = max(counts[w], b.price)
		}
	}
	type stats struct{ count, low, high, sum int64 }
	groups := map[int64]*stats{}
	return func(v []byte) {
		parse(v, b)
		s := groups[b.auction]
		if s == nil {
			s = &stats{low: math64}
			groups[b.auction] = s
		}
		s.count++
		s.low, s.high, s.sum = min(s.low, b.price), max(s.high, b.price), s.sum+b.price
	}
}

const math64 = 1<<63 - 1

// window is the ten seconds within the day, from `2026-01-01 00:00:00.123`.
func window(t []byte) int64 {
	two := func(i int) int64 { return int64(t[i]-'0')*10 + int64(t[i+1]-'0') }
	return (two(11)*3600 + two(14)*60 + two(17)) / 10
}

func appendThousandths(s []byte, v int64) []byte {
	s = strconv.AppendInt(s, v/1000, 10)
	f := v % 1000
	return append(s, '.', byte('0'+f/100), byte('0'+f/10%10), byte('0'+f%10))
}
