package web

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"sync"
	"time"

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
	user        string
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
func (v *visits) open(user string) string {
	secret, now := rand.Text(), v.now()
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.mu.bySecret) >= visitsMost {
		v.forgetOne(now)
	}
	v.mu.bySecret[secret] = &visit{user, now, now}
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

// find gives the user of a secret.
func (v *visits) find(secret string) (user string, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	x, now := v.mu.bySecret[secret], v.now()
	if x == nil {
		return "", false
	}
	if x.ended(now) {
		delete(v.mu.bySecret, secret)
		return "", false
	}
	x.seen = now
	return x.user, true
}

func (v *visits) close(secret string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.mu.bySecret, secret)
}

// who is the user of a request; ok is false for one who has to sign in.
func (c *Console) who(r *http.Request) (user string, ok bool) {
	if c.options.Access.Open() {
		return owner, true
	}
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return "", false
	}
	return c.visits.find(cookie.Value)
}

// owner is the name of whoever reaches a server without users.
const owner = "slipway"

func (c *Console) session(w http.ResponseWriter, r *http.Request) {
	user, _ := c.who(r)
	answer(w, http.StatusOK, visitor{user, c.options.Access.Open(), c.options.Version, c.options.Figures.Server().Role})
}

func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	var given credentials
	if !read(w, r, &given) {
		return
	}
	if err := c.options.Access.SignIn(r.Context(), given.User, given.Password, r.RemoteAddr); err != nil {
		refuse(w, http.StatusUnauthorized, faultOf(sqlerr.From(err), ""))
		return
	}
	c.setCookie(w, c.visits.open(given.User), int(signedInMost.Seconds()))
	answer(w, http.StatusOK, visitor{given.User, false, c.options.Version, c.options.Figures.Server().Role})
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
