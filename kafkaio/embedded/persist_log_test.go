package embedded

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// TestPersistLog: a disk that is full is said once a minute, and nothing of clients.
func TestPersistLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		l := &persistLog{log: slog.New(slog.NewTextHandler(&said, nil))}
		for range 3 {
			l.Logf(kfake.LogLevelWarn, "persist batch %s-%d: %v", "t", 0, "no space left on device")
			l.Logf(kfake.LogLevelWarn, "consumerHeartbeatLate: group=%s", "g")
			l.Logf(kfake.LogLevelInfo, "persist: done")
		}
		if n := strings.Count(said.String(), "no space left on device"); n != 1 || strings.Count(said.String(), "\n") != 1 {
			t.Errorf("said:\n%s", said.String())
		}
		time.Sleep(sayAgainAfter)
		l.Logf(kfake.LogLevelError, "persist to disk: %v", "no space left on device")
		if n := strings.Count(said.String(), "no space left on device"); n != 2 {
			t.Errorf("a minute later:\n%s", said.String())
		}
	})
}
