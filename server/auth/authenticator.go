package auth

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"slipway/sql/sqlerr"
)

// Options of an authenticator.
type Options struct {
	Directory Directory
	// Rules decide how a client signs in; none: by SCRAM.
	Rules Rules
	// Secret makes the salts of users that are not there; the same from start to start.
	Secret []byte
	// Database gives the database that a client of a name works in; nil: that of the name.
	Database func(name string) string
	Log      *slog.Logger
	// Audit is told of sign-ins, right and wrong; nil: nobody is.
	Audit *Audit
}

// Authenticator signs clients in.
type Authenticator struct {
	options Options
	delays  delays
}

// New makes an authenticator.
func New(o Options) *Authenticator { return &Authenticator{options: o} }

// Conversation is a sign-in by SCRAM under way: First, then Final.
type Conversation struct {
	by       *Authenticator
	at       Attempt
	exchange *exchange
	known    bool // the verifier is the user's own
}

// Begin says who a client is, or gives the conversation by which it proves that.
func (a *Authenticator) Begin(at Attempt) (Identity, *Conversation, error) {
	method, err := a.method(at)
	if err != nil {
		return Identity{}, nil, a.refused(at, err)
	}
	if method == Scram {
		return Identity{}, a.converse(at), nil
	}
	if a.options.Directory.Empty() {
		return a.come(at, method, true), nil, nil
	}
	if method == Cert && at.Certificate != at.User {
		return Identity{}, nil, a.refused(at, certificateError(at))
	}
	id, err := a.let(at, method)
	return id, nil, err
}

// method is the first rule's that fits. While nobody can sign in, whoever comes over loopback is
// the owner, so that there is a way to create the first user.
func (a *Authenticator) method(at Attempt) (Method, error) {
	if f := a.options.Database; f != nil {
		at.Database = f(at.Database)
	}
	r, ok := a.options.Rules.first(at)
	switch {
	case r.Method == Reject:
		return "", refusal(at, "rejects").WithHint("The rule reads: %s (server.auth.rules).", r.text)
	case a.options.Directory.Empty() && at.Address.IsLoopback():
		return Trust, nil
	case ok:
		return r.Method, nil
	case len(a.options.Rules) > 0 || a.options.Directory.Empty():
		return "", refusal(at, "")
	}
	return Scram, nil
}

// refusal names what the rules looked at.
func refusal(at Attempt, rejects string) *sqlerr.Error {
	encrypted := "without TLS"
	if at.TLS {
		encrypted = "with TLS"
	}
	if rejects != "" {
		return sqlerr.New(sqlerr.InvalidAuthorization, "a rule rejects user %q from address %s, database %q, %s", at.User, at.Address, at.Database, encrypted)
	}
	return sqlerr.New(sqlerr.InvalidAuthorization, "no rule lets user %q from address %s in, database %q, %s", at.User, at.Address, at.Database, encrypted).
		WithHint("The rules are the setting server.auth.rules; the first that fits decides.")
}

func certificateError(at Attempt) *sqlerr.Error {
	e := sqlerr.New(sqlerr.InvalidAuthorization, "certificate authentication failed for user %q", at.User)
	switch {
	case !at.TLS:
		return e.WithHint("The rule demands a client certificate: connect with TLS, sslcert and sslkey.")
	case at.Certificate == "":
		return e.WithHint("The client has shown no certificate: give it sslcert and sslkey.")
	}
	return e.WithHint("The certificate's common name is %q; it must be the user's name.", at.Certificate)
}

// refused logs a sign-in that failed and gives its error back.
func (a *Authenticator) refused(at Attempt, err error) error {
	if a.options.Log != nil {
		a.options.Log.Warn("sign-in failed", "user", short(at.User), "address", at.Address.String(), "tls", at.TLS, "reason", err.Error())
	}
	a.options.Audit.Write(Event{Event: "sign-in", Outcome: Refused, User: short(at.User), Address: at.Address.String(), TLS: at.TLS, Database: short(at.Database),
		SQLState: string(sqlerr.From(err).Code), Message: err.Error()})
	return err
}

// short bounds what a client that has proved nothing can write into the log.
func short(s string) string {
	const most = 128
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// let gives the identity of a user that has proved to be one.
func (a *Authenticator) let(at Attempt, method Method) (Identity, error) {
	account, ok := a.options.Directory.Account(at.User)
	if !ok {
		return Identity{}, a.refused(at, sqlerr.New(sqlerr.InvalidAuthorization, "role %q does not exist", at.User))
	}
	if !account.Login {
		return Identity{}, a.refused(at, sqlerr.New(sqlerr.InvalidAuthorization, "role %q is not permitted to log in", at.User))
	}
	return a.come(at, method, account.Superuser), nil
}

// come writes down that somebody has signed in.
func (a *Authenticator) come(at Attempt, method Method, owner bool) Identity {
	id := identity(at, method, owner)
	a.options.Audit.Write(Event{Event: "sign-in", Outcome: Done, User: id.User, Address: id.Address, Method: id.Method, TLS: id.TLS, Database: short(at.Database)})
	return id
}

func identity(at Attempt, method Method, owner bool) Identity {
	return Identity{User: at.User, Owner: owner, Address: at.Address.String(), Method: string(method), TLS: at.TLS}
}

// verifier gives that of a user, or one that no password fits.
func (a *Authenticator) verifier(user string) (v Verifier, known bool) {
	made := madeUp(a.options.Secret, user) // always, so that nothing is learned from the time it takes
	account, ok := a.options.Directory.Account(user)
	if !ok || account.Verifier == "" || !account.ValidUntil.IsZero() && !time.Now().Before(account.ValidUntil) {
		return made, false
	}
	if own, err := ParseVerifier(account.Verifier); err == nil {
		return own, true
	}
	return made, false
}

func (a *Authenticator) converse(at Attempt) *Conversation {
	v, known := a.verifier(at.User)
	return &Conversation{by: a, at: at, exchange: newExchange(v, at.Binding), known: known}
}

// Mechanisms are the names of SASL that the client may choose from.
func (c *Conversation) Mechanisms() []string { return c.exchange.mechanisms() }

// First answers the client's first message.
func (c *Conversation) First(mechanism string, message []byte) ([]byte, error) {
	answer, err := c.exchange.first(mechanism, message)
	if err != nil {
		return nil, c.by.refused(c.at, err)
	}
	return answer, nil
}

// Final checks the client's proof, after the delay that earlier failures have earned, and gives
// the server's, with which the client checks the server.
func (c *Conversation) Final(ctx context.Context, message []byte) ([]byte, Identity, error) {
	var answer []byte
	id, err := c.by.judge(ctx, c.at, Scram, func() (err error) {
		if answer, err = c.exchange.final(message); err == nil && !c.known {
			err = errWrong
		}
		return err
	})
	return answer, id, err
}

// SignIn checks a name and a password, for those who do not speak SCRAM. The connection must be
// encrypted or within the machine: the password goes over it.
func (a *Authenticator) SignIn(ctx context.Context, at Attempt, password string) (Identity, error) {
	method, err := a.method(at)
	if err == nil && method == Cert {
		err = sqlerr.New(sqlerr.InvalidAuthorization, "user %q signs in by certificate only", at.User)
	}
	if err != nil {
		return Identity{}, a.refused(at, err)
	}
	return a.judge(ctx, at, "password", func() error {
		v, known := a.verifier(at.User)
		if matches := v.Matches(password); !matches || !known {
			return errWrong
		}
		return nil
	})
}

// Implicit gives the owner of a server without users, to a client within the machine.
func (a *Authenticator) Implicit(at Attempt) (Identity, bool) {
	if !a.options.Directory.Empty() || !at.Address.IsLoopback() {
		return Identity{}, false
	}
	return a.come(at, Trust, true), true
}

// judge waits, checks, and counts what was wrong.
func (a *Authenticator) judge(ctx context.Context, at Attempt, method Method, check func() error) (Identity, error) {
	if err := pause(ctx, a.delays.before(at.User, at.Address, time.Now())); err != nil {
		return Identity{}, err
	}
	err := check()
	if errors.Is(err, errWrong) {
		a.delays.failed(at.User, at.Address, time.Now())
		err = sqlerr.New(sqlerr.InvalidPassword, "password authentication failed for user %q", at.User)
	}
	if err != nil {
		return Identity{}, a.refused(at, err)
	}
	a.delays.succeeded(at.User, at.Address)
	return a.let(at, method)
}

func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
