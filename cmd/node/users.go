package node

import (
	"slipway/server/auth"
	"slipway/sql/catalog"
)

// users are those of the catalog, to sign in as.
type users struct{ declared catalog.Store }

// Account implements auth.Directory.
func (u users) Account(name string) (auth.Account, bool) {
	of := u.declared.Snapshot().User(name)
	if of == nil || name == catalog.Public {
		return auth.Account{}, false
	}
	return auth.Account{Name: of.Name, Verifier: of.Verifier, Login: of.Login, Superuser: of.Superuser, ValidUntil: of.ValidUntil}, true
}

// Empty implements auth.Directory.
func (u users) Empty() bool { return !u.declared.Snapshot().HasUsers() }
