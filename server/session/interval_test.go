package session

import (
	"testing"

	"slipway/conf"
)

// TestOftenForZooKeeper: advice is for who asked for a short interval, and where ZooKeeper
// keeps the records.
func TestOftenForZooKeeper(t *testing.T) {
	for _, c := range []struct {
		name, backend string
		properties    []conf.Property
		want          bool
	}{
		{"nothing asked for", "zookeeper", nil, false},
		{"a second", "zookeeper", []conf.Property{conf.P(conf.CheckpointInterval.Name(), "1000")}, true},
		{"ten minutes", "zookeeper", []conf.Property{conf.P(conf.CheckpointInterval.Name(), "600000")}, false},
		{"another backend", "kafka", []conf.Property{conf.P(conf.CheckpointInterval.Name(), "1000")}, false},
		{"no checkpoints", "zookeeper", []conf.Property{conf.P(conf.CheckpointInterval.Name(), "1000"), conf.P(conf.EnableCheckpoint.Name(), "false")}, false},
	} {
		v, _, err := conf.Parse(conf.Job, c.properties)
		if err != nil {
			t.Fatal(err)
		}
		if got := tooOftenForZooKeeper(v, c.backend); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}
