package droplog

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func logger(b *strings.Builder) *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}}))
}

// TestRows: the first of each kind at once, the others as a number a minute, the newest
// as the example; silence says nothing, and the end says the rest.
func TestRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		l := New(logger(&b))
		said := func(want ...string) {
			t.Helper()
			synctest.Wait()
			if got := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n"); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("said %q, want %q", got, want)
			}
			b.Reset()
		}
		l.Rows("skipped", "number", 1, "offset", 7)
		l.Rows("skipped", "number", 1, "offset", 8)
		l.Rows("skipped", "date", 1, "offset", 9)
		l.Rows("late", "", 3, "watermark", 5)
		said(`msg=skipped rows=1 offset=7`, `msg=skipped rows=1 offset=9`, `msg=late rows=3 watermark=5`)
		l.Rows("skipped", "date", 1, "offset", 10)
		l.Rows("late", "", 4, "watermark", 6)
		time.Sleep(Every)
		said(`msg=skipped rows=2 offset=10`, `msg=late rows=4 watermark=6`)
		time.Sleep(10 * Every)
		said("")
		for i := range 1000 {
			l.Rows("skipped", "number", 1, "offset", 100+i)
			time.Sleep(Every / 100)
		}
		l.Close()
		l.Rows("skipped", "new", 1, "offset", 5000)
		time.Sleep(10 * Every)
		if lines := strings.Count(b.String(), "\n"); lines < 10 || lines > 12 {
			t.Errorf("%d lines in ten minutes:\n%s", lines, b.String())
		}
		total := 0
		for _, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
			var n, offset int
			if _, err := fmt.Sscanf(line, "msg=skipped rows=%d offset=%d", &n, &offset); err != nil {
				t.Error(line, err)
			}
			total += n
		}
		if total != 1000 {
			t.Errorf("the lines count %d rows of 1000", total)
		}
	})
}

// TestKindsAreBounded: reasons that all differ do not fill the log nor the memory.
func TestKindsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		l := New(logger(&b))
		for i := range 10_000 {
			l.Rows("skipped", fmt.Sprint(i), 1)
		}
		l.Close()
		if lines := strings.Count(b.String(), "\n"); lines != maxKinds+1 {
			t.Errorf("%d lines", lines)
		}
		var none *Log
		none.Rows("skipped", "", 1)
		none.Close()
	})
}
