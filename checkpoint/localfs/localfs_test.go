package localfs_test

import (
	"testing"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/checkpoint/localfs"
)

func TestConformance(t *testing.T) {
	checkpointtest.Storage(t, func(t *testing.T) checkpoint.Storage {
		s, err := localfs.New(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
