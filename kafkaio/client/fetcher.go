package client

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/kafkaio/records"
)

// Fetched is what one answer holds of one partition: records, or why there are none.
type Fetched struct {
	Partition     int32
	Records       *records.Reader
	Count         int // of records, at most
	HighWatermark int64
	Err           error
	memory        *answer // that the records lie in; nil: nobody else wants it
}

// Done gives back the memory of the records. What was read of them is valid no more.
func (f *Fetched) Done() {
	if f.memory != nil {
		f.memory.done()
		f.memory = nil
	}
}

// Fetcher reads committed records of some partitions of a topic from exact offsets, from
// their leaders. It asks ahead: while one answer is worked on, the next is there and the
// one behind it under way. The library keeps the connections; the requests are made here,
// because its own consumer makes an object of each record.
//
// While records come it has a connection of its own, whose requests wait for more. When there
// have been none for a while it gives that up, and waits with all others at the ends of the
// partitions.
type Fetcher struct {
	routing
	cluster *Cluster
	limits  limits
	answers chan []Fetched
	ready   func()    // called when an answer is there for Poll
	missing time.Time // since when no broker knows the topic; of the routing's goroutine
	running sync.WaitGroup
	cancel  context.CancelFunc
	mu      struct {
		sync.Mutex // guards what follows, also within the partitions
		partitions map[int32]*fetching
		readers    map[int32]chan struct{} // of brokers that are asked for records; wakes one that waits
		own        *readingClient          // nil: there is none
		users      int                     // readers that use it
		gaps       bool                    // to be told of
	}
}

type limits struct {
	wait                time.Duration
	min, max, partition int32
}

// fetching is where a partition is read.
type fetching struct {
	next    int64 // offset to ask for
	leader  int32 // nobody: not known
	epoch   int32 // of the leader
	last    int32 // epoch of the last batch that was read; none: there was none
	end     int64 // at least so far an answer without records has led
	proven  int32 // the leader's epoch in which the last batch is known to be still there
	asked   bool  // an answer is under way, or not taken yet: nobody else may ask
	stopped bool  // for good
}

const noLeader, none = -1, -1

// NewFetcher begins to read, and calls ready whenever there is an answer for Poll. The
// cluster's options hold the fetch settings.
func NewFetcher(c *Cluster, topic string, id [16]byte, next map[int32]int64, ready func()) *Fetcher {
	ctx, cancel := context.WithCancel(context.Background())
	value := c.asking.OptValue
	f := &Fetcher{routing: newRouting(c.asking, topic, id), cluster: c, answers: make(chan []Fetched, 1), ready: ready, cancel: cancel,
		limits: limits{
			value(kgo.FetchMaxWait).(time.Duration), value(kgo.FetchMinBytes).(int32), value(kgo.FetchMaxBytes).(int32),
			value(kgo.FetchMaxPartitionBytes).(int32),
		}}
	f.mu.partitions, f.mu.readers = map[int32]*fetching{}, map[int32]chan struct{}{}
	for p, n := range next {
		f.Add(p, n)
	}
	f.running.Go(func() { // ends with Close
		f.route(ctx, func(t kmsg.MetadataResponseTopic, err error) { f.heard(ctx, t, err) })
	})
	return f
}

// Add begins to read one more partition.
func (f *Fetcher) Add(p int32, next int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mu.partitions[p] = &fetching{next: next, leader: noLeader, epoch: none, last: none, proven: none}
	f.reroute()
}

// TellGaps makes offsets known behind which there is nothing up to the last stable one: an
// answer without records leads there. Compaction and retention leave such gaps at the end.
func (f *Fetcher) TellGaps() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mu.gaps = true
}

// Stop ends the reading of a partition.
func (f *Fetcher) Stop(p int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at := f.mu.partitions[p]; at != nil {
		at.stopped = true
	}
}

// Close ends all requests. The cluster stays.
func (f *Fetcher) Close() {
	f.cancel()
	f.running.Wait()
}

// Poll gives an answer that is there, without waiting; the error is of the first partition
// that has one.
func (f *Fetcher) Poll() (out []Fetched, err error) {
	select {
	case out = <-f.answers:
	default:
	}
	for _, a := range out {
		if a.Err != nil && err == nil {
			err = PartitionError{a.Partition, a.Err}
		}
	}
	return slices.DeleteFunc(out, func(a Fetched) bool { return a.Err != nil }), err
}

// deliver hands answers over; it waits while one is waiting already.
func (f *Fetcher) deliver(ctx context.Context, out []Fetched) {
	if len(out) == 0 {
		return
	}
	select {
	case f.answers <- out:
		f.ready()
	case <-ctx.Done():
	}
}
