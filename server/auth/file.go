package auth

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// UsersFile is a directory of owners, from a file that is read again when it changes: lines of
// name:verifier, # begins a comment. Only the one who runs the server may be able to read it.
type UsersFile struct {
	path  string
	log   *slog.Logger
	mu    sync.Mutex
	seen  stamp
	users map[string]Account
}

// OpenUsersFile reads the file, which must be right at the start.
func OpenUsersFile(path string, log *slog.Logger) (*UsersFile, error) {
	f := &UsersFile{path: path, log: log}
	f.seen = stampOf(path)
	var err error
	f.users, err = readUsers(path)
	return f, err
}

// stamp tells whether a file has changed.
type stamp struct {
	modified time.Time
	size     int64
}

func stampOf(path string) stamp {
	if info, err := os.Stat(path); err == nil {
		return stamp{info.ModTime(), info.Size()}
	}
	return stamp{}
}

func readUsers(path string) (map[string]Account, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("server.users.file: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("server.users.file: others may read %s (its mode is %#o): chmod 600 it", path, mode)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("server.users.file: %w", err)
	}
	users := map[string]Account{}
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		name, verifier, ok := strings.Cut(line, ":")
		if !ok || name == "" {
			return nil, fmt.Errorf("server.users.file: line %d of %s: it must read name:verifier", i+1, path)
		}
		if _, err := ParseVerifier(verifier); err != nil {
			return nil, fmt.Errorf("server.users.file: line %d of %s, the verifier of %q: %w", i+1, path, name, err)
		}
		users[name] = Account{Name: name, Verifier: verifier, Login: true, Superuser: true}
	}
	return users, nil
}

// now gives the users of the file as it is; a file that has become wrong is logged, once, and
// the former users stay.
func (f *UsersFile) now() map[string]Account {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := stampOf(f.path)
	if s == f.seen {
		return f.users
	}
	f.seen = s
	users, err := readUsers(f.path)
	if err != nil {
		f.log.Error("the changed file of users cannot be used; the former users stay", "error", err)
		return f.users
	}
	f.users = users
	return users
}

// Account implements Directory.
func (f *UsersFile) Account(name string) (Account, bool) {
	a, ok := f.now()[name]
	return a, ok
}

// Empty implements Directory.
func (f *UsersFile) Empty() bool { return len(f.now()) == 0 }

const secretBytes = 32

// OpenSecret gives the secret of a data directory, made at the first start.
func OpenSecret(directory string) ([]byte, error) {
	path := filepath.Join(directory, "signin.secret")
	b, err := os.ReadFile(path)
	if err == nil && len(b) == secretBytes {
		return b, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	b = make([]byte, secretBytes)
	rand.Read(b) // never fails
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, err
	}
	return b, os.WriteFile(path, b, 0o600)
}
