package kafkaio

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/format"
	"slipway/kafkaio/client"
	"slipway/kafkaio/records"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// source reads the partitions p of its topic with p % parallelism == subtask, from
// exact offsets that the checkpoints keep: no consumer group assigns anything.
type source struct {
	k        *Connector
	plan     *plan.Source
	options  *conf.Values
	reader   format.Reader
	headers  bool // the reader looks at them
	rows     format.Rows
	record   format.Record          // at hand
	spare    []records.RecordHeader // memory for its headers
	topic    string
	group    string
	readers  *group // the sources of this job that commit for the same group
	leave    func() // them
	onError  string
	env      *executor.Env
	cluster  *client.Cluster
	client   *client.Client // the cluster's
	fetcher  *client.Fetcher
	topicID  [16]byte
	at       position
	queue    []client.Fetched
	batch    *column.Batch
	arrival  *column.Vector
	origin   []*column.Vector // of plan.Origin
	metadata readMetadata
	commits  chan map[int32]int64 // to the committer, the newest wins
	done     map[int32]int64      // committed last, of the committer
	doneAt   time.Time
	grown    executor.Signal // there may be new partitions
	found    chan facts      // about them
	ready    executor.Signal
	every    time.Duration // watchEvery, but for tests
	stop     func()        // of heard
	cancel   context.CancelFunc
	beside   sync.WaitGroup // what attends
	ends     *ends          // nil: the source has none
	mu       struct {
		sync.Mutex // guards what Progress shows
		next, end  map[int32]int64
	}
}

// positionVersion is the version of a position.
const positionVersion = 1

// position is the snapshot: what a restore begins from.
type position struct {
	Version int             `json:"version"`
	Topic   string          `json:"topic"`
	TopicID string          `json:"topic_id"`
	Next    map[int32]int64 `json:"next"`
}

const (
	watchEvery     = 2 * time.Second // for new partitions, and for brokers that are away
	commitDeadline = 3 * time.Second // Close may have to wait for it
	recommitAfter  = time.Hour
	// maxBatchBytes of record values fill a batch before its rows do, with the record that
	// reaches it: views into a slab have 32 bits.
	maxBatchBytes = 32 << 20
)

// watchInterval is well below the time in which a silent partition counts as idle.
func watchInterval(p *plan.Source) time.Duration {
	if p.Watermark != nil && p.Watermark.IdleAfter > 0 {
		return max(50*time.Millisecond, min(watchEvery, p.Watermark.IdleAfter/3))
	}
	return watchEvery
}

func newSource(k *Connector, p *plan.Source, o *conf.Values, r format.Reader) *source {
	s := &source{
		k: k, plan: p, options: o, reader: r, batch: column.NewBatch(p.Out), every: watchInterval(p),
		topic: topicOption.Get(o), group: conf.GroupID.Get(o), onError: conf.OnError.Get(o),
		commits: make(chan map[int32]int64, 1), found: make(chan facts, 1), grown: executor.NewSignal(), ready: executor.NewSignal(),
	}
	if p.ArrivalColumn != "" {
		s.arrival = s.batch.Cols[len(p.Columns)+len(p.Metadata)]
	}
	s.origin = s.batch.Cols[len(p.Out)-len(p.Origin):]
	s.metadata = readsMetadata(p, s.batch)
	s.mu.next, s.mu.end = map[int32]int64{}, map[int32]int64{}
	return s
}

// Open implements executor.Source.
func (s *source) Open(ctx context.Context, env *executor.Env, restored [][]byte) error {
	s.env = env
	if s.group == "" {
		s.group = env.JobName
	}
	admin, err := s.k.connect(ctx, s.options)
	if err != nil {
		return err
	}
	defer admin.Close()
	if err := s.resolve(ctx, admin, restored); err != nil {
		return err
	}
	if s.cluster, err = s.k.join(s.options); err != nil {
		return err
	}
	s.client = s.cluster.Client()
	s.fetcher = client.NewFetcher(s.cluster, s.topic, s.topicID, s.at.Next, s.ready.Set)
	if s.ends != nil {
		s.fetcher.TellGaps()
	}
	s.publish()
	s.readers, s.leave = s.k.groups.join(groupID{env.JobID, s.group, s.topic}, s, maps.Clone(s.at.Next))
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	s.beside.Go(func() { s.attend(background) }) // ends with Close
	if s.ends == nil {
		s.stop = s.cluster.Ends(s.topic, s.every, s.heard)
	}
	return nil
}

// resolve decides the first offset of each of this task's partitions.
func (s *source) resolve(ctx context.Context, c *client.Client, restored [][]byte) error {
	t, err := client.Describe(ctx, c, s.topic)
	if err != nil {
		return err
	}
	s.topicID = t.ID
	s.at = position{Version: positionVersion, Topic: s.topic, TopicID: hex.EncodeToString(t.ID[:]), Next: map[int32]int64{}}
	kept, err := s.merge(restored)
	if err != nil {
		return err
	}
	strategy, err := parseStrategy(conf.OffsetStrategy.Get(s.options))
	if err != nil {
		return err
	}
	f, err := strategy.read(ctx, c, s.topic, s.group)
	if err != nil {
		return err
	}
	if s.plan.Bounded {
		s.ends = newEnds(s.plan.Wait, s.ready.Set)
	}
	for p := range int32(t.Partitions) {
		if !s.mine(p) {
			continue
		}
		next, why := kept[p], "checkpoint"
		if _, ok := kept[p]; !ok {
			next, why = strategy.start(p, f, restored == nil, newPartitionsAt.Get(s.options))
		} else if first := f.bounds[p].Start; next < first {
			return executor.Permanent(sqlerr.New(sqlerr.DataCorrupted,
				"topic %s partition %d: the job is at offset %d, but the broker keeps records from %d on: %d records were deleted unread",
				s.topic, p, next, first, first-next).WithHint("START STREAMJOB … FRESH begins without the lost records; a longer retention prevents this."))
		}
		s.at.Next[p] = next
		if s.ends != nil {
			s.ends.note(p, next, f.bounds[p].End)
		}
		s.env.Logger.Info("reading a partition", "topic", s.topic, "partition", p, "offset", next, "from", why)
	}
	return nil
}

func (s *source) mine(p int32) bool { return int(p)%s.env.Parallelism == s.env.Task.Subtask }

// noTopicID is what brokers before 2.8 say of every topic.
const noTopicID = "00000000000000000000000000000000"

// merge reads the positions of all former subtasks. A topic of the same name that is
// another one would be read silently at offsets that mean nothing there.
func (s *source) merge(restored [][]byte) (map[int32]int64, error) {
	out := map[int32]int64{}
	for _, b := range restored {
		var p position
		if err := json.Unmarshal(b, &p); err != nil {
			return nil, fmt.Errorf("reading a source position: %w", err)
		}
		if err := checkpoint.CheckFormat("the position in topic "+s.topic, p.Version, positionVersion); err != nil {
			return nil, err
		}
		if p.Topic != s.topic {
			return nil, executor.Permanent(sqlerr.New(sqlerr.DataCorrupted, "the checkpoint is of topic %s, the stream's is now %s", p.Topic, s.topic).
				WithHint("ALTER STREAM … SET (\"topic\"=%q) goes back, START STREAMJOB … FRESH begins with the new topic.", p.Topic))
		}
		if p.TopicID != s.at.TopicID && p.TopicID != noTopicID && s.at.TopicID != noTopicID {
			return nil, executor.Permanent(sqlerr.New(sqlerr.DataCorrupted,
				"topic %s has been deleted and made again since the checkpoint (id %s, now %s)", s.topic, p.TopicID, s.at.TopicID).
				WithHint("START STREAMJOB … FRESH begins with the new topic."))
		}
		for partition, next := range p.Next {
			out[partition] = next
		}
	}
	return out, nil
}

// Ready implements executor.Source.
func (s *source) Ready() <-chan struct{} { return s.ready }

// Next implements executor.Source.
func (s *source) Next(ctx context.Context) (*column.Batch, error) {
	if s.ends != nil && s.ends.over(time.Now()) {
		return nil, io.EOF
	}
	if len(s.queue) == 0 {
		if err := s.poll(ctx); err != nil || len(s.queue) == 0 {
			return nil, err
		}
	}
	return s.take()
}

func (s *source) poll(ctx context.Context) error {
	select {
	case f := <-s.found:
		if s.ends == nil {
			s.adopt(f)
		}
	default:
	}
	fetched, err := s.fetcher.Poll()
	s.queue = append(s.queue, fetched...)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.verdict(err)
}

// verdict judges the failure of a partition: what new leaders mend the fetcher has waited
// for. The job stops, for good where a restart would find the same.
func (s *source) verdict(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, client.OutOfRange) || errors.Is(err, client.UnknownTopicID) || errors.Is(err, client.ErrTruncated) {
		return executor.Permanent(sqlerr.New(sqlerr.DataCorrupted, "topic %s: %v", s.topic, err).WithCause(err).
			WithHint("Records were deleted unread, or the topic was made again. START STREAMJOB … FRESH begins anew."))
	}
	return fmt.Errorf("reading topic %s: %w", s.topic, err)
}

func (s *source) note(p int32, end int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.next[p], s.mu.end[p] = s.at.Next[p], end
}

func (s *source) publish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p, n := range s.at.Next {
		s.mu.next[p] = n
		if _, ok := s.mu.end[p]; !ok {
			s.mu.end[p] = -1
		}
	}
}

// adopt begins to read partitions that appeared.
func (s *source) adopt(f facts) {
	strategy, _ := parseStrategy(conf.OffsetStrategy.Get(s.options)) // Open has read it
	for p := range f.bounds {
		if _, known := s.at.Next[p]; known || !s.mine(p) {
			continue
		}
		next, why := strategy.start(p, f, false, newPartitionsAt.Get(s.options))
		s.at.Next[p] = next
		s.fetcher.Add(p, next)
		s.env.Logger.Info("reading a new partition", "topic", s.topic, "partition", p, "offset", next, "from", why)
	}
	s.mu.Lock()
	for p, b := range f.bounds {
		if _, ok := s.at.Next[p]; ok {
			s.mu.end[p] = max(s.mu.end[p], b.End)
		}
	}
	s.mu.Unlock()
	s.publish()
}

// heard notes where the partitions end, and that there are new ones; while the brokers do
// not say, nobody knows, and a partition from which nothing comes is not idle.
func (s *source) heard(ends map[int32]int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.mu.next {
		end := int64(-1)
		if e, ok := ends[p]; err == nil && ok {
			end = max(s.mu.end[p], e)
		}
		if end != s.mu.end[p] {
			s.mu.end[p] = end
			s.ready.Set()
		}
	}
	for p := range ends {
		if _, known := s.mu.next[p]; !known && s.mine(p) {
			s.grown.Set()
		}
	}
}

// explore learns what decides where new partitions are read from.
func (s *source) explore() {
	ctx, cancel := context.WithTimeout(context.Background(), commitDeadline)
	defer cancel()
	strategy, _ := parseStrategy(conf.OffsetStrategy.Get(s.options))
	f, err := strategy.read(ctx, s.client, s.topic, s.group)
	if err != nil {
		return // the next word of the ends comes here again
	}
	select {
	case s.found <- f:
		s.ready.Set()
	default:
	}
}

// Snapshot implements executor.Source.
func (s *source) Snapshot() ([]byte, error) { return json.Marshal(s.at) }

// Committed implements executor.Source: the offsets are committed to Kafka, where tools show them; nothing reads them at
// a restore. The newest wins.
func (s *source) Committed(snapshot []byte) {
	var p position
	if json.Unmarshal(snapshot, &p) != nil || len(p.Next) == 0 {
		return
	}
	for {
		select {
		case s.commits <- p.Next:
			return
		default:
		}
		select {
		case <-s.commits:
		default:
		}
	}
}

// attend does what waits for the brokers beside the loop. Close lets it commit what is waiting.
func (s *source) attend(ctx context.Context) {
	for {
		select {
		case next := <-s.commits:
			s.commit(next)
		case <-s.grown:
			s.explore()
		case <-ctx.Done():
			select {
			case next := <-s.commits:
				s.commit(next)
			default:
			}
			return
		}
	}
}

// commit commits what all sources of the group have read; a failure is said and forgotten. What
// others read meanwhile, and committed before this, is committed again.
func (s *source) commit(next map[int32]int64) {
	for least := s.readers.read(s, next); !s.isCommitted(least); least = s.readers.read(s, next) {
		if err := s.write(least); err != nil {
			s.env.Logger.Warn("committing offsets to Kafka failed; the checkpoint has them", "group", s.group, "error", err)
			return
		}
	}
}

// isCommitted: what has not changed is committed again just so often that the brokers do not forget it.
func (s *source) isCommitted(next map[int32]int64) bool {
	return maps.Equal(next, s.done) && time.Since(s.doneAt) < recommitAfter
}

func (s *source) write(next map[int32]int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), commitDeadline)
	defer cancel()
	if err := client.Commit(ctx, s.client, s.group, s.topic, next); err != nil {
		return err
	}
	s.done, s.doneAt = next, time.Now()
	return nil
}

// Progress implements executor.Source.
func (s *source) Progress() []executor.SplitProgress {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]executor.SplitProgress, 0, len(s.mu.next))
	for p, next := range s.mu.next {
		out = append(out, executor.SplitProgress{Split: fmt.Sprintf("%s-%d", s.topic, p), Index: int(p), Next: next, End: s.mu.end[p]})
	}
	return out
}

// Close implements executor.Source.
func (s *source) Close() error {
	if s.cancel != nil {
		s.cancel()
		s.beside.Wait()
	}
	if s.leave != nil {
		s.leave()
		s.leave = nil
	}
	if s.stop != nil {
		s.stop()
	}
	if s.fetcher != nil {
		s.fetcher.Close()
	}
	if s.cluster != nil {
		s.cluster.Leave()
		s.cluster = nil
	}
	return nil
}
