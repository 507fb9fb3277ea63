package auth

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Iterations of a verifier that is made here, and the most that one from elsewhere may have:
// a sign-in by password computes all of them.
const (
	Iterations    = 4096
	maxIterations = 1_000_000
	saltBytes     = 16
)

const verifierPrefix = "SCRAM-SHA-256$"

// Verifier is what the server knows of a password (RFC 5802): it checks one, and does not
// let anybody sign in elsewhere.
type Verifier struct {
	Iterations           int
	Salt                 []byte
	StoredKey, ServerKey []byte
}

var errVerifier = errors.New("it must read SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>, the last three in base64")

// IsVerifier tells whether a text has the form of a verifier and not of a password.
func IsVerifier(text string) bool {
	_, err := ParseVerifier(text)
	return err == nil
}

// ParseVerifier reads PostgreSQL's text form, as in pg_authid.rolpassword.
func ParseVerifier(text string) (Verifier, error) {
	rest, ok := strings.CutPrefix(text, verifierPrefix)
	head, keys, ok2 := strings.Cut(rest, "$")
	iterations, salt, ok3 := strings.Cut(head, ":")
	stored, server, ok4 := strings.Cut(keys, ":")
	if !ok || !ok2 || !ok3 || !ok4 {
		return Verifier{}, errVerifier
	}
	n, err := strconv.Atoi(iterations)
	if err != nil || n < 1 || n > maxIterations {
		return Verifier{}, fmt.Errorf("the number of iterations must be from 1 to %d", maxIterations)
	}
	v := Verifier{Iterations: n}
	for _, part := range []struct {
		text string
		into *[]byte
		size int // 0: any but none
	}{{salt, &v.Salt, 0}, {stored, &v.StoredKey, sha256.Size}, {server, &v.ServerKey, sha256.Size}} {
		b, err := base64.StdEncoding.DecodeString(part.text)
		if err != nil || len(b) == 0 || part.size > 0 && len(b) != part.size {
			return Verifier{}, errVerifier
		}
		*part.into = b
	}
	return v, nil
}

// String is PostgreSQL's text form.
func (v Verifier) String() string {
	b := base64.StdEncoding
	return fmt.Sprintf("%s%d:%s$%s:%s", verifierPrefix, v.Iterations, b.EncodeToString(v.Salt), b.EncodeToString(v.StoredKey), b.EncodeToString(v.ServerKey))
}

// MakeVerifier makes the verifier of a password, with a salt of its own.
func MakeVerifier(password string) Verifier {
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails
	return verifierOf(password, salt, Iterations)
}

func verifierOf(password string, salt []byte, iterations int) Verifier {
	salted, err := pbkdf2.Key(sha256.New, normalize(password), salt, iterations, sha256.Size)
	if err != nil { // only of a salt or a length that standards forbid
		panic("auth: " + err.Error())
	}
	stored := sha256.Sum256(sum(salted, "Client Key"))
	return Verifier{Iterations: iterations, Salt: salt, StoredKey: stored[:], ServerKey: sum(salted, "Server Key")}
}

// Matches tells whether a password is the verifier's; it takes as long for any.
func (v Verifier) Matches(password string) bool {
	return hmac.Equal(verifierOf(password, v.Salt, v.Iterations).StoredKey, v.StoredKey)
}

// sum is HMAC-SHA-256.
func sum(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// madeUp is the verifier of a user that cannot sign in: the same at each try, as that of a
// real one would be, and no password is its own.
func madeUp(secret []byte, user string) Verifier {
	return Verifier{
		Iterations: Iterations, Salt: sum(secret, "salt", user)[:saltBytes],
		StoredKey: sum(secret, "stored", user), ServerKey: sum(secret, "server", user),
	}
}
