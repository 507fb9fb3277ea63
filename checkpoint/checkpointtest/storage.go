// Package checkpointtest holds the conformance suites that every
// checkpoint.Storage and every checkpoint.MetadataStore passes, and the fakes that
// fail on demand.
package checkpointtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"slipway/checkpoint"
)

// Storage runs the suite against fresh stores that make returns.
func Storage(t *testing.T, make func(t *testing.T) checkpoint.Storage) {
	cases := map[string]func(*testing.T, checkpoint.Storage){
		"what was closed is read back, in any range":   readBack,
		"a file is visible only when closed":           invisibleUntilClosed,
		"an aborted file never was":                    abortedIsGone,
		"an existing file is never overwritten":        neverOverwritten,
		"a missing file is ErrNotExist":                missing,
		"remove is idempotent":                         removeTwice,
		"list gives names below a prefix in order":     listing,
		"remove all takes a job's files, no other's":   removeAll,
		"names that leave the store are refused":       escaping,
		"a hundred files at once":                      concurrent,
		"sections survive and damage is found":         sections,
		"a file cut short, or with a bit flipped":      harmed,
		"a file that failed leaves nothing behind":     failedFile,
		"an aborted file leaves nothing, also if late": abortedFile,
	}
	for name, run := range cases {
		t.Run(name, func(t *testing.T) { run(t, make(t)) })
	}
}

var ctx = context.Background()

// Write makes one whole file.
func Write(t *testing.T, s checkpoint.Storage, name, text string) {
	t.Helper()
	f, err := s.Create(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s checkpoint.Storage, name string, offset, length int64) string {
	t.Helper()
	r, err := s.Open(ctx, name, offset, length)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func equal[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func readBack(t *testing.T, s checkpoint.Storage) {
	Write(t, s, "job/chk-1/state", "0123456789")
	equal(t, read(t, s, "job/chk-1/state", 0, 10), "0123456789")
	equal(t, read(t, s, "job/chk-1/state", 3, 4), "3456")
}

func invisibleUntilClosed(t *testing.T, s checkpoint.Storage) {
	f, err := s.Create(ctx, "job/a")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, "half")
	if _, err := s.Open(ctx, "job/a", 0, 4); !errors.Is(err, checkpoint.ErrNotExist) {
		t.Fatalf("an open file is visible: %v", err)
	}
	names, err := s.List(ctx, "job/")
	if err != nil || len(names) != 0 {
		t.Fatalf("an open file is listed: %v %v", names, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, read(t, s, "job/a", 0, 4), "half")
}

func abortedIsGone(t *testing.T, s checkpoint.Storage) {
	f, err := s.Create(ctx, "job/a")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, "x")
	if err := f.Abort(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(ctx, "job/a", 0, 1); !errors.Is(err, checkpoint.ErrNotExist) {
		t.Fatalf("an aborted file is there: %v", err)
	}
	Write(t, s, "job/a", "again")
}

func neverOverwritten(t *testing.T, s checkpoint.Storage) {
	Write(t, s, "job/a", "first")
	f, err := s.Create(ctx, "job/a")
	if err == nil {
		io.WriteString(f, "second")
		err = f.Close()
	}
	if !errors.Is(err, checkpoint.ErrExist) {
		t.Fatalf("overwriting gave %v", err)
	}
	equal(t, read(t, s, "job/a", 0, 5), "first")
}

func missing(t *testing.T, s checkpoint.Storage) {
	if _, err := s.Open(ctx, "job/none", 0, 1); !errors.Is(err, checkpoint.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
}

func removeTwice(t *testing.T, s checkpoint.Storage) {
	Write(t, s, "job/a", "x")
	for range 2 {
		if err := s.Remove(ctx, "job/a", "job/never"); err != nil {
			t.Fatal(err)
		}
	}
	missingNow(t, s, "job/a")
}

func missingNow(t *testing.T, s checkpoint.Storage, name string) {
	t.Helper()
	if _, err := s.Open(ctx, name, 0, 1); !errors.Is(err, checkpoint.ErrNotExist) {
		t.Fatalf("%s is still there: %v", name, err)
	}
}

func listing(t *testing.T, s checkpoint.Storage) {
	for _, name := range []string{"job/c", "job/sub/b", "other/a"} {
		Write(t, s, name, "x")
	}
	names, err := s.List(ctx, "job/")
	if err != nil || !slices.Equal(names, []string{"job/c", "job/sub/b"}) {
		t.Fatalf("got %v %v", names, err)
	}
	if names, err = s.List(ctx, "nothing/"); err != nil || len(names) != 0 {
		t.Fatalf("got %v %v", names, err)
	}
}

func removeAll(t *testing.T, s checkpoint.Storage) {
	Write(t, s, "job/a", "x")
	Write(t, s, "job2/a", "y")
	for range 2 {
		if err := s.RemoveAll(ctx, "job/"); err != nil {
			t.Fatal(err)
		}
	}
	missingNow(t, s, "job/a")
	equal(t, read(t, s, "job2/a", 0, 1), "y")
	if err := s.RemoveAll(ctx, ""); err == nil {
		t.Fatal("removing everything must be refused")
	}
}

func escaping(t *testing.T, s checkpoint.Storage) {
	for _, name := range []string{"../x", "/etc/x", "a/../../x"} {
		if _, err := s.Create(ctx, name); err == nil {
			t.Fatalf("%s was accepted", name)
		}
	}
}

func concurrent(t *testing.T, s checkpoint.Storage) {
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			f, err := s.Create(ctx, fmt.Sprintf("job/%03d", i))
			if err != nil {
				t.Error(err)
				return
			}
			fmt.Fprintf(f, "%03d", i)
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	names, err := s.List(ctx, "job/")
	if err != nil || len(names) != 100 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	equal(t, read(t, s, "job/042", 0, 3), "042")
}

func sections(t *testing.T, s checkpoint.Storage) {
	file := checkpoint.NewStateFile(ctx, s, "job/chk-1", 8)
	small := section(t, file, "small")
	long := section(t, file, "a section that is longer than the limit")
	longer := section(t, file, "another section that is longer than the limit")
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, small.File, "")
	for want, sec := range map[string]checkpoint.Section{
		"small": small, "a section that is longer than the limit": long, "another section that is longer than the limit": longer} {
		got, err := checkpoint.ReadSection(ctx, s, sec)
		if err != nil || string(got) != want {
			t.Fatalf("%q %v", got, err)
		}
	}
	for _, damage := range []func(*checkpoint.Section){
		func(s *checkpoint.Section) { s.CRC++ },
		func(s *checkpoint.Section) { s.Length-- },
		func(s *checkpoint.Section) { s.Length += 1 << 20 },
		func(s *checkpoint.Section) { s.Offset++ },
		func(s *checkpoint.Section) { s.File = "job/other" },
	} {
		bad := longer
		damage(&bad)
		if _, err := checkpoint.ReadSection(ctx, s, bad); !errors.Is(err, checkpoint.ErrCorrupt) {
			t.Fatalf("damaged section %+v gave %v", bad, err)
		}
	}
}

// harmed: whatever happens to a file's bytes, its section is corrupt, not shorter or other.
func harmed(t *testing.T, s checkpoint.Storage) {
	const text = "the bytes of a section that is longer than the limit"
	file := checkpoint.NewStateFile(ctx, s, "job/whole", 8)
	whole := section(t, file, text)
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	body := read(t, s, whole.File, 0, 1<<20)
	var copies []string
	for _, n := range []int{0, 1, len(body) / 2, len(body) - 1} {
		copies = append(copies, body[:n])
	}
	for _, at := range []int{0, len(body) / 2, len(body) - 1} {
		copies = append(copies, body[:at]+string(body[at]^4)+body[at+1:])
	}
	for i, harmed := range copies {
		sec := whole
		sec.File = fmt.Sprintf("job/harmed-%d", i)
		Write(t, s, sec.File, harmed)
		if got, err := checkpoint.ReadSection(ctx, s, sec); !errors.Is(err, checkpoint.ErrCorrupt) {
			t.Errorf("%q was read as %q, %v", harmed, got, err)
		}
	}
	sec := whole
	sec.File = "job/like-it"
	Write(t, s, sec.File, body)
	if got, err := checkpoint.ReadSection(ctx, s, sec); err != nil || string(got) != text {
		t.Fatalf("a true copy was read as %q, %v", got, err)
	}
}

func section(t *testing.T, file *checkpoint.StateFile, text string) checkpoint.Section {
	t.Helper()
	sec, err := file.Section(func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
	if err != nil {
		t.Fatal(err)
	}
	return sec
}

func failedFile(t *testing.T, s checkpoint.Storage) {
	file := checkpoint.NewStateFile(ctx, s, "job/chk-1", 4)
	section(t, file, "a good section")
	boom := errors.New("boom")
	_, err := file.Section(func(w io.Writer) error { io.WriteString(w, "half a section"); return boom })
	if !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	if err := file.Close(); !errors.Is(err, boom) {
		t.Fatalf("a torn file closed with %v", err)
	}
	missingNow(t, s, "job/chk-1")
}

func abortedFile(t *testing.T, s checkpoint.Storage) {
	for _, closed := range []bool{false, true} {
		file := checkpoint.NewStateFile(ctx, s, "job/chk-1", 4)
		section(t, file, "a good section")
		if closed {
			if err := file.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := file.Abort(); err != nil {
			t.Fatal(err)
		}
		missingNow(t, s, "job/chk-1")
		if _, err := file.Section(func(w io.Writer) error { _, err := io.WriteString(w, "too late, too long"); return err }); err == nil {
			t.Fatal("a section was written to an aborted file")
		}
	}
}
