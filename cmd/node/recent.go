package node

import (
	"log/slog"
	"sync"
)

// recentBytes of the log are kept, for support bundles.
const recentBytes = 1 << 20

// recent keeps the last lines that were written to the log, as they were: redacted.
type recent struct {
	mu    sync.Mutex
	lines [][]byte
	bytes int
}

// Write takes one line.
func (r *recent) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, append([]byte(nil), line...))
	for r.bytes += len(line); r.bytes > recentBytes && len(r.lines) > 1; r.lines = r.lines[1:] {
		r.bytes -= len(r.lines[0])
	}
	return len(line), nil
}

func (r *recent) text() (out []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.lines {
		out = append(out, line...)
	}
	return out
}

// remembering is a handler whose lines also go to recent.
type remembering struct {
	slog.Handler
	recent *recent
}

func (h remembering) WithAttrs(a []slog.Attr) slog.Handler {
	return remembering{h.Handler.WithAttrs(a), h.recent}
}

func (h remembering) WithGroup(name string) slog.Handler {
	return remembering{h.Handler.WithGroup(name), h.recent}
}

// recentLog are the last lines of a log that Logger made.
func recentLog(log *slog.Logger) func() []byte {
	if h, ok := log.Handler().(remembering); ok {
		return h.recent.text
	}
	return nil
}
