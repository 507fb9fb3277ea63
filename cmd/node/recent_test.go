package node

import (
	"bytes"
	"strings"
	"testing"

	"slipway/conf"
)

// TestRecentLog: the last lines of the log are kept within bounds, redacted as they were written.
func TestRecentLog(t *testing.T) {
	var out bytes.Buffer
	log := Logger(conf.Defaults(conf.Server), &out)
	log.With("a", 1).WithGroup("g").Info("first", "url", "kafka://ann:planted@host")
	text := string(recentLog(log)())
	if text != out.String() || !strings.Contains(text, "first") || strings.Contains(text, "planted") {
		t.Errorf("kept:\n%s\nwritten:\n%s", text, &out)
	}
	for range 3000 {
		log.Info(strings.Repeat("x", 1000))
	}
	log.Info("last")
	kept := recentLog(log)()
	if len(kept) > recentBytes || bytes.Contains(kept, []byte("first")) || !bytes.Contains(kept, []byte("last")) || !bytes.HasPrefix(kept, []byte("time=")) {
		t.Errorf("%d bytes, from %.40q", len(kept), kept)
	}
}
