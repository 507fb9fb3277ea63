package checkpoint

import (
	"maps"
	"slices"
)

func manifestFiles(m *Manifest) []string {
	set := map[string]bool{}
	for _, op := range m.State {
		for _, s := range op.Sections {
			if s.File != "" {
				set[s.File] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}
