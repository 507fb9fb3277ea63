//go:build bench

package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/checkpoint"
	"slipway/checkpoint/localfs"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// stateBytes is how much keyed state TestState works on, on stateCores cores.
const (
	stateBytes = 1 << 30
	stateCores = 2
	rowBytes   = 8 * (2 + 1 + 4) // header, key, accumulators
)

// TestState prints what checkpoints of 1 GB of keyed state cost while uniform random updates go
// on: each line is one checkpoint after a share of the rows was updated, written beside a loop
// that updates as fast as it can (where the share is small: that share again) and leaves 32 KB of garbage per 2048 rows. Then it restores the last one.
func TestState(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(stateCores))
	s := newStateLoop(t)
	for s.store.Bytes() < stateBytes {
		s.insert()
	}
	debug.FreeOSMemory()
	fmt.Printf("state %d MB of %.1f million rows, process %d MB\n", s.store.Bytes()>>20, float64(s.rows)/1e6, resident("VmRSS")>>20)
	fmt.Printf("%10s %10s %10s %7s %11s %9s %9s %10s\n", "updated", "changed MB", "written MB", "ratio", "RSS/state", "freeze", "write", "updates/s")
	var changed, written int64
	for i, share := range []float64{0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001, 0.001, 0.001} {
		c, w := s.checkpoint(share)
		if i > 0 {
			changed, written = changed+c, written+w
		}
	}
	fmt.Printf("behind the first: %d MB changed, %d MB written, ratio %.2f\n", changed>>20, written>>20, float64(written)/float64(changed))
	s.restore()
}

// newBudget has the garbage collector follow the state, as a server does.
func newBudget() *state.Budget {
	return &state.Budget{Changed: func(used int64) { debug.SetGCPercent(state.GCPercent(used)) }}
}

type stateLoop struct {
	t       *testing.T
	store   *state.Store
	table   *state.Table
	storage checkpoint.Storage
	batch   *column.Batch
	hashes  []uint64
	garbage []byte
	ids     []int32
	fresh   []int32
	rows    int
	touched []uint64 // bits of the rows changed since the last confirmed checkpoint
	random  *rand.Rand
	chain   []checkpoint.Section
	id      checkpoint.ID
}

var stateLayout = state.Layout{Keys: []types.Type{types.Of(types.BigInt)}, Words: 4}

func newStateLoop(t *testing.T) *stateLoop {
	storage, err := localfs.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &stateLoop{t: t, store: state.NewStore(state.Range{From: 0, To: state.KeyGroups}, newBudget()), storage: storage,
		batch: column.NewBatch(types.Schema{{Name: "k", Type: stateLayout.Keys[0]}}), random: rand.New(rand.NewPCG(1, 2))}
	s.table = s.store.Table("groups", stateLayout)
	return s
}

func (s *stateLoop) insert() {
	s.upsert(func(i int) int64 { return int64(s.rows + i) })
	s.rows += column.BatchRows
}

func (s *stateLoop) update() {
	s.upsert(func(int) int64 { return s.random.Int64N(int64(s.rows)) })
}

func (s *stateLoop) upsert(key func(i int) int64) {
	s.batch.Reset()
	s.garbage = make([]byte, 32<<10) // what the rest of a server leaves behind
	for i := range column.BatchRows {
		s.batch.Cols[0].AppendInt(key(i))
	}
	s.batch.Rows = column.BatchRows
	s.hashes = column.HashColumns(s.hashes, s.batch, []int{0})
	var err error
	s.ids, s.fresh, err = s.table.Upsert(s.batch, []int{0}, s.hashes, nil, []uint64{0, 0, 0, 0}, s.ids, s.fresh[:0])
	if err != nil {
		s.t.Fatal(err)
	}
	for _, id := range s.ids {
		w := s.table.Write(id)
		w[0]++
		w[1] += uint64(id)
		for int(id)>>6 >= len(s.touched) {
			s.touched = append(s.touched, 0)
		}
		s.touched[id>>6] |= 1 << (id & 63)
	}
}

func (s *stateLoop) changed() (n int64) {
	for id := range s.rows {
		if s.touched[id>>6]&(1<<(id&63)) != 0 {
			n++
		}
	}
	return n * rowBytes
}

// checkpoint updates a share of the rows and takes a checkpoint, updating on while it is written.
func (s *stateLoop) checkpoint(share float64) (changed, written int64) {
	for n := 0; n < int(share*float64(s.rows)); n += column.BatchRows {
		s.update()
	}
	s.id++
	changed = s.changed()
	clear(s.touched)
	began := time.Now()
	f, err := s.store.Freeze(s.id)
	froze := time.Since(began)
	if err != nil {
		s.t.Fatal(err)
	}
	os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // the peak from now on
	began = time.Now()
	done := make(chan error, 1)
	go func() { done <- s.write(f, &written) }() // ends with the writing, which updateUntil waits for
	updates := s.updateUntil(done, share)
	took := time.Since(began)
	s.store.Confirm(s.id)
	fmt.Printf("%9.1f%% %10.1f %10.1f %7.2f %11.2f %9v %9v %10.0f   (chain of %d sections, %d MB)\n",
		share*100, mb(changed), mb(written), float64(written)/float64(changed), s.resident("VmHWM"), froze.Round(time.Microsecond),
		took.Round(time.Millisecond), float64(updates)/took.Seconds(), len(s.chain), s.chainBytes()>>20)
	return changed, written
}

func (s *stateLoop) write(f *state.Frozen, written *int64) (err error) {
	file := checkpoint.NewStateFile(context.Background(), s.storage, fmt.Sprintf("chk-%d", s.id), checkpoint.DefaultInlineLimit)
	if s.chain, *written, err = f.Write(file); err != nil {
		return err
	}
	return file.Close()
}

// updateUntil updates until the checkpoint is written: as fast as it can, but where a small share was
// updated before only that share again.
func (s *stateLoop) updateUntil(done chan error, share float64) (updates int) {
	most := int(share * float64(s.rows))
	for {
		select {
		case err := <-done:
			if err != nil {
				s.t.Fatal(err)
			}
			return updates
		default:
		}
		if share > 0 && share < 0.1 && updates > most {
			time.Sleep(time.Millisecond)
			continue
		}
		s.update()
		updates += column.BatchRows
	}
}

func mb(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// resident is a memory figure of this process, in parts of the state.
func (s *stateLoop) resident(what string) float64 {
	return float64(resident(what)) / float64(s.store.Bytes())
}

func (s *stateLoop) chainBytes() (n int64) {
	for _, c := range s.chain {
		n += c.Length
	}
	return n
}

func (s *stateLoop) restore() {
	rows, bytes := s.table.Len(), s.store.Bytes()
	s.store, s.table, s.touched = nil, nil, nil
	debug.FreeOSMemory()
	os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	store := state.NewStore(state.Range{From: 0, To: state.KeyGroups}, newBudget())
	read := func(c checkpoint.Section) (io.ReadCloser, error) {
		return checkpoint.OpenSection(context.Background(), s.storage, c)
	}
	began, busy := time.Now(), processTime()
	if err := store.Load(read, s.chain); err != nil {
		s.t.Fatal(err)
	}
	took := time.Since(began)
	busy = processTime() - busy
	if n := store.Table("groups", stateLayout).Len(); n != rows {
		s.t.Fatalf("%d rows restored of %d", n, rows)
	}
	s.store = store
	fmt.Printf("restore of %d MB of state from %d MB in %d sections on %d cores: %v (%v of a core), peak RSS/state %.2f\n",
		bytes>>20, s.chainBytes()>>20, len(s.chain), stateCores, took.Round(time.Millisecond), busy.Round(time.Millisecond), s.resident("VmHWM"))
}

// resident reads a memory figure of this process.
func resident(what string) int64 {
	b, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(b), what+":")
	var kb int64
	fmt.Sscanf(rest, "%d", &kb)
	return kb << 10
}

// processTime is what this process has had of the cores.
func processTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
