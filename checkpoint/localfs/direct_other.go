//go:build !linux

package localfs

import (
	"errors"
	"os"
)

// setDirect cannot: files are written through the page cache.
func setDirect(*os.File, bool) error { return errors.ErrUnsupported }

func notAligned(error) bool { return false }
