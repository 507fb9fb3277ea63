package client

import (
	"context"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

func memoryWriter() *Writer {
	w := &Writer{limit: 1 << 20, partitions: []*partitionQueue{{}, {}}, partitioner: kgo.StickyKeyPartitioner(nil).ForTopic("t")}
	w.changed = sync.NewCond(&w.mu)
	return w
}

// TestSpareMemory: of what batches needed only so much is kept, and little of it behind a Flush.
func TestSpareMemory(t *testing.T) {
	w := memoryWriter()
	for range 100 {
		w.recycle(make([]byte, 10, w.limit))
	}
	if n := len(w.spare) * w.limit; n != maxSpareBytes {
		t.Errorf("%d bytes are kept", n)
	}
	if err := w.Flush(context.Background()); err != nil || len(w.spare) != len(w.partitions)+1 {
		t.Errorf("%d batches' memory is kept behind a flush, %v", len(w.spare), err)
	}
	for _, m := range w.spare[:cap(w.spare)][len(w.spare):] {
		if m != nil {
			t.Error("memory is kept behind the end of the list")
		}
	}
	w = memoryWriter()
	for range 3 {
		w.recycle(make([]byte, 10, 2*maxSpareBytes)) // of records that are larger than a batch
	}
	if len(w.spare) != 3 {
		t.Errorf("%d batches' memory is kept", len(w.spare))
	}
}

// TestBatchesBehindAFullOne: they do not grow step by step.
func TestBatchesBehindAFullOne(t *testing.T) {
	w, value := memoryWriter(), make([]byte, 1000)
	fill := func() {
		for before := len(w.partitions[0].full); len(w.partitions[0].full) == before; {
			w.Append(0, nil, value)
		}
	}
	fill()
	if n := testing.AllocsPerRun(10, fill); n > 2 { // its memory, and the list of full ones
		t.Errorf("%v allocations for a batch", n)
	}
}
