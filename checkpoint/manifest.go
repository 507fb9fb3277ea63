package checkpoint

import (
	"encoding/json"
	"fmt"
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

// CheckFormat refuses a record that a newer server wrote: nobody here knows what it means.
// Records from before there were formats have 0, which is the first.
func CheckFormat(what string, have, known int) error {
	if have > known {
		return fmt.Errorf("%s has format %d, this server reads up to %d: a newer server wrote it", what, have, known)
	}
	return nil
}

// manifestVersion is the layout that this package writes and reads.
const manifestVersion = 1

// Encode gives a manifest as the stores keep it: JSON.
func Encode(m *Manifest) ([]byte, error) { return json.Marshal(m) }

// Decode reads what Encode wrote; ErrCorrupt for anything else.
func Decode(b []byte) (*Manifest, error) {
	m := &Manifest{}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("manifest: %w: %w", err, ErrCorrupt)
	}
	if m.Version != manifestVersion {
		return nil, fmt.Errorf("manifest of version %d, this server reads %d: %w", m.Version, manifestVersion, ErrCorrupt)
	}
	for _, o := range m.State {
		for _, s := range o.Sections {
			if s.Length < 0 || s.Offset < 0 || s.File == "" && s.Length != int64(len(s.Inline)) {
				return nil, fmt.Errorf("manifest: section of %s has offset %d, length %d: %w", o.Operator, s.Offset, s.Length, ErrCorrupt)
			}
		}
	}
	return m, nil
}
