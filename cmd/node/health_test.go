package node

import (
	"errors"
	"strings"
	"testing"
)

// TestFullDisk: a data directory without room is said, with what will fail.
func TestFullDisk(t *testing.T) {
	for want, got := range map[string]string{
		"":                       full("/d", fullBytes, nil),
		"/d has 15 MB left":      full("/d", fullBytes-1, nil),
		"/d cannot be looked at": full("/d", 0, errors.New("gone")),
	} {
		if !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
