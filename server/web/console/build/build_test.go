package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestDistIsOfSource: what is embedded is what the source gives, to the byte.
func TestDistIsOfSource(t *testing.T) {
	made, err := bundle("..")
	if err != nil {
		t.Fatal(err)
	}
	held, err := os.ReadDir("../dist")
	if err != nil {
		t.Fatal(err)
	}
	if len(held) != len(made) {
		t.Errorf("dist has %d files, the source gives %d", len(held), len(made))
	}
	for name, body := range made {
		if is, err := os.ReadFile(filepath.Join("../dist", name)); err != nil || !bytes.Equal(is, body) {
			t.Errorf("dist/%s is not what the source gives (%v): go run ./server/web/console/build", name, err)
		}
	}
}
