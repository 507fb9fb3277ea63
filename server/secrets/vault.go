package secrets

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"

	"slipway/conf"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// Vault seals values for the catalog and opens them for connectors. Safe for concurrent use.
type Vault struct {
	// File holds the key; empty: values cannot be sealed. Make: it is made when it is first needed.
	File string
	Make bool
	// Snapshot is the catalog as it is now.
	Snapshot func() *catalog.Snapshot
	Log      *slog.Logger

	mu  sync.Mutex
	key *key
}

// ErrNoKey is answered where there is no key to seal with.
var ErrNoKey = errors.New("server.secret.key.file is not set")

// Seal gives a value as the catalog stores it.
func (v *Vault) Seal(s conf.Secret) (string, error) {
	k, err := v.sealing()
	if err != nil {
		return "", err
	}
	return k.seal(s), nil
}

// sealing is the key, which is made if it may be.
func (v *Vault) sealing() (*key, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	k, err := v.read()
	if !errors.Is(err, fs.ErrNotExist) || !v.Make {
		return k, err
	}
	if n := len(v.Snapshot().Sealed()); n > 0 {
		return nil, fmt.Errorf("%w; %d values of the catalog are sealed with the key that was there: put it back", err, n)
	}
	if err := makeKey(v.File); err != nil {
		return nil, fmt.Errorf("making server.secret.key.file: %w", err)
	}
	v.Log.Info("a key was made for the secrets of the catalog: keep a copy of it, without it they are lost", "file", v.File)
	return v.read()
}

// read is the key of the file; it is read once.
func (v *Vault) read() (*key, error) {
	if v.key != nil {
		return v.key, nil
	}
	if v.File == "" {
		return nil, ErrNoKey
	}
	k, err := readKey(v.File)
	if err == nil {
		v.key = k
	}
	return k, err
}

// Check tells that what the catalog holds was sealed with another key than this server's, or that
// the key is not there.
func (v *Vault) Check() error {
	list := v.Snapshot().Sealed()
	if len(list) == 0 {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	k, err := v.read()
	for i := 0; i < len(list) && err == nil; i++ {
		var id string
		if id, _, err = keyOf(list[i]); err == nil && id != k.id {
			err = k.another(id)
		}
	}
	if err != nil {
		return fmt.Errorf("the catalog holds %d sealed values that this server cannot open: %w", len(list), err)
	}
	return nil
}

// Open gives what a stored value of a property stands for: the text that is sealed in it, the value
// of the secret that it names, or the value itself.
func (v *Vault) Open(value string) (string, error) {
	if name, ok := conf.ReferenceName(value); ok {
		s, err := v.named(name)
		return s.Reveal(), err
	}
	if !strings.HasPrefix(value, catalog.SealedPrefix) {
		return value, nil
	}
	s, err := v.unseal(value)
	return s.Reveal(), err
}

func (v *Vault) named(name string) (conf.Secret, error) {
	k := v.Snapshot().Secrets[name]
	if k == nil {
		return conf.Secret{}, sqlerr.New(sqlerr.UndefinedObject, "secret %q does not exist", name).WithHint("CREATE SECRET %s AS '…' makes it.", name)
	}
	s, err := v.Value(k)
	if err != nil {
		return s, sqlerr.New(sqlerr.ObjectNotReady, "secret %q cannot be read: %v", name, err).WithCause(err)
	}
	return s, nil
}

// Value reads a secret where it is.
func (v *Vault) Value(k *catalog.Secret) (conf.Secret, error) {
	switch {
	case k.Environment != "":
		text, ok := os.LookupEnv(k.Environment)
		if !ok || text == "" {
			return conf.Secret{}, fmt.Errorf("the environment variable %s is not set on this server", k.Environment)
		}
		return conf.NewSecret(text), nil
	case k.File != "":
		text, err := readPrivate(k.File)
		if err == nil && text == "" {
			err = fmt.Errorf("%s is empty", k.File)
		}
		return conf.NewSecret(text), err
	}
	return v.unseal(k.Sealed)
}

func (v *Vault) unseal(sealed string) (conf.Secret, error) {
	v.mu.Lock()
	k, err := v.read()
	v.mu.Unlock()
	if err != nil {
		return conf.Secret{}, err
	}
	return k.open(sealed)
}
