package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Checksum is the CRC-32C of b, as kept in Section.CRC.
func Checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// DefaultInlineLimit is the size up to which a section rides inside the manifest:
// most tasks of most jobs then write no file at all.
const DefaultInlineLimit = 16 << 10

// StateFile is the one file that all tasks of a process write for one checkpoint of one
// job: one file per checkpoint, not per task, is what a name node can bear. Tasks
// append sections in any order; small ones stay inline. The file is made with the
// first section that does not fit.
type StateFile struct {
	storage Storage
	name    string
	inline  int
	ctx     context.Context

	mu struct {
		sync.Mutex // held while a long section is being written
		file       File
		offset     int64
		failed     error
		closed     bool
	}
}

// NewStateFile prepares a file under the given name; ctx bounds all its writing.
func NewStateFile(ctx context.Context, storage Storage, name string, inlineLimit int) *StateFile {
	return &StateFile{ctx: ctx, storage: storage, name: name, inline: inlineLimit}
}

// Section writes what write produces and says where it went. Several tasks may
// call it at once; long sections follow one another.
func (s *StateFile) Section(write func(w io.Writer) error) (Section, error) {
	w := &sectionWriter{file: s}
	err := write(w)
	if w.spilled {
		defer s.mu.Unlock()
	}
	if err != nil {
		return Section{}, s.fail(w, err)
	}
	if !w.spilled {
		return Section{Inline: w.buf.Bytes(), Length: int64(w.buf.Len()), CRC: w.crc}, nil
	}
	return Section{File: s.name, Offset: w.start, Length: s.mu.offset - w.start, CRC: w.crc}, nil
}

// fail keeps the first error of the file: what follows a torn write is worthless.
func (s *StateFile) fail(w *sectionWriter, err error) error {
	err = fmt.Errorf("writing state file %s: %w", s.name, err)
	if w.spilled && s.mu.failed == nil {
		s.mu.failed = err
	}
	return err
}

// Close makes the file durable. Sections may be named in a manifest only after it
// returned nil.
func (s *StateFile) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.closed {
		return s.mu.failed
	}
	s.mu.closed = true
	if s.mu.file == nil {
		return s.mu.failed
	}
	if s.mu.failed != nil {
		return errors.Join(s.mu.failed, s.mu.file.Abort())
	}
	if err := s.mu.file.Close(); err != nil {
		s.mu.failed = fmt.Errorf("closing state file %s: %w", s.name, err)
	}
	return s.mu.failed
}

// Abort throws away what was written; after a Close that succeeded it removes the file.
func (s *StateFile) Abort() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	wasClosed := s.mu.closed
	s.mu.closed = true
	if s.mu.failed == nil {
		s.mu.failed = errors.New("checkpoint aborted")
	}
	if s.mu.file == nil {
		return nil
	}
	if !wasClosed {
		return s.mu.file.Abort()
	}
	return s.storage.Remove(context.WithoutCancel(s.ctx), s.name)
}

// sectionWriter buffers up to the inline limit, then takes the file's lock and
// writes through to the file until the section ends.
type sectionWriter struct {
	file    *StateFile
	buf     bytes.Buffer
	crc     uint32
	spilled bool
	start   int64
}

func (w *sectionWriter) Write(p []byte) (int, error) {
	if !w.spilled && w.buf.Len()+len(p) > w.file.inline {
		if err := w.spill(); err != nil {
			return 0, err
		}
	}
	w.crc = crc32.Update(w.crc, castagnoli, p)
	if !w.spilled {
		return w.buf.Write(p)
	}
	n, err := w.file.mu.file.Write(p)
	w.file.mu.offset += int64(n)
	return n, err
}

func (w *sectionWriter) spill() error {
	s := w.file
	s.mu.Lock()
	w.spilled = true
	w.start = s.mu.offset
	if err := s.open(); err != nil {
		return err
	}
	n, err := s.mu.file.Write(w.buf.Bytes())
	s.mu.offset += int64(n)
	w.buf = bytes.Buffer{}
	return err
}

// open makes the file with the first long section; s.mu is held.
func (s *StateFile) open() error {
	if s.mu.closed {
		return errors.New("the checkpoint is over")
	}
	if s.mu.failed != nil || s.mu.file != nil {
		return s.mu.failed
	}
	f, err := s.storage.Create(s.ctx, s.name)
	s.mu.file = f
	return err
}

// OpenSection reads a section. The reader verifies length and checksum: instead of
// io.EOF it returns an error that wraps ErrCorrupt when the bytes are not those
// that were written. What was read before belongs in the bin then.
func OpenSection(ctx context.Context, storage Storage, s Section) (io.ReadCloser, error) {
	if s.File == "" {
		return &verifier{r: io.NopCloser(bytes.NewReader(s.Inline)), section: s}, nil
	}
	r, err := storage.Open(ctx, s.File, s.Offset, s.Length)
	if errors.Is(err, ErrNotExist) {
		return nil, fmt.Errorf("state file %s is missing: %w", s.File, ErrCorrupt)
	}
	if err != nil {
		return nil, fmt.Errorf("opening state file %s: %w", s.File, err)
	}
	return &verifier{r: r, section: s}, nil
}

// ReadSection reads and verifies a whole section.
func ReadSection(ctx context.Context, storage Storage, s Section) ([]byte, error) {
	r, err := OpenSection(ctx, storage, s)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

type verifier struct {
	r       io.ReadCloser
	section Section
	read    int64
	crc     uint32
}

func (v *verifier) Read(p []byte) (int, error) {
	n, err := v.r.Read(p)
	v.read += int64(n)
	v.crc = crc32.Update(v.crc, castagnoli, p[:n])
	if v.read > v.section.Length || (err == io.EOF && v.wrong()) {
		return n, fmt.Errorf("section of %d bytes at %d of state file %q: length or checksum differ: %w",
			v.section.Length, v.section.Offset, v.section.File, ErrCorrupt)
	}
	return n, err
}

func (v *verifier) wrong() bool { return v.read != v.section.Length || v.crc != v.section.CRC }

func (v *verifier) Close() error { return v.r.Close() }
