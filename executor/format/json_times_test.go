package format

import (
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
	"slipway/sql/value"
)

// TestTimesOfRows: each column has the minute of its own time before, and NULL is none.
func TestTimesOfRows(t *testing.T) {
	schema := types.Schema{{Name: "a", Type: types.NewTimestamp(3)}, {Name: "b", Type: types.NewTimestamp(0)}}
	e, err := encoderOf("json", Options{Declared: schema})
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(schema)
	for _, c := range b.Cols {
		c.Grow(4)
	}
	copy(b.Cols[0].Ints, []int64{0, 59_999_999, value.Minute, 61 * value.Second})
	copy(b.Cols[1].Ints, []int64{-1, 0, value.Day, value.Day + value.Minute})
	b.Cols[0].SetNull(2)
	b.Rows = 4
	for i, want := range []string{
		`{"a":"1970-01-01 00:00:00.000","b":"1969-12-31 23:59:59"}`, `{"a":"1970-01-01 00:00:59.999","b":"1970-01-01 00:00:00"}`,
		`{"a":null,"b":"1970-01-02 00:00:00"}`, `{"a":"1970-01-01 00:01:01.000","b":"1970-01-02 00:01:00"}`,
	} {
		if got := string(e.appendValue(nil, b, i)); got != want {
			t.Errorf("row %d is %s, want %s", i, got, want)
		}
	}
}
