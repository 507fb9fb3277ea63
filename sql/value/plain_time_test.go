package value

import (
	"math/rand/v2"
	"testing"
)

// TestPlainTimes: what is read as the common form is read so in any form too, also where some bytes are others.
func TestPlainTimes(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	read := 0
	check := func(b []byte) {
		for _, digits := range []int{0, 3, 6} {
			got, ok := plainTime(b, digits)
			if want, f := anyTime(b, digits); ok && (f != OK || got != want) {
				t.Fatalf("%q with %d digits is %d, want %d (%d)", b, digits, got, want, f)
			}
			if ok {
				read++
			}
		}
	}
	for _, text := range []string{"2026-01-31 00:00:00", "1969-12-31T23:59:59.999999", "2024-02-29 12:34:56.7", "0001-01-01 00:00:00.1234567", "9999-12-31 19:09:49.120"} {
		if _, ok := plainTime([]byte(text), 6); !ok {
			t.Errorf("%s was not read", text)
		}
		for at := range text {
			for c := range 256 {
				b := []byte(text)
				if b[at] = byte(c); c%3 == 0 {
					b[r.IntN(len(b))] = "0123456789 -:T.Z/"[r.IntN(17)]
				}
				check(b)
			}
		}
	}
	if read < 1000 {
		t.Errorf("only %d were read", read)
	}
}

func TestPlainDays(t *testing.T) {
	for y := range int64(10_000) {
		for m := range int64(14) {
			for _, d := range []int64{0, 1, 28, 29, 30, 31, 32, 99} {
				days, ok := plainDay(uint32(y), uint32(m), uint32(d))
				if want, right := DateOf(y, m, d); ok != right || days != want {
					t.Fatalf("%d-%d-%d is day %d, %v; want %d, %v", y, m, d, days, ok, want, right)
				}
			}
		}
	}
}

func BenchmarkReadTimestamp(b *testing.B) {
	text := []byte("2026-01-31 12:34:56.789")
	for b.Loop() {
		if _, f := ReadTimestamp(text, 3); f != OK {
			b.Fatal(f)
		}
	}
}
