// Package auth says who a client is: rules choose how a client must prove it, SCRAM-SHA-256,
// a certificate or a password do so. It holds no users: it reads them through a Directory.
//
// Invariants:
//   - No password is kept, logged or compared: what is known of one is a Verifier.
//   - A user that is not there, has no password, or whose password has expired is answered
//     step by step like a wrong password.
//   - Wrong passwords delay those who come from the same address or as the same user, and
//     nobody else.
package auth

import (
	"net/netip"
	"time"
)

// Identity is a client that has signed in.
type Identity struct {
	User string
	// Owner may do everything: a superuser, or whoever is on a server without users.
	Owner bool
	// Address is where the client comes from, without its port; Method is how it signed in:
	// trust, scram, cert or password.
	Address, Method string
	TLS             bool
}

// Account is what sign-in reads of a user.
type Account struct {
	Name string
	// Verifier is PostgreSQL's text form; empty: no password lets the user in.
	Verifier string
	// Login is false for a role that nobody signs in as.
	Login     bool
	Superuser bool
	// ValidUntil is when the password expires; zero: never.
	ValidUntil time.Time
}

// Directory is where users are found; called from any goroutine, and for each sign-in anew.
type Directory interface {
	// Account gives the user of a name, spelled as it was created.
	Account(name string) (Account, bool)
	// Empty tells that nobody can sign in, which makes whoever comes over loopback the owner.
	Empty() bool
}

// Attempt is what is known of a client before it has proved anything.
type Attempt struct {
	User, Database string
	Address        netip.Addr
	TLS            bool
	// Certificate is the common name of the client's verified certificate; empty: it has none.
	Certificate string
	// Binding is the tls-server-end-point data of the connection; nil: it cannot be bound.
	Binding []byte
}

// Method is how a client proves who it is.
type Method string

// Methods that a rule can name.
const (
	Trust  Method = "trust"  // not at all
	Scram  Method = "scram"  // by SCRAM-SHA-256
	Cert   Method = "cert"   // by a certificate whose common name is the user
	Reject Method = "reject" // never
)

// Several is a directory of directories: the first that has a user gives it.
type Several []Directory

// Account implements Directory.
func (s Several) Account(name string) (Account, bool) {
	for _, d := range s {
		if a, ok := d.Account(name); ok {
			return a, true
		}
	}
	return Account{}, false
}

// Empty implements Directory.
func (s Several) Empty() bool {
	for _, d := range s {
		if !d.Empty() {
			return false
		}
	}
	return true
}
