package node

import (
	"slipway/conf"
	"slipway/server/auth"
	"slipway/server/web"
)

// access is who comes into the console: those who come in over the SQL port, by a password.
type access struct {
	*auth.Authenticator
	users auth.Directory
}

// Open implements web.Access.
func (a access) Open() bool { return a.users.Empty() }

// Renew implements web.Access.
func (a access) Renew(id auth.Identity) (auth.Identity, bool) {
	account, there := a.users.Account(id.User)
	id.Owner = account.Superuser
	return id, there && account.Login
}

// openConsole opens the console, encrypted where other machines reach it.
func (n *Node) openConsole(address string) (err error) {
	o := web.Options{
		Address: address, Figures: n, Sessions: n.handler, Access: access{n.security.signIn, n.security.users}, Version: Version, Log: n.log, Recent: recentLog(n.log),
	}
	within, err := isLoopback(n.cfg, conf.ConsoleListen)
	if err != nil {
		return err
	}
	if !within {
		o.TLS, o.Outside = n.security.tls.Config("h2", "http/1.1"), true
	}
	n.console, err = web.Listen(o)
	return err
}
