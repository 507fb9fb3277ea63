package localfs

import (
	"context"
	"syscall"
)

// Free is how many bytes the file system has left for users.
func (s *Store) Free(context.Context) (uint64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(s.root, &fs); err != nil {
		return 0, err
	}
	return fs.Bavail * uint64(fs.Bsize), nil
}
