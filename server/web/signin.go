package web

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"slipway/server/auth"
	"slipway/sql/sqlerr"
)

const (
	cookieName = "slipway_session"
	// signedInFor is how long a person stays signed in without doing anything, and at most.
	signedInIdle = 2 * time.Hour
	signedInMost = 12 * time.Hour
	// visitsMost bounds those who are signed in: the one who was longest idle goes.
	visitsMost = 10_000
	bodyMost   = 4 << 20
)

// visit is one person signed in at one browser.
type visit struct {
	id          auth.Identity
	began, seen time.Time
}

func (v *visit) ended(now time.Time) bool {
	return now.Sub(v.seen) > signedInIdle || now.Sub(v.began) > signedInMost
}

// visits are those who are signed in, by the secret in their cookie.
type visits struct {
	now func() time.Time
	mu  struct {
		sync.Mutex
		bySecret map[string]*visit
	}
}

func newVisits() *visits {
	v := &visits{now: time.Now}
	v.mu.bySecret = map[string]*visit{}
	return v
}

// open notes a person and gives the secret.
func (v *visits) open(id auth.Identity) string {
	secret, now := rand.Text(), v.now()
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.mu.bySecret) >= visitsMost {
		v.forgetOne(now)
	}
	v.mu.bySecret[secret] = &visit{id, now, now}
	return secret
}

// forgetOne makes room: all that have ended, else the one who was longest idle.
func (v *visits) forgetOne(now time.Time) {
	var oldest string
	for secret, x := range v.mu.bySecret {
		if x.ended(now) {
			delete(v.mu.bySecret, secret)
		} else if o := v.mu.bySecret[oldest]; o == nil || x.seen.Before(o.seen) {
			oldest = secret
		}
	}
	if len(v.mu.bySecret) >= visitsMost {
		delete(v.mu.bySecret, oldest)
	}
}

// find gives whose secret it is.
func (v *visits) find(secret string) (id auth.Identity, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	x, now := v.mu.bySecret[secret], v.now()
	if x == nil {
		return id, false
	}
	if x.ended(now) {
		delete(v.mu.bySecret, secret)
		return id, false
	}
	x.seen = now
	return x.id, true
}

func (v *visits) close(secret string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.mu.bySecret, secret)
}

// who has sent a request; ok is false for one who has to sign in. What a user is now holds, not what
// the user was when signing in.
func (c *Console) who(r *http.Request) (id auth.Identity, ok bool) {
	if id, ok := c.options.Access.Implicit(attempt(r, owner)); ok {
		return id, true
	}
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return id, false
	}
	if id, ok = c.visits.find(cookie.Value); !ok {
		return id, false
	}
	if id, ok = c.options.Access.Renew(id); !ok {
		c.visits.close(cookie.Value)
	}
	return id, ok
}

// owner is the name of whoever reaches a server without users.
const owner = "slipway"

// attempt is what is known of who has sent a request.
func attempt(r *http.Request, user string) auth.Attempt {
	from, _ := netip.ParseAddrPort(r.RemoteAddr) // net/http wrote it
	return auth.Attempt{User: user, Address: from.Addr().Unmap(), TLS: r.TLS != nil}
}

func (c *Console) session(w http.ResponseWriter, r *http.Request) {
	id, _ := c.who(r)
	answer(w, http.StatusOK, visitor{id.User, c.options.Access.Open(), c.options.Version, c.options.Figures.Server().Role})
}

func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	var given credentials
	if !read(w, r, &given) {
		return
	}
	id, err := c.options.Access.SignIn(r.Context(), attempt(r, given.User), given.Password)
	if err != nil {
		refuse(w, http.StatusUnauthorized, faultOf(sqlerr.From(err), ""))
		return
	}
	c.setCookie(w, c.visits.open(id), int(signedInMost.Seconds()))
	answer(w, http.StatusOK, visitor{id.User, false, c.options.Version, c.options.Figures.Server().Role})
}

func (c *Console) signOut(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(cookieName); err == nil {
		c.visits.close(cookie.Value)
	}
	c.setCookie(w, "", -1)
	answer(w, http.StatusOK, struct{}{})
}

func (c *Console) setCookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: c.options.TLS != nil,
	})
}

// signedIn lets a program in that asks for figures: over loopback, else with the name and password of a
// user (HTTP's basic authentication).
func (c *Console) signedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := attempt(r, "")
		if c.options.Outside && !at.Address.IsLoopback() {
			user, password, given := r.BasicAuth()
			at.User = user
			if _, err := c.options.Access.SignIn(r.Context(), at, password); !given || err != nil {
				w.Header().Set("WWW-Authenticate", `Basic realm="slipway"`)
				refuse(w, http.StatusUnauthorized, fault{Code: "28000", Message: "the name and password of a user are needed"})
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// read takes a body of JSON; false: it is not, and that has been answered. A form of another site
// cannot send one of this type.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	if r.Header.Get("Content-Type") != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, fault{Code: "08P01", Message: "the body must be application/json"})
		return false
	}
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(writePatience))
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyMost))
	if err := d.Decode(into); err != nil {
		refuse(w, http.StatusBadRequest, fault{Code: "08P01", Message: "the body cannot be read: " + err.Error()})
		return false
	}
	http.NewResponseController(w).SetReadDeadline(time.Time{})
	return true
}
