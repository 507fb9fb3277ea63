package kafkaio

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/kafkaio/client"
	"slipway/kafkaio/kafkatest"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

func exactPlan() *plan.Sink {
	p := sinkPlan("out", plan.Append)
	p.Delivery, p.Op = conf.ExactlyOnce, "sink-1"
	return p
}

// opened opens a sink task of some claim of the job.
func openedExact(t *testing.T, b *kafkatest.Broker, claim int64, subtask int) executor.Sink {
	t.Helper()
	s, err := (&Connector{Brokers: b.Address}).NewSink(exactPlan())
	if err != nil {
		t.Fatal(err)
	}
	env := testEnv(t, subtask, 2)
	env.Epoch, env.Operator = claim, "sink-1"
	if err := s.Open(t.Context(), env); err != nil {
		t.Fatal(err)
	}
	return s
}

func committerOf(t *testing.T, b *kafkatest.Broker) executor.Committer {
	t.Helper()
	c, err := (&Connector{Brokers: b.Address}).NewCommitter(exactPlan(), testEnv(t, 0, 2))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func prepareAt(t *testing.T, s executor.Sink, id checkpoint.ID) []byte {
	t.Helper()
	b, err := s.Prepare(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// visible reads what a reader of committed records sees, in order of value.
func visible(t *testing.T, b *kafkatest.Broker) string {
	t.Helper()
	var out []string
	for _, r := range b.Committable("out") {
		out = append(out, strings.TrimSuffix(strings.TrimPrefix(r.Value, `{"id":`), "}"))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func broker(t *testing.T) *kafkatest.Broker {
	t.Helper()
	b := kafkatest.Start(t)
	b.Topic("out", 2)
	return b
}

// TestVisibleWithTheCheckpoint: rows are seen when their checkpoint is committed, not
// before, and ids are used again only behind a later checkpoint.
func TestVisibleWithTheCheckpoint(t *testing.T) {
	b := broker(t)
	s, c := openedExact(t, b, 1, 0), committerOf(t, b)
	check(t, c.Recover(t.Context(), nil))
	want := ""
	ids := map[string]int{}
	for n := checkpoint.ID(1); n <= 9; n++ {
		write(t, s, rows(0, nil, int64(n)))
		prepared := prepareAt(t, s, n)
		if got := visible(t, b); got != want {
			t.Fatalf("before checkpoint %d is committed %q is visible, want %q", n, got, want)
		}
		want = strings.TrimSpace(want + " " + fmt.Sprint(n))
		check(t, c.Commit(t.Context(), [][]byte{prepared}))
		check(t, c.Commit(t.Context(), [][]byte{prepared}))
		check(t, s.Commit(t.Context(), n))
		if got := visible(t, b); got != want {
			t.Fatalf("behind checkpoint %d %q is visible, want %q", n, got, want)
		}
		for _, slot := range s.(*txSink).slots {
			ids[slot.id]++
		}
	}
	if len(ids) != 3 {
		t.Errorf("%d transactional ids were used: %v", len(ids), ids)
	}
	check(t, s.Close())
}

// TestNothingWritten: a checkpoint without rows names nothing and asks nobody.
func TestNothingWritten(t *testing.T) {
	b := broker(t)
	s, c := openedExact(t, b, 1, 0), committerOf(t, b)
	defer s.Close()
	if got := string(prepareAt(t, s, 1)); got != "null" {
		t.Errorf("prepared %s", got)
	}
	check(t, c.Commit(t.Context(), [][]byte{[]byte("null"), nil}))
}

// TestAbortedCheckpointRidesAlong: what a checkpoint that never completed had prepared is
// named by the next one.
func TestAbortedCheckpointRidesAlong(t *testing.T) {
	b := broker(t)
	s, c := openedExact(t, b, 1, 0), committerOf(t, b)
	defer s.Close()
	write(t, s, rows(0, nil, 1))
	prepareAt(t, s, 1)
	write(t, s, rows(0, nil, 2))
	check(t, c.Commit(t.Context(), [][]byte{prepareAt(t, s, 2)}))
	if got := visible(t, b); got != "1 2" {
		t.Error(got)
	}
}

// TestCheckpointsThatNeverComplete: the pool has an end, and says so.
func TestCheckpointsThatNeverComplete(t *testing.T) {
	b := broker(t)
	s := openedExact(t, b, 1, 0)
	defer s.Close()
	var err error
	for n := checkpoint.ID(1); err == nil && n < 20; n++ {
		if err = s.Write(rows(0, nil, int64(n))); err == nil {
			_, err = s.Prepare(t.Context(), n)
		}
	}
	if err == nil || !strings.Contains(err.Error(), "wait for a checkpoint") {
		t.Errorf("the pool ended with %v", err)
	}
}

// TestRecover: a process that dies leaves a prepared transaction, which another commits,
// and an open one, which it aborts: also if the first process wakes up later.
func TestRecover(t *testing.T) {
	b := broker(t)
	zombie := openedExact(t, b, 1, 0)
	write(t, zombie, rows(0, nil, 1))
	prepared := prepareAt(t, zombie, 1)
	write(t, zombie, rows(0, nil, 2))
	check(t, zombie.(*txSink).sink.flush(t.Context()))

	for range 2 { // a recovery may crash and be repeated
		check(t, committerOf(t, b).Recover(t.Context(), [][]byte{prepared}))
	}
	if got := visible(t, b); got != "1" {
		t.Fatalf("after the recovery %q is visible", got)
	}
	next := openedExact(t, b, 2, 0)
	defer next.Close()
	write(t, next, rows(0, nil, 3))
	c := committerOf(t, b)
	named := prepareAt(t, next, 2)

	if err := zombie.Write(rows(0, nil, 4)); err == nil {
		if _, err = zombie.Prepare(t.Context(), 2); err == nil {
			t.Error("the old owner's transaction went on")
		}
	}
	zombie.Close()
	check(t, c.Commit(t.Context(), [][]byte{named}))
	if got := visible(t, b); got != "1 3" {
		t.Errorf("at the end %q is visible", got)
	}
}

// TestLostAnswers: the broker cuts the connection on EndTxn, before or behind doing it.
func TestLostAnswers(t *testing.T) {
	for _, cut := range []string{"before", "behind"} {
		t.Run(cut, func(t *testing.T) {
			b := broker(t)
			s, c := openedExact(t, b, 1, 0), committerOf(t, b)
			defer s.Close()
			write(t, s, rows(0, nil, 1, 2, 3))
			prepared := prepareAt(t, s, 1)
			if cut == "before" {
				n := 0
				b.Cluster.ControlKey(int16(kmsg.EndTxn), func(kmsg.Request) (kmsg.Response, error, bool) {
					b.Cluster.KeepControl()
					n++
					return nil, errors.New("cut"), n <= 3
				})
			} else {
				b.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.EndTxn}, Err: kerr.ConcurrentTransactions, Count: 3, When: func(kmsg.Request) bool { return true }})
			}
			check(t, c.Commit(t.Context(), [][]byte{prepared}))
			if got := visible(t, b); got != "1 2 3" {
				t.Error(got)
			}
		})
	}
}

// TestAbortedByTheBroker: a transaction that was open for too long is gone, and that is
// told from one that had been committed before.
func TestAbortedByTheBroker(t *testing.T) {
	b := broker(t)
	s := openedExact(t, b, 1, 0)
	defer s.Close()
	write(t, s, rows(0, nil, 1))
	first := prepareAt(t, s, 1)
	check(t, committerOf(t, b).Commit(t.Context(), [][]byte{first}))
	check(t, s.Commit(t.Context(), 1))
	write(t, s, rows(0, nil, 2))
	second := prepareAt(t, s, 2)
	fence(t, b, s.(*txSink))

	err := committerOf(t, b).Recover(t.Context(), [][]byte{second})
	if !errors.Is(err, executor.ErrAborted) {
		t.Fatalf("recovering the lost transaction: %v", err)
	}
	check(t, committerOf(t, b).Recover(t.Context(), [][]byte{first}))
	if got := visible(t, b); got != "1" {
		t.Error(got)
	}
}

// fence ends all of a sink's transactions, as a timeout would.
func fence(t *testing.T, b *kafkatest.Broker, s *txSink) {
	t.Helper()
	c, err := client.New(must(client.Options(b.Address, nil))...)
	check(t, err)
	defer c.Close()
	for _, slot := range s.slots {
		check(t, client.Fence(t.Context(), c, slot.id))
	}
}

func must(opts []client.Opt, err error) []client.Opt {
	if err != nil {
		panic(err)
	}
	return opts
}

// TestPartlyLost: where one task's rows are there and another's are lost, the job fails
// for good, and says what to do.
func TestPartlyLost(t *testing.T) {
	b := broker(t)
	var prepared [][]byte
	var tasks []*txSink
	for subtask := range 2 {
		s := openedExact(t, b, 1, subtask)
		defer s.Close()
		write(t, s, rows(0, nil, int64(subtask)))
		prepared = append(prepared, prepareAt(t, s, 1))
		tasks = append(tasks, s.(*txSink))
	}
	fence(t, b, tasks[1])
	err := committerOf(t, b).Recover(t.Context(), prepared)
	wantPermanent(t, err, "1 in 2 tasks are lost")
	if hint := sqlerr.From(err).Hint; !strings.Contains(hint, "FROM CHECKPOINT") {
		t.Errorf("the hint is %q", hint)
	}
}

// TestFailedTaskAbortsAtOnce: a task that ends leaves no open transaction that readers
// would wait for.
func TestFailedTaskAbortsAtOnce(t *testing.T) {
	b := broker(t)
	s := openedExact(t, b, 1, 0)
	write(t, s, rows(0, nil, 1))
	check(t, s.(*txSink).sink.flush(t.Context()))
	check(t, s.Close())
	c, err := client.New(must(client.Options(b.Address, nil))...)
	check(t, err)
	defer c.Close()
	list, err := client.Transactions(t.Context(), c, idPrefix("1"))
	check(t, err)
	for _, l := range list {
		if l.Open() {
			t.Errorf("%s is %s", l.ID, l.State)
		}
	}
}

// TestPurge: DROP leaves no group of ours behind.
func TestPurge(t *testing.T) {
	b := broker(t)
	s, c := openedExact(t, b, 1, 0), committerOf(t, b)
	write(t, s, rows(0, nil, 1))
	prepared := prepareAt(t, s, 1)
	check(t, s.Close())
	check(t, c.Recover(t.Context(), [][]byte{prepared}))
	check(t, c.Purge(t.Context()))
	admin, err := client.New(must(client.Options(b.Address, nil))...)
	check(t, err)
	defer admin.Close()
	if groups, err := client.Groups(t.Context(), admin, "slipway-"); err != nil || len(groups) > 0 {
		t.Errorf("%v %v", groups, err)
	}
}

// TestUnsafeTimeouts: a job whose transactions would have to outlive what the brokers
// allow is refused, with the numbers.
func TestUnsafeTimeouts(t *testing.T) {
	b := broker(t)
	k := &Connector{Brokers: b.Address}
	for _, c := range []struct {
		interval string
		want     string
	}{{"60000", ""}, {"3600000", "1h2m0s"}} {
		v, _, err := conf.Parse(conf.Job, []conf.Property{conf.P(conf.CheckpointInterval.Name(), c.interval)})
		check(t, err)
		err = k.CheckSink(t.Context(), exactPlan(), v)
		if (err == nil) != (c.want == "") || err != nil && !(strings.Contains(err.Error(), c.want) && strings.Contains(err.Error(), "15m0s")) {
			t.Errorf("interval %s: %v", c.interval, err)
		}
	}
}

func TestProofsAreOrdered(t *testing.T) {
	p := proof{Claim: 3, Checkpoint: 7}
	for last, want := range map[string]bool{"claim 3 checkpoint 7": true, "claim 3 checkpoint 8": true, "claim 4 checkpoint 7": false, "claim 3 checkpoint 6": false, "claim 2 checkpoint 9": true, "": false, "x": false} {
		if p.covers(last) != want {
			t.Errorf("%q covers %s: %t", last, p, !want)
		}
	}
}

// TestTickBeforeTheFirstRow: a sink task is asked for its state also while it has no transaction.
func TestTickBeforeTheFirstRow(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("out", 1)
	s := openedExact(t, b, 1, 0)
	if _, err := s.Tick(time.Now()); err != nil {
		t.Error(err)
	}
	write(t, s, rows(0, nil, 1))
	prepareAt(t, s, 1)
	if _, err := s.Tick(time.Now()); err != nil {
		t.Error(err)
	}
}
