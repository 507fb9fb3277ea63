package format

import (
	"testing"

	"slipway/conf"
	"slipway/executor/column"
	"slipway/sql/types"
)

// TestMoments: each form of the property, in a text and as a number; SQL text is read in any case.
func TestMoments(t *testing.T) {
	const at = 1_767_225_600_500_000 // 2026-01-01 00:00:00.5
	for _, c := range []struct {
		format, text string
		want         int64 // 0: an error
	}{
		{"", "2026-01-01 00:00:00.5", at}, {"", "1767225600500", 0}, {"epoch_ms", "1767225600500", at}, {"epoch_ms", "2026-01-01T00:00:00.5Z", at},
		{"epoch_s", "1767225600", at - 500_000}, {"epoch_s", "17672256005001767", 0}, {"epoch_ms", "soon", 0},
		{"yyyyMMddHHmmssSSS", "20260101000000500", at},
		{"dd/MM/yyyy HH:mm", "01/01/2026 00:00", at - 500_000},
		{"dd/MM/yyyy HH:mm", "2026-01-01 00:00:00.5", at}, {"dd/MM/yyyy HH:mm", "01/13/2026 00:00", 0},
	} {
		var given []conf.Property
		if c.format != "" {
			given = append(given, conf.P("timeformat", c.format))
		}
		out := column.NewVector(types.NewTimestamp(3))
		out.AppendInt(0)
		m := momentsOf(Options{Settings: conf.Of(conf.Stream).With(timeFormat.Setting).Read(given)})
		if err := m.field([]byte(c.text), out, 0); (err == nil) != (c.want != 0) || err == nil && out.Ints[0] != c.want {
			t.Errorf("%q by %q: %d, %v", c.text, c.format, out.Ints[0], err)
		}
	}
}
