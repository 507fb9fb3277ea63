package value

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

// numbers around each power of ten, and others of each length.
func numbers() []int64 {
	out := []int64{math.MinInt64, math.MaxInt64}
	r := rand.New(rand.NewPCG(3, 3))
	for _, p := range append(Pow10[:19:19], 0) {
		for d := range int64(5) {
			out = append(out, p+d-2, 2-p-d)
		}
		for range 2000 {
			n := r.Int64N(max(1, p))
			out = append(out, n, -n)
		}
	}
	return out
}

func TestAppendInt(t *testing.T) {
	for _, n := range numbers() {
		if got, want := string(AppendInt([]byte("x"), n)), "x"+strconv.FormatInt(n, 10); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	for n := range uint64(10_000) { // each pair of quarters
		for _, n := range []uint64{n, n * 10_000} {
			if got := AppendInt(nil, int64(n)); string(got) != strconv.FormatUint(n, 10) {
				t.Fatalf("%d is written %s", n, got)
			}
		}
	}
}

// TestReadDigits reads numbers with each byte behind them, at each distance from the end of the text.
func TestReadDigits(t *testing.T) {
	for i, n := range numbers() {
		if n < 0 || n > 999_999_999_999_999_999 {
			continue
		}
		text := strconv.FormatInt(n, 10)
		for rest := range 12 {
			behind := byte(i*12 + rest)
			if behind-'0' <= 9 {
				behind = ','
			}
			b := append([]byte(text), behind)
			for range rest {
				b = append(b, "09/:\x00\xff\xb0,"[(i+rest)%8])
			}
			if got, count := ReadDigits(b); got != n || count != len(text) {
				t.Fatalf("%q begins with %d, %d digits; want %d", b, got, count, n)
			}
			if got, count := ReadDigits(b[:len(text)]); got != n || count != len(text) {
				t.Fatalf("%q alone is %d, %d digits", text, got, count)
			}
		}
	}
	for c := range 256 {
		_, count := ReadDigits([]byte{'1', byte(c), '2', '3', '4', '5', '6', '7', '8'})
		if digit := byte(c)-'0' <= 9; digit != (count == 9) || !digit && count != 1 {
			t.Fatalf("1%c2345678 begins with %d digits", c, count)
		}
	}
}

func TestDates(t *testing.T) {
	for days := int64(-800_000); days < 3_700_000; days++ {
		y, m, d := CivilFromDays(days)
		at := time.Unix(days*86400, 0).UTC()
		if int64(at.Year()) != y || int64(at.Month()) != m || int64(at.Day()) != d {
			t.Fatalf("day %d is %d-%d-%d, want %s", days, y, m, d, at)
		}
		if got := string(AppendDate(nil, days)); days%7 == 0 && at.Year() >= 0 && got != at.Format(time.DateOnly) {
			t.Fatalf("%s, want %s", got, at)
		}
	}
}

func TestAppendTimestamp(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var last TimeText
	n := int64(20_000_000) // the first is in the minute of a TimeText that has none
	for i := range 100_000 {
		if n += r.Int64N(40_000_000) - 19_000_000; i%8 == 7 { // else it is mostly in the minute of the one before
			n = minTime + r.Int64N(endTime-minTime)
		}
		n = min(max(n, minTime), endTime-1)
		for digits, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04:05.0", "2006-01-02 15:04:05.00", "2006-01-02 15:04:05.000", "2006-01-02 15:04:05.0000", "2006-01-02 15:04:05.00000", "2006-01-02 15:04:05.000000"} {
			want := time.UnixMicro(n).UTC().Format(layout)
			if got := string(AppendTimestamp(nil, n, digits)); got != want {
				t.Fatalf("%s, want %s", got, want)
			}
			if got := string(last.AppendTimestamp(nil, n, digits)); got != want {
				t.Fatalf("%s, want %s, which has the minute before", got, want)
			}
		}
	}
}

// TestPlainText: each byte at each place of a text decides whether it is copied.
func TestPlainText(t *testing.T) {
	for length := range 20 {
		b := make([]byte, length)
		for at := range b {
			for c := range 256 {
				for i := range b {
					b[i] = "a ~"[i%3]
				}
				b[at] = byte(c)
				if want := c >= ' ' && c < 0x80 && c != '"' && c != '\\'; isPlain(b) != want {
					t.Fatalf("%q: %v, want %v", b, !want, want)
				}
			}
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	ns, buf := numbers(), []byte(nil)
	b.Run("number", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			buf = AppendInt(buf[:0], ns[i%len(ns)])
		}
	})
	b.Run("time", func(b *testing.B) {
		for i := int64(0); b.Loop(); i++ {
			buf = AppendTimestamp(buf[:0], 1_767_225_600_000_000+i*7_123_456, 3)
		}
	})
}
