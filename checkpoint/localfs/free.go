package localfs

import (
	"context"
	"syscall"
)

// Free is how many bytes the file system has left for users.
func (s *Store) Free(context.Context) (uint64, error) { return Free(s.root) }

// Free is how many bytes the file system of a folder has left for users.
func Free(folder string) (uint64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(folder, &fs); err != nil {
		return 0, err
	}
	return fs.Bavail * uint64(fs.Bsize), nil
}
