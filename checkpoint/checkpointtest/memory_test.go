package checkpointtest

import (
	"testing"

	"slipway/checkpoint"
)

// The fakes pass the suites of what they stand for.

func TestFilesConformance(t *testing.T) {
	Storage(t, func(*testing.T) checkpoint.Storage { return NewFiles() })
}

func TestMemoryConformance(t *testing.T) {
	Metadata(t, func(*testing.T) (checkpoint.MetadataStore, func() checkpoint.MetadataStore) {
		m := NewMemory()
		return m, func() checkpoint.MetadataStore { return m }
	})
}
