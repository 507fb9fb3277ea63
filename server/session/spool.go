package session

import (
	"bytes"
	"io"
	"os"

	"slipway/sql/sqlerr"
)

// spooledInMemory is how much a spool keeps before it takes a file.
const spooledInMemory = 4 << 20

// spool keeps what is written to it, to be read again: beyond a bound in a file without a name, which goes with the process.
type spool struct {
	memory bytes.Buffer
	file   *os.File
}

// Write implements io.Writer.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.memory.Len()+len(p) <= spooledInMemory {
		return s.memory.Write(p)
	}
	if s.file == nil {
		if err := s.open(); err != nil {
			return 0, spoolError(err)
		}
	}
	n, err := s.file.Write(p)
	if err != nil {
		err = spoolError(err)
	}
	return n, err
}

func (s *spool) open() error {
	f, err := os.CreateTemp("", "slipway-copy-")
	if err != nil {
		return err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return err
	}
	if _, err := s.memory.WriteTo(f); err != nil {
		f.Close()
		return err
	}
	s.file, s.memory = f, bytes.Buffer{}
	return nil
}

func spoolError(err error) error {
	return sqlerr.New(sqlerr.DiskFull, "the rows of COPY cannot be kept in a file: %v", err).WithHint("They wait in %s until all of them have been looked at.", os.TempDir())
}

// again reads what was written, from its beginning.
func (s *spool) again() (io.Reader, error) {
	if s.file == nil {
		return bytes.NewReader(s.memory.Bytes()), nil
	}
	_, err := s.file.Seek(0, io.SeekStart)
	return s.file, err
}

func (s *spool) close() {
	if s.file != nil {
		s.file.Close()
	}
}
