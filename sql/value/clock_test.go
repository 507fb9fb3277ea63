package value

import (
	"testing"

	"slipway/sql/types"
)

// TestTimesOfDay: TIME and TIMESTAMP WITH TIME ZONE are read and written.
func TestTimesOfDay(t *testing.T) {
	const bad = "malformed"
	clock, moment := types.NewTime(3), types.NewTimestampTZ(0)
	for _, c := range []struct {
		typ        types.Type
		text, want string
	}{
		{clock, "10:00", "10:00:00.000"}, {clock, " 23:59:59.9999 ", "23:59:59.999"}, {types.NewTime(0), "00:00:00.5", "00:00:00"},
		{clock, "24:00:00", bad}, {clock, "10:60", bad}, {clock, "10:00:00Z", "10:00:00.000"}, {clock, "23:59:59.999+02:30", "23:59:59.999"}, {clock, "10:00:00X", bad}, {clock, "1:00", bad}, {clock, "", bad}, {clock, "2026-01-02 10:00:00", bad},
		{moment, "2026-01-02 10:00:00+02", "2026-01-02 08:00:00+00"}, {moment, "2026-01-02T10:00:00Z", "2026-01-02 10:00:00+00"},
		{moment, "2026-01-02", "2026-01-02 00:00:00+00"}, {moment, "10:00:00", bad},
	} {
		s, f := Read([]byte(c.text), c.typ)
		got := bad
		switch {
		case f == OK && c.typ.Kind == types.Time:
			got = string(AppendTime(nil, s.Int, c.typ.Precision))
		case f == OK:
			got = string(AppendTimestampTZ(nil, s.Int, c.typ.Precision))
		}
		if got != c.want {
			t.Errorf("%q as %s is %q, want %q", c.text, c.typ, got, c.want)
		}
		if back, f := Read([]byte(got), c.typ); got != bad && (f != OK || back.Int != s.Int) {
			t.Errorf("%q as %s is read as %d (%d), want %d", got, c.typ, back.Int, f, s.Int)
		}
	}
	if err := Malformed.Error(clock, []byte("x")); err.Error() != `invalid input for type TIME(3): "x"` {
		t.Error(err)
	}
}
