package client

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// TestAsksForPassword: only what asks for a password as the first message of all ends a connection, however its bytes come.
func TestAsksForPassword(t *testing.T) {
	for text, want := range map[string]error{
		"R\x00\x00\x00\x17\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00": errPassword,
		"R\x00\x00\x00\x08\x00\x00\x00\x03":                      errPassword,
		"R\x00\x00\x00\x08\x00\x00\x00\x00Z\x00\x00\x00\x05I":    nil,
		"E\x00\x00\x00\x0aSFATAL\x00":                            nil,
		"R\x00":                                                  nil,
		"Z\x00\x00\x00\x05IR\x00\x00\x00\x08\x00\x00\x00\x03":    nil,
	} {
		for _, r := range []io.Reader{bytes.NewReader([]byte(text)), iotest.OneByteReader(bytes.NewReader([]byte(text)))} {
			if _, err := io.ReadAll(&asking{Reader: r}); !errors.Is(err, want) {
				t.Errorf("%q: %v, want %v", text, err, want)
			}
		}
	}
}
