package node

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"slipway/conf"
	"slipway/kafkaio"
)

func TestReferencePage(t *testing.T) {
	var b bytes.Buffer
	if err := conf.WriteReference(&b, Reference()); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(page) {
		t.Fatal("docs/settings.md is not what the declarations say; run: go run ./cmd/slipway settings > docs/settings.md")
	}
}

// TestOptionsOfConnectors: every default is a value of its own option, and no connector or
// format declares what it has already.
func TestOptionsOfConnectors(t *testing.T) {
	for _, c := range connectors(&kafkaio.Connector{}, nil) {
		d := c.Declaration()
		if d.Name == "" || d.Text == "" || d.Source == nil && d.Sink == nil {
			t.Errorf("connector %+v says too little of itself", d)
		}
		for _, f := range append(d.Formats, nil) {
			seen := map[string]bool{}
			for _, o := range d.Own(f) {
				key := strings.ToLower(o.Key)
				if seen[key] || conf.Of(conf.Stream).Find(key) != nil {
					t.Errorf("connector %s declares %s twice", d.Name, o.Key)
				}
				seen[key] = true
				if o.Text == "" || o.Origin == "" {
					t.Errorf("option %s of connector %s has no text or origin", o.Key, d.Name)
				}
				if o.Default == "" || o.Default == "0" {
					continue
				}
				if _, _, err := d.Scope(f).Parse([]conf.Property{conf.P(o.Key, o.Default)}); err != nil {
					t.Errorf("default of %s: %v", o.Key, err)
				}
			}
		}
	}
}
