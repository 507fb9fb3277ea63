package node

import (
	"fmt"
	"log/slog"
	"net"
	"strings"

	"slipway/conf"
	"slipway/server/auth"
	"slipway/sql/catalog"
)

// security is what stands between the network and a session.
type security struct {
	users   auth.Directory
	signIn  *auth.Authenticator
	audit   *auth.Audit        // nil: off
	tls     *auth.Certificates // nil: off
	require bool               // TLS
}

// secure reads what the settings name. What would be less safe than it looks stops the start.
func secure(cfg *conf.Values, declared catalog.Store, log *slog.Logger) (s security, err error) {
	if s.tls, s.require, err = encryption(cfg, log); err != nil {
		return s, err
	}
	rules, err := auth.ParseRules(conf.AuthRules.Get(cfg))
	if err != nil {
		return s, fmt.Errorf("%s: %w", conf.AuthRules.Name(), err)
	}
	if rules.Uses(auth.Cert) && (s.tls == nil || conf.TLSCA.Get(cfg) == "") {
		return s, fmt.Errorf("%s has a rule with the method cert, which needs TLS and %s", conf.AuthRules.Name(), conf.TLSCA.Name())
	}
	if s.users, err = directory(cfg, declared, log); err != nil {
		return s, err
	}
	secret, err := auth.OpenSecret(conf.DataDirectory.Get(cfg))
	if err != nil {
		return s, fmt.Errorf("the secret of sign-in: %w", err)
	}
	if path := conf.AuditLog.Get(cfg); path != "" {
		if s.audit, err = auth.OpenAudit(path, log); err != nil {
			return s, fmt.Errorf("%s: %w", conf.AuditLog.Name(), err)
		}
	}
	s.signIn = auth.New(auth.Options{
		Audit:     s.audit,
		Directory: s.users, Rules: rules, Secret: secret, Log: log,
		Database: func(name string) string { return workedIn(declared, name) },
	})
	return s, s.checkAddresses(cfg)
}

// encryption gives the certificates that the mode asks for.
func encryption(cfg *conf.Values, log *slog.Logger) (c *auth.Certificates, require bool, err error) {
	files := auth.Files{Cert: conf.TLSCert.Get(cfg), Key: conf.TLSKey.Get(cfg), CA: conf.TLSCA.Get(cfg)}
	mode := conf.TLSMode.Get(cfg)
	switch {
	case mode == "off" && files != auth.Files{}:
		return nil, false, fmt.Errorf("%s=off contradicts the certificate that is given: remove one of the two", conf.TLSMode.Name())
	case mode == "off" || mode == "" && files == auth.Files{}:
		return nil, false, nil
	}
	c, err = auth.OpenCertificates(files, log)
	return c, mode != "prefer", err
}

// directory has the users of the file, if there is one, before those of the catalog.
func directory(cfg *conf.Values, declared catalog.Store, log *slog.Logger) (auth.Directory, error) {
	path := conf.UsersFile.Get(cfg)
	if path == "" {
		return users{declared}, nil
	}
	file, err := auth.OpenUsersFile(path, log)
	return auth.Several{file, users{declared}}, err
}

// workedIn is the database of a session whose client named one (session.Handler.NewSession).
func workedIn(declared catalog.Store, name string) string {
	if name = strings.ToLower(name); declared.Snapshot().Databases[name] != nil {
		return name
	}
	return catalog.DefaultDatabase
}

// checkAddresses refuses addresses that other machines reach where nobody would be asked who
// he is, or where what is said would go unencrypted.
func (s security) checkAddresses(cfg *conf.Values) error {
	for _, k := range []conf.StringKey{conf.SQLListen, conf.ConsoleListen} {
		if err := s.checkAddress(cfg, k); err != nil {
			return err
		}
	}
	return nil
}

func (s security) checkAddress(cfg *conf.Values, k conf.StringKey) error {
	if within, err := isLoopback(cfg, k); within || err != nil {
		return err
	}
	var missing []string
	if s.users.Empty() {
		missing = append(missing, "users (start it on 127.0.0.1 and CREATE USER name SUPERUSER PASSWORD …, or give "+conf.UsersFile.Name()+")")
	}
	if s.tls == nil {
		missing = append(missing, "TLS (give "+conf.TLSCert.Name()+" and "+conf.TLSKey.Name()+")")
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s=%s: other machines reach this address, and it is served only with users and with TLS; missing: %s",
			k.Name(), k.Get(cfg), strings.Join(missing, " and "))
	}
	return nil
}

// onlyLoopback refuses an address beyond loopback for a reason.
func onlyLoopback(cfg *conf.Values, k conf.StringKey, why string) error {
	within, err := isLoopback(cfg, k)
	if err == nil && !within {
		err = fmt.Errorf("%s=%s: only loopback addresses are served (127.0.0.1, ::1, localhost), because %s", k.Name(), k.Get(cfg), why)
	}
	return err
}

// isLoopback tells whether only this machine reaches an address; one that is not set nobody reaches.
func isLoopback(cfg *conf.Values, k conf.StringKey) (bool, error) {
	address := k.Get(cfg)
	if address == "" {
		return true, nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false, fmt.Errorf("%s=%s: %w", k.Name(), address, err)
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback(), nil
}

// checkBroker: the embedded broker is for this machine alone.
func checkBroker(cfg *conf.Values) error {
	return onlyLoopback(cfg, conf.EmbeddedListen, "the embedded broker has no sign-in; give "+conf.DefaultBrokers.Name()+" to use another")
}
