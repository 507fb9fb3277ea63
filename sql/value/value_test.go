package value

import (
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

func TestTimestampsAgainstTime(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for range 20000 {
		at := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Add(0).AddDate(0, 0, r.IntN(9998*365)).Add(time.Duration(r.Int64N(86400e6)) * time.Microsecond)
		text := at.Format("2006-01-02 15:04:05.000000")
		got, f := ReadTimestamp([]byte(text), 6)
		if f != OK || got != at.UnixMicro() {
			t.Fatalf("%s is %d (%d), want %d", text, got, f, at.UnixMicro())
		}
		if back := string(AppendTimestamp(nil, got, 6)); back != text {
			t.Fatalf("%s came back as %s", text, back)
		}
	}
	for text, want := range map[string]string{
		"2026-01-01T08:30:00+08:00": "2026-01-01 00:30:00.000", "2026-01-01T00:00:00.5Z": "2026-01-01 00:00:00.500", "2026-02-28": "2026-02-28 00:00:00.000",
		"1969-12-31 23:59:59.999": "1969-12-31 23:59:59.999", "2026-01-01 10:20": "2026-01-01 10:20:00.000",
	} {
		got, f := ReadTimestamp([]byte(text), 6)
		if s := string(AppendTimestamp(nil, got, 3)); f != OK || s != want {
			t.Errorf("%s is %s (%d), want %s", text, s, f, want)
		}
	}
	for _, bad := range []string{"", "2026-02-29", "2026-13-01", "2026-01-01 24:00:00", "2026-01-01 1:00", "2026-01-01 00:00:00x", "2026-01-01 00:00:60", "2026/01/01"} {
		if _, f := ReadTimestamp([]byte(bad), 6); f == OK {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestDecimalsAgainstBig(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for range 20000 {
		digits := 1 + r.IntN(38)
		n := new(big.Int)
		for range digits {
			n.Mul(n, big.NewInt(10)).Add(n, big.NewInt(int64(r.IntN(10))))
		}
		if r.IntN(2) == 0 {
			n.Neg(n)
		}
		scale := r.IntN(digits + 1)
		v, ok := FromBig(n)
		if !ok || v.Big().Cmp(n) != 0 {
			t.Fatalf("%s became %s", n, v.Big())
		}
		text := string(AppendDecimal128(nil, v, scale))
		want := new(big.Rat).SetFrac(n, BigPow10(scale)).FloatString(scale)
		if text != want {
			t.Fatalf("%s at scale %d is %s, want %s", n, scale, text, want)
		}
		back, fits, ok := ParseDecimal([]byte(text), 38, scale)
		if !ok || !fits || back != v {
			t.Fatalf("%s read as %v %t %t", text, back, fits, ok)
		}
	}
	for _, c := range []struct {
		text             string
		precision, scale int
		want             string
		fits, ok         bool
	}{
		{"1.005", 10, 2, "1.01", true, true}, {"-1.005", 10, 2, "-1.01", true, true}, {"1e3", 10, 0, "1000", true, true}, {"99.995", 4, 2, "", false, true},
		{"123", 2, 0, "", false, true}, {"", 10, 0, "", false, false}, {"1/2", 10, 2, "", false, false}, {"0x10", 10, 2, "", false, false},
		{".5", 3, 1, "0.5", true, true},
		{"1e999999999", 10, 2, "", false, true}, {"1e-999999999", 10, 2, "0.00", true, true}, {"0e999999999", 10, 2, "0.00", true, true},
		{"1e9999999999999999999999", 10, 2, "", false, true}, {"1.2.3", 10, 2, "", false, false}, {"1.", 3, 1, "1.0", true, true},
		{".", 3, 1, "", false, false}, {"5e", 3, 1, "", false, false}, {"0.5", 1, 0, "1", true, true},
		{"-0.4999999999999999999999999", 1, 0, "0", true, true}, {"99999999999999999999999999999999999999.5", 38, 0, "", false, true},
		{"000000000000000000000000000000000000000000000000000007.25", 3, 2, "7.25", true, true}, {"-", 3, 0, "", false, false},
	} {
		v, fits, ok := ParseDecimal([]byte(c.text), c.precision, c.scale)
		if fits != c.fits || ok != c.ok || fits && string(AppendDecimal128(nil, v, c.scale)) != c.want {
			t.Errorf("%q: %v %t %t", c.text, v, fits, ok)
		}
	}
}

func TestInt128Overflow(t *testing.T) {
	top := Int128{1<<63 - 1, ^uint64(0)}
	if _, ok := top.Add(FromInt64(1)); ok {
		t.Fatal("overflow was not seen")
	}
	if _, ok := top.Neg().Sub(FromInt64(2)); ok {
		t.Fatal("underflow was not seen")
	}
	if s, ok := FromInt64(-5).Add(FromInt64(3)); !ok || s != FromInt64(-2) {
		t.Fatal(s)
	}
}

// TestHashIsFixed: the values are part of the state format.

func TestYearsBeyondTheRange(t *testing.T) {
	for days, want := range map[int64]string{endDay: "10000-01-01", minDay - 1: "0000-12-31", endDay - 1: "9999-12-31"} {
		if got := string(AppendDate(nil, days)); got != want {
			t.Errorf("day %d is %s, want %s", days, got, want)
		}
	}
}
