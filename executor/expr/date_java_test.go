package expr

import (
	"testing"
	"time"
)

// TestJavaPatterns: letters are parts of the time, everything else is text as it is, whatever Go's layouts say.
func TestJavaPatterns(t *testing.T) {
	at := time.Date(2026, 3, 15, 22, 4, 5, 123_456_000, time.UTC)
	for pattern, want := range map[string]string{
		"yyyy-MM-01": "2026-03-01", "yyyy-MM-01 00:00:00": "2026-03-01 00:00:00", "yyyyMMddHHmmssSSS": "20260315220405123",
		"SSSSSS": "123456", "ss.SSS": "05.123",
		"'Jan 2' yyyy": "Jan 2 2026", "d/M/yy": "15/3/26", "hh:mm a": "10:04 PM", "yyyy''MM": "2026'03", "''": "'", "'o''clock' HH": "o'clock 22",
		"yyyy'15'": "202615", "": "", "_2 0": "_2 0",
		"EEE, dd MMM yyyy HH:mm:ss Z": "Sun, 15 Mar 2026 22:04:05 +0000",
		"yyyy-MM-dd'T'HH:mm:ssXXX":    "2026-03-15T22:04:05Z", "EEEE MMMM": "Sunday March", "uuuu": "2026",
	} {
		if got := string(ReadJavaPattern(pattern).Append(nil, at)); got != want {
			t.Errorf("%q: %q, want %q", pattern, got, want)
		}
	}
}

// TestJavaPatternsRead: what is written is read; a fraction needs no point in front.
func TestJavaPatternsRead(t *testing.T) {
	at := time.Date(2026, 3, 15, 22, 4, 5, 123_000_000, time.UTC)
	for _, pattern := range []string{
		"yyyyMMddHHmmssSSS", "yyyy-MM-dd HH:mm:ss.SSS", "yyyy-MM-dd'T'HH:mm:ss,SSS",
		"yyyyMMddHHmmssSSSSSS", "dd.MM.yyyy HH:mm:ss SSS", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
	} {
		p := ReadJavaPattern(pattern)
		if got, err := p.Parse(string(p.Append(nil, at))); err != nil || !got.Equal(at) {
			t.Errorf("%q: %v, %v", pattern, got, err)
		}
	}
	for pattern, text := range map[string]string{"yyyyMMddHHmmssSSS": "20260315220405", "yyyySSS": "2026a23", "ssSSS": "05", "yyyy": "26"} {
		if got, err := ReadJavaPattern(pattern).Parse(text); err == nil {
			t.Errorf("%q reads %q as %v", pattern, text, got)
		}
	}
}
