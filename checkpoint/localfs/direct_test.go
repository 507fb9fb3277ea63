package localfs

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// TestLargeFiles: what is written in pieces of all sizes is there, also where the disk does not take the
// buffer as it lies in memory, and the file goes through the page cache from then on.
func TestLargeFiles(t *testing.T) {
	want := make([]byte, 3*bufferSize+12345)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range want {
		want[i] = byte(r.Uint32())
	}
	for _, shifted := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "file")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w := newWriter(f)
		if shifted {
			buffer := make([]byte, bufferSize+blockSize+1)[1:][:bufferSize]
			w.buffer = &buffer
		}
		for left := want; len(left) > 0; {
			n := min(len(left), 1+r.IntN(300_000))
			if m, err := w.Write(left[:n]); m != n || err != nil {
				t.Fatal(m, err)
			}
			left = left[n:]
		}
		before := w.direct
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("shifted %t: %d bytes are there, want %d as they were written (%v)", shifted, len(got), len(want), err)
		}
		t.Logf("shifted %t: past the page cache: %t", shifted, before == past)
	}
}

// TestSmallFiles: what does not fill a buffer never tries.
func TestSmallFiles(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWriter(f)
	if _, err := w.Write([]byte("state")); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil || w.direct != untried {
		t.Error(err, w.direct)
	}
}
