package value_test

import (
	"bytes"
	"testing"

	"slipway/sql/value"
)

// TestUUID: what PostgreSQL reads as a UUID is read, nothing else, and the order is that of the bytes.
func TestUUID(t *testing.T) {
	const plain = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
	for _, text := range []string{plain, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}", "a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11"} {
		v, f := value.ReadUUID([]byte(text))
		if got := string(value.AppendUUID(nil, v)); f != value.OK || got != plain {
			t.Errorf("%s is %s, %v", text, got, f)
		}
	}
	for _, text := range []string{"", "{}", "a0eebc99", plain[:35], plain + "0", " " + plain, plain + " ", "{" + plain, plain + "}", "a-0eebc999c0b4ef8bb6d6bb9bd380a11", plain + "-", "g" + plain[1:], "a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11"} {
		if _, f := value.ReadUUID([]byte(text)); f != value.Malformed {
			t.Errorf("%q is read", text)
		}
	}
	list := []string{"00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-8000-000000000000",
		"7fffffff-ffff-ffff-ffff-ffffffffffff", "80000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"}
	for i, a := range list {
		for j, b := range list {
			x, _ := value.ReadUUID([]byte(a))
			y, _ := value.ReadUUID([]byte(b))
			if got, want := x.Cmp(y), bytes.Compare([]byte(a), []byte(b)); got != want {
				t.Errorf("%d against %d is %d, want %d", i, j, got, want)
			}
		}
	}
}
