// Package secrets keeps what is stored of secrets sealed, and gives it to connectors when they are
// opened. Nothing else ever has the value.
package secrets

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"slipway/conf"
	"slipway/sql/catalog"
)

// key seals with AES-256-GCM. Its file is one line: 32 bytes in base64.
type key struct {
	aead cipher.AEAD
	// id tells keys apart, and nothing of the key.
	id string
}

// keyBytes of AES-256.
const keyBytes = 32

// sealedForm is the version of a sealed text: sealed:1:<id of the key>:<base64 of nonce and ciphertext>.
const sealedForm = catalog.SealedPrefix + "1:"

func newKey(raw []byte) (*key, error) {
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte("slipway key id\x00"), raw...))
	return &key{aead: aead, id: hex.EncodeToString(sum[:4])}, nil
}

// readKey reads a key file, which only its owner may read.
func readKey(path string) (*key, error) {
	text, err := readPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("server.secret.key.file: %w", err)
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != keyBytes {
		return nil, fmt.Errorf("server.secret.key.file: %s holds no key: it is one line, %d bytes in base64, as `openssl rand -base64 %d` prints them", path, keyBytes, keyBytes)
	}
	return newKey(raw)
}

// makeKey makes a key file; one that is there stays.
func makeKey(path string) error {
	raw := make([]byte, keyBytes)
	rand.Read(raw)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(raw) + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

// longest is how many bytes a file of a secret may have.
const longest = 64 << 10

// readPrivate reads a file that only its owner may read, without the end of its last line.
func readPrivate(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	switch {
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is no file", path)
	case info.Mode().Perm()&0o077 != 0:
		return "", fmt.Errorf("%s can be read by others (mode %04o): it must be 0600", path, info.Mode().Perm())
	case info.Size() > longest:
		return "", fmt.Errorf("%s has %d bytes, a secret at most %d", path, info.Size(), longest)
	}
	text, err := os.ReadFile(path)
	return strings.TrimRight(string(text), "\r\n"), err
}

func (k *key) seal(s conf.Secret) string {
	nonce := make([]byte, k.aead.NonceSize(), k.aead.NonceSize()+len(s.Reveal())+k.aead.Overhead())
	rand.Read(nonce)
	return sealedForm + k.id + ":" + base64.StdEncoding.EncodeToString(k.aead.Seal(nonce, nonce, []byte(s.Reveal()), []byte(sealedForm)))
}

// keyOf is the id of the key that a text was sealed with.
func keyOf(sealed string) (id, body string, err error) {
	rest, ok := strings.CutPrefix(sealed, sealedForm)
	id, body, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 {
		return "", "", errors.New("it was sealed by a later version of Slipway")
	}
	return id, body, nil
}

func (k *key) open(sealed string) (conf.Secret, error) {
	id, body, err := keyOf(sealed)
	if err != nil {
		return conf.Secret{}, err
	}
	if id != k.id {
		return conf.Secret{}, k.another(id)
	}
	raw, err := base64.StdEncoding.DecodeString(body)
	if n := k.aead.NonceSize(); err == nil && len(raw) >= n {
		if text, err := k.aead.Open(nil, raw[:n], raw[n:], []byte(sealedForm)); err == nil {
			return conf.NewSecret(string(text)), nil
		}
	}
	return conf.Secret{}, errors.New("what is stored of it is damaged")
}

func (k *key) another(id string) error {
	return fmt.Errorf("it was sealed with another key (%s) than that in server.secret.key.file (%s): every server needs the same file", id, k.id)
}
