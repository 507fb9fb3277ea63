package value

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"slipway/sql/types"
)

const (
	bad  = "malformed"
	over = "out of range"
	part = "a fraction"
)

// readings is the one table of what a text means as a value of a type.
var readings = []struct {
	typ   types.Type
	cases map[string]string
}{
	{types.Of(types.Boolean), map[string]string{
		"true": "true", "T": "true", "tr": "true", "yes": "true", "Y": "true", "on": "true", "1": "true", " true\n": "true",
		"false": "false", "f": "false", "no": "false", "N": "false", "off": "false", "of": "false", "0": "false", "FALSE": "false",
		"": bad, "o": bad, "2": bad, "10": bad, "truee": bad, "nope": bad, "onn": bad, "t rue": bad, "01": bad, "null": bad}},
	{types.Of(types.Int), map[string]string{
		"17": "17", "-17": "-17", "+17": "17", " 17 ": "17", "007": "7", "8.0": "8", "1e3": "1000", "1.5e1": "15", "1200e-2": "12", "-0": "0",
		"0e999": "0", ".0": "0", "5.": "5",
		"2147483647": "2147483647", "-2147483648": "-2147483648", "2147483648": over, "8.5": part, "1e-3": part, "1e99": over, "99999999999999999999": over,
		"": bad, "-": bad, "1_000": bad, "0x10": bad, "0b1": bad, "1e": bad, "e5": bad, "1 0": bad, "one": bad, "1.2.3": bad, "--1": bad, "nan": bad,
		"１": bad, "true": bad}},
	{types.Of(types.BigInt), map[string]string{
		"9223372036854775807": "9223372036854775807", "-9223372036854775808": "-9223372036854775808", "9223372036854775808": over,
		"9223372036854775807.0":     "9223372036854775807",
		"0000000000000000000000017": "17", "92233720368547758070e-1": "9223372036854775807", "9223372036854775807.5": part}},
	{types.Of(types.TinyInt), map[string]string{"127": "127", "-128": "-128", "128": over, "1.27e2": "127"}},
	{types.NewDecimal(10, 2), map[string]string{
		"1.5": "1.50", "1.005": "1.01", "-1.005": "-1.01", " 12 ": "12.00", "1e3": "1000.00", "0.001": "0.00", ".5": "0.50", "5.": "5.00",
		"99999999.99": "99999999.99", "99999999.995": over, "100000000": over,
		"1e999999999": over, "": bad, "NaN": bad, "1,5": bad, "1_0": bad, "0x1": bad, ".": bad, "1e+": bad}},
	{types.NewDecimal(38, 10), map[string]string{"1234567890123456789012345678.0123456789": "1234567890123456789012345678.0123456789", "12345678901234567890123456789": over}},
	{types.Of(types.Double), map[string]string{
		"1.5": "1.5", "-0": "-0", "1e308": "1e+308", "4.9e-324": "5e-324", "1e15": "1e+15", "123456789.125": "123456789.125", " 7 ": "7", ".5": "0.5",
		"5.": "5", "0.1": "0.1", "0e-999": "0",
		"NaN": "NaN", "nan": "NaN", "Infinity": "Infinity", "-infinity": "-Infinity", "inf": "Infinity", "+Inf": "Infinity", "1e400": over,
		"-1e400": over, "1e-1000": over, "0.000e5": "0",
		"": bad, "0x1p4": bad, "1_000": bad, "infinit": bad, "-nan": "NaN", "nano": bad, "1e5e5": bad, "1.5f": bad}},
	{types.Of(types.Float), map[string]string{"1.5": "1.5", "0.1": "0.1", "1e40": over, "1e-50": over, "3.4028235e38": "3.4028235e+38", "Infinity": "Infinity", "16777217": "16777216"}},
	{types.Of(types.Date), map[string]string{
		"2026-01-31": "2026-01-31", " 2026-01-31 ": "2026-01-31", "2026-1-3": "2026-01-03", "0001-01-01": "0001-01-01", "9999-12-31": "9999-12-31",
		"2024-02-29":          "2024-02-29",
		"2026-01-02 10:20:30": "2026-01-02", "2026-01-02T10:20:30.5Z": "2026-01-02", "2026-01-02 23:00:00-05": "2026-01-02",
		"2026-01-02 +08": "2026-01-02", "2026-01-02+08:00": "2026-01-02", "2026-01-02 Z": "2026-01-02", "2026-01-02 +8": bad, "2026-01-02 CET": bad,
		"0000-01-01": over, "10000-01-01": over, "2026-01-023": bad, "2026-01-02garbage": bad, "2026-02-30": bad, "2026-13-01": bad,
		"2026-00-01": bad, "26-01-01": bad, "2026/01/01": bad,
		"": bad, "2026-01": bad, "2026-01-02 ": "2026-01-02", "2026-01-02 25:00": bad, "2026-01-02 x": bad, "2026-01-0x": bad, "-2026-01-02": bad,
		"2026-01-02T": bad, "1e3": bad}},
	{types.NewTimestamp(3), map[string]string{
		"2026-01-02 10:00:00": "2026-01-02 10:00:00.000", "2026-01-02T10:00:00": "2026-01-02 10:00:00.000",
		"2026-01-02 10:00": "2026-01-02 10:00:00.000", "2026-01-02": "2026-01-02 00:00:00.000",
		"2026-01-02 10:00:00Z": "2026-01-02 10:00:00.000", "2026-01-02 10:00:00 Z": "2026-01-02 10:00:00.000",
		"2026-01-02 10:00:00+00": "2026-01-02 10:00:00.000", "2026-01-02 10:00:00+0000": "2026-01-02 10:00:00.000",
		"2026-01-02 10:00:00+02": "2026-01-02 08:00:00.000", "2026-01-02 10:00:00+02:00": "2026-01-02 08:00:00.000",
		"2026-01-02 10:00:00 +02:30": "2026-01-02 07:30:00.000", "2026-01-02 10:00:00.5-0330": "2026-01-02 13:30:00.500",
		"2026-01-02 10:00:00 UTC": "2026-01-02 10:00:00.000", "2026-01-02  10:00:00.9999": "2026-01-02 10:00:00.999",
		"2026-1-2 10:00:00.123456789": "2026-01-02 10:00:00.123", "2026-01-02T10:00Z": "2026-01-02 10:00:00.000",
		"9999-12-31 23:59:59.999": "9999-12-31 23:59:59.999", "0001-01-01 00:00:00": "0001-01-01 00:00:00.000",
		"0000-01-01 01:01:01": over, "10000-01-01 00:00:00": over, "0001-01-01 00:00:00+02": over, "9999-12-31 23:00:00-02": over,
		"2026-01-023 10:00:00": bad, "2026-01-02 10:00:00x": bad, "2026-01-02 10:00:00+2": bad, "2026-01-02 10:00:00+02:0": bad,
		"2026-01-02 10:00:00+02:": bad, "2026-01-02 24:00:00": bad, "2026-01-02 10:00:60": bad, "2026-01-02 1:00": bad,
		"2026-01-02 10:00:00 CET": bad, "2026-01-02garbage": bad, "": bad, "10:00:00": bad, "2026-01-02_10:00:00": bad, "1767225600": bad,
		"2026-01-02 10:00:00+19": bad}},
	{types.Of(types.Interval), map[string]string{
		"3 day": "3 days", "1 day": "1 day", "1 day 2 hours": "1 day 02:00:00", "-1 day": "-1 days", "5": "00:00:05", "90 minutes": "01:30:00",
		"1.5h": "01:30:00", "04:05:06.25": "04:05:06.25", "2 weeks": "14 days",
		"1 day -1 hour": "1 day -01:00:00", "-00:00:01.5": "-00:00:01.5", "1 d 1 ms": "1 day 00:00:00.001", "3 days 04:05": "3 days 04:05:00",
		"72 hours": "72:00:00", "-25 hours": "-25:00:00", "1885836762:41:18.012346": "1885836762:41:18.012346",
		"2562047788:00:54.775807": "2562047788:00:54.775807", "-2562047788:00:54.775808": "-2562047788:00:54.775808", "2562047788:00:54.775808": over, "2562047789:00": over,
		"": bad, "day": bad, "3 parsecs": bad, "1 month": "1 mon", "1 day x": bad, "99999999999 days": over, "1e30 s": bad, "4:5:6": bad,
		// as PostgreSQL 15 gives them
		"1.5 months": "1 mon 15 days", "1.5 years": "1 year 6 mons", "1.5 weeks": "10 days 12:00:00", "1.7 days": "1 day 16:48:00",
		"1-2": "1 year 2 mons", "-1-2": "-1 years -2 mons", "1-2 3 04:05:06": "1 year 2 mons 3 days 04:05:06", "1 2": bad, "1 02:03": "1 day 02:03:00",
		"P1Y2M3DT4H5M6.7S": "1 year 2 mons 3 days 04:05:06.7", "P1.5D": "1 day 12:00:00", "P2W": "14 days", "P": bad, "PT": bad, "P1H": bad,
		"1 day ago": "-1 days", "1 day -2 hours ago": "-1 days +02:00:00", "12:34.5": "00:12:34.5", "-12:34:56.7": "-12:34:56.7", "1.5": "00:00:01.5",
		"@ 1 minute": "00:01:00", "1 mon -1 days +02:03:04": "1 mon -1 days +02:03:04", "1y2mon": "1 year 2 mons", "1d2h": "1 day 02:00:00",
		"1 century": "100 years", "1 decade 2 millennium": "2010 years", "+1 day": "1 day", "infinity": bad, "1 dayy": bad, "1 day 1 day": bad,
		"24:00": "24:00:00", "100:00:00": "100:00:00", "1.1234567 s": "00:00:01.123457", "1 d -1:00": "1 day -01:00:00", "-1.5 months": "-1 mons -15 days",
		"-1 02:03": "-1 days +02:03:00", "1 m": "00:01:00", "3 4": bad, "1 month 1 month": bad, "999999999999 days": over, "-1 year -2 months": "-1 years -2 mons",
		"1.55 years": "1 year 7 mons", "1.04 years": "1 year", "-1.55 years": "-1 years -7 mons", "1.55 months": "1 mon 16 days 12:00:00", "0": "00:00:00",
		"1 mon -00:00:00.000001": "1 mon -00:00:00.000001", "-1 year -1 mon -1 day -1:00": "-1 years -1 mons -1 days -01:00:00"}},
	{types.Of(types.JSON), map[string]string{
		`{"a": 1}`: `{"a": 1}`, ` [1,2] `: `[1,2]`, `"text"`: `"text"`, "null": "null", "17": "17", "{bad": bad, "": bad, "text": bad, "{'a':1}": bad,
		"01": bad, "NaN": bad, "{} {}": bad}},
	{types.Of(types.String), map[string]string{" as it is ": " as it is ", "": ""}},
}

func shownAs(s Scalar, t types.Type) string {
	switch t.Kind {
	case types.Boolean:
		return strconv.FormatBool(s.Bool)
	case types.Float:
		return string(AppendFloat(nil, s.Float, 32))
	case types.Double:
		return string(AppendFloat(nil, s.Float, 64))
	case types.Decimal:
		if t.Physical() == types.PhysicalInt64 {
			return string(AppendDecimal64(nil, s.Int, t.Scale))
		}
		return string(AppendDecimal128(nil, s.Wide, t.Scale))
	case types.Date:
		return string(AppendDate(nil, s.Int))
	case types.Timestamp:
		return string(AppendTimestamp(nil, s.Int, t.Precision))
	case types.Interval:
		return string(AppendInterval(nil, UnpackInterval(s.Wide)))
	case types.JSON, types.String:
		return string(s.Text)
	}
	return strconv.FormatInt(s.Int, 10)
}

func TestReadings(t *testing.T) {
	for _, r := range readings {
		for text, want := range r.cases {
			s, f := Read([]byte(text), r.typ)
			got := [...]string{OK: "", Malformed: bad, OutOfRange: over, Fraction: part}[f]
			if f == OK {
				got = shownAs(s, r.typ)
			}
			if got != want {
				t.Errorf("%q as %s is %q, want %q", text, r.typ, got, want)
			}
			if f == OK && s.Text == nil && r.typ.Kind != types.String { // what is written is read as the same
				if back, f := Read([]byte(got), r.typ); f != OK || shownAs(back, r.typ) != got {
					t.Errorf("%q as %s came back as %q (%d)", got, r.typ, shownAs(back, r.typ), f)
				}
			}
		}
	}
}

func TestDecimalType(t *testing.T) {
	for text, want := range map[string]string{"1.50": "DECIMAL(3,2)", "0.001": "DECIMAL(3,3)", "-12": "DECIMAL(2,0)", "0": "DECIMAL(1,0)", "0.00": "DECIMAL(2,2)", "1e3": "DECIMAL(4,0)", "1.5e-2": "DECIMAL(3,3)", " 7. ": "DECIMAL(1,0)"} {
		if got, f := DecimalType([]byte(text)); f != OK || got.String() != want {
			t.Errorf("%q has %s (%d), want %s", text, got, f, want)
		}
	}
	if _, f := DecimalType([]byte("1e38")); f != OutOfRange {
		t.Error("39 digits were taken")
	}
}

// TestFaults: which error a fault is, and how much of the text it shows.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		f    Fault
		typ  types.Type
		text string
		want string
	}{
		{Malformed, types.Of(types.Int), "x", `invalid input for type INT: "x"`},
		{OutOfRange, types.Of(types.Date), "10000-01-01", `"10000-01-01" is out of range for DATE`},
		{Malformed, types.Of(types.Int), strings.Repeat("x", 100), `invalid input for type INT: "` + strings.Repeat("x", 60) + `…"`},
	} {
		if got := c.f.Error(c.typ, []byte(c.text)).Error(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

func TestReadingDoesNotAllocate(t *testing.T) {
	for _, r := range readings {
		if r.typ.Kind == types.JSON || r.typ.Kind == types.Interval {
			continue
		}
		for text, want := range r.cases {
			b := []byte(text)
			if n := testing.AllocsPerRun(10, func() { Read(b, r.typ) }); n > 0 && want != over && want != part {
				t.Errorf("%q as %s: %v allocations", text, r.typ, n)
			}
		}
	}
}

// FuzzReadings: no reader panics, what is read is within its type, and numbers mean what
// strconv takes them for.
func FuzzReadings(f *testing.F) {
	for _, r := range readings {
		for text := range r.cases {
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, r := range readings {
			s, fault := Read(data, r.typ)
			if fault != OK {
				continue
			}
			switch {
			case r.typ.IsInteger() && !FitsInt(s.Int, r.typ.Kind), r.typ.Kind == types.Date && !DateInRange(s.Int), r.typ.Kind == types.Timestamp && !TimeInRange(s.Int):
				t.Fatalf("%q as %s is %d", data, r.typ, s.Int)
			case r.typ.Kind == types.JSON && !json.Valid(s.Text):
				t.Fatalf("%q is no JSON", data)
			case r.typ.Kind == types.Double:
				want, err := strconv.ParseFloat(string(trim(data)), 64)
				if !math.IsNaN(s.Float) && (err != nil || want != s.Float) {
					t.Fatalf("%q is %v, strconv says %v %v", data, s.Float, want, err)
				}
			case r.typ.Kind == types.Boolean || r.typ.Kind == types.String || r.typ.Kind == types.Float:
			default:
				text := shownAs(s, r.typ)
				if back, fault := Read([]byte(text), r.typ); fault != OK || shownAs(back, r.typ) != text {
					t.Fatalf("%q as %s is %s, which reads as %s", data, r.typ, text, shownAs(back, r.typ))
				}
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for _, c := range []struct {
		typ  types.Type
		text string
	}{{types.Of(types.BigInt), "1234567"}, {types.Of(types.Double), "1234.5678"}, {types.NewDecimal(12, 2), "1234567.25"},
		{types.NewTimestamp(3), "2026-01-01 00:00:00.123"}, {types.NewTimestamp(3), "2026-01-01T00:00:00.123Z"}, {types.Of(types.Date), "2026-01-01"},
		{types.Of(types.Boolean), "true"}} {
		b.Run(fmt.Sprintf("%s/%s", c.typ, c.text), func(b *testing.B) {
			text := []byte(c.text)
			for range b.N {
				if _, f := Read(text, c.typ); f != OK {
					b.Fatal(f)
				}
			}
		})
	}
}
