package embedded

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// persistLog says that the broker cannot write its data, as on a disk that is full: whoever produces is told of an
// unknown error alone, and tries again. It is said once a minute. What else the library logs is of clients.
type persistLog struct {
	log  *slog.Logger
	mu   sync.Mutex
	said time.Time
}

const sayAgainAfter = time.Minute

// Logf implements kfake.Logger.
func (l *persistLog) Logf(level kfake.LogLevel, format string, args ...any) {
	if level > kfake.LogLevelWarn || !strings.HasPrefix(format, "persist") {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.Sub(l.said) >= sayAgainAfter {
		l.said = now
		l.log.Error("the embedded broker cannot write its data", "error", fmt.Sprintf(format, args...))
	}
}
