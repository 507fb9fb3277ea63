package pgwire

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgproto3/v2"

	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

func message(kind byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4)), body...)
}

// TestReaderRefusesWhatPanics: the bodies that make pgproto3 v2 panic, and lengths it trusts.
func TestReaderRefusesWhatPanics(t *testing.T) {
	for name, m := range map[string][]byte{
		"query without body":     message('Q', nil),
		"query without its end":  message('Q', []byte("select 1")),
		"bind, parameter of -2":  message('B', []byte{0, 0, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFE, 0, 0}),
		"bind, parameter beyond": message('B', []byte{0, 0, 0, 0, 0, 1, 0, 0, 0, 9, 1, 0, 0}),
		"bind of nothing":        message('B', nil),
		"function call":          message('F', nil),
		"four gigabytes":         {'Q', 0xFF, 0xFF, 0xFF, 0xFF},
		"negative":               {'Q', 0, 0, 0, 3},
	} {
		_, _, err := readMessage(bytes.NewReader(m), nil)
		if e, ok := errors.AsType[*sqlerr.Error](err); !ok || e.Code != sqlerr.ProtocolViolation && e.Code != sqlerr.FeatureNotSupported {
			t.Errorf("%s: %v", name, err)
		}
	}
	m, _, err := readMessage(bytes.NewReader(message('B', []byte{0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 'x', 0xFF, 0xFF, 0xFF, 0xFF, 0, 0})), nil)
	if b, ok := m.(*pgproto3.Bind); err != nil || !ok || len(b.Parameters) != 2 || string(b.Parameters[0]) != "x" || b.Parameters[1] != nil {
		t.Fatalf("a good Bind: %#v %v", m, err)
	}
}

// TestReaderSkips: messages that are too long are read past, so that the next one is understood; data of COPY is read in pieces.
func TestReaderSkips(t *testing.T) {
	long := append([]byte{'Q'}, binary.BigEndian.AppendUint32(nil, maxMessage+5)...)
	stream := bytes.NewReader(slices.Concat(message('d', []byte("1\t2\n")), message('c', nil), message('f', []byte("no\x00")), long, make([]byte, maxMessage+1), message('S', nil)))
	var got []string
	frames := framer{r: stream}
	for {
		m, err := frames.next()
		if err != nil {
			break
		}
		got = append(got, fmt.Sprintf("%T", m))
	}
	if want := "[*pgproto3.CopyData *pgproto3.CopyDone *pgproto3.CopyFail *pgwire.tooLong *pgproto3.Sync]"; fmt.Sprint(got) != want {
		t.Fatalf("%v", got)
	}
}

// FuzzReader: any bytes give a message, an error of the protocol, or the end.
func FuzzReader(f *testing.F) {
	f.Add(message('Q', []byte("select 1\x00")))
	f.Add(message('P', []byte("a\x00select $1\x00\x00\x01\x00\x00\x00\x17")))
	f.Add(message('B', []byte{0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 'x', 0, 0}))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := framer{r: bytes.NewReader(data)}
		for range 100 {
			_, err := r.next()
			if err == nil {
				continue
			}
			if _, ok := errors.AsType[*sqlerr.Error](err); !ok && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%q gave %v", data, err)
			}
			return
		}
	})
}

func TestNumericBinary(t *testing.T) {
	for text, want := range map[string][]uint16{
		"0": {0, 0, 0, 0}, "1.50": {2, 0, 0, 2, 1, 5000}, "-12345.6789": {3, 1, 0x4000, 4, 1, 2345, 6789}, "0.0001": {1, 0xFFFF, 0, 4, 1}, "10000": {1, 1, 0, 0, 1},
	} {
		var b []byte
		for _, w := range want {
			b = binary.BigEndian.AppendUint16(b, w)
		}
		if got := AppendNumeric(nil, text); !bytes.Equal(got, b) {
			t.Errorf("%s is %v, want %v", text, got, b)
		}
	}
}

// TestParametersInBinary: numbers come back as they were written, times from all of the calendar.
func TestParametersInBinary(t *testing.T) {
	for _, text := range []string{"0", "1.50", "-12345.6789", "0.0001", "10000", "99999999999999999999999999999999999999", "-0.00000000000000000000000000000000000001", "100000000.000010"} {
		if got, err := fromBinary(AppendNumeric(nil, text), types.OIDNumeric); err != nil || got != text {
			t.Errorf("%s came back as %s: %v", text, got, err)
		}
	}
	for _, text := range []string{"0001-01-01 00:00:00", "1500-06-01 12:00:00.000001", "9999-12-31 23:59:59.999999"} {
		b, err := AppendBinary(nil, text, types.OIDTimestamp)
		if got, err2 := fromBinary(b, types.OIDTimestamp); err != nil || err2 != nil || got != text {
			t.Errorf("%s came back as %s: %v %v", text, got, err, err2)
		}
		b, err = AppendBinary(nil, text[:10], types.OIDDate)
		if got, err2 := fromBinary(b, types.OIDDate); err != nil || err2 != nil || got != text[:10] {
			t.Errorf("%s came back as %s: %v %v", text[:10], got, err, err2)
		}
	}
	for name, b := range map[string][]byte{"NaN": {0, 0, 0, 0, 0xC0, 0, 0, 0}, "short": {0, 2, 0, 0, 0, 0, 0, 0, 0, 1}, "much": {0, 0, 0x7F, 0xFF, 0, 0, 0, 0}} {
		if got, err := fromBinary(b, types.OIDNumeric); err == nil {
			t.Errorf("%s gave %s", name, got)
		}
	}
	const uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
	raw, _ := hex.DecodeString(strings.ReplaceAll(uuid, "-", ""))
	if got, err := fromBinary(raw, types.OIDUUID); err != nil || got != uuid {
		t.Errorf("%s is read as %s, %v", uuid, got, err)
	}
	if got, err := fromBinary(raw[:15], types.OIDUUID); err == nil {
		t.Errorf("15 bytes are read as %s", got)
	}
	infinity := binary.BigEndian.AppendUint64(nil, 1<<63-1)
	if got, err := fromBinary(infinity, types.OIDTimestamp); err == nil {
		t.Errorf("infinity gave %s", got)
	}
}
