package web

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"time"

	"slipway/server/auth"
)

// Profiles are for owners, under the paths that go tool pprof knows. They are made from runtime/pprof: net/http/pprof would
// also put them on http.DefaultServeMux, tell the command line, whose settings hold passwords, and print goroutines with the words
// that their calls were given.

const (
	profileSeconds = 30
	profileMost    = 120
)

// profiles are the routes.
func (c *Console) profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/{$}", func(w http.ResponseWriter, _ *http.Request) { listProfiles(w) })
	mux.HandleFunc("GET /debug/pprof/{name}", namedProfile)
	mux.HandleFunc("GET /debug/pprof/profile", func(w http.ResponseWriter, r *http.Request) {
		timed(w, r, func() error { return pprof.StartCPUProfile(w) }, pprof.StopCPUProfile)
	})
	mux.HandleFunc("GET /debug/pprof/trace", func(w http.ResponseWriter, r *http.Request) {
		timed(w, r, func() error { return trace.Start(w) }, trace.Stop)
	})
	mux.HandleFunc("GET /debug/log", func(w http.ResponseWriter, _ *http.Request) {
		plainText(w)
		if c.options.Recent != nil {
			_, _ = w.Write(c.options.Recent()) // the client may have gone
		}
	})
	return mux
}

func plainText(w http.ResponseWriter) { w.Header().Set("Content-Type", "text/plain; charset=utf-8") }

func listProfiles(w http.ResponseWriter) {
	plainText(w)
	fmt.Fprintln(w, "profile  of the CPU, ?seconds=30")
	fmt.Fprintln(w, "trace    of what runs when, ?seconds=1")
	for _, p := range pprof.Profiles() {
		fmt.Fprintf(w, "%s  %d\n", p.Name(), p.Count())
	}
}

// namedProfile gives one of what the runtime counts. With ?debug= it is text: that of goroutines are their stacks without arguments, however
// much is asked for.
func namedProfile(w http.ResponseWriter, r *http.Request) {
	p := pprof.Lookup(r.PathValue("name"))
	if p == nil {
		refuse(w, http.StatusNotFound, fault{Code: "42704", Message: "there is no such profile", Hint: "/debug/pprof/ lists them."})
		return
	}
	if p.Name() == "heap" && r.FormValue("gc") != "" {
		runtime.GC()
	}
	debug := 0
	if text := r.FormValue("debug"); text != "" && text != "0" {
		debug = 1
		plainText(w)
	} else {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", p.Name()))
	}
	_ = p.WriteTo(w, debug) // the client may have gone
}

// timed runs a profile for so many seconds, or until the client goes.
func timed(w http.ResponseWriter, r *http.Request, start func() error, stop func()) {
	seconds := profileSeconds
	if text := r.FormValue("seconds"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > profileMost {
			refuse(w, http.StatusBadRequest, fault{Code: "22023", Message: fmt.Sprintf("seconds must be a number from 1 to %d", profileMost)})
			return
		}
		seconds = n
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := start(); err != nil {
		refuse(w, http.StatusConflict, fault{Code: "55006", Message: "another one runs: " + err.Error()})
		return
	}
	defer stop()
	select {
	case <-time.After(time.Duration(seconds) * time.Second):
	case <-r.Context().Done():
	}
}

// owners lets only those in who own the server: signed in at the console, or with name and password in the request.
func (c *Console) owners(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, err := c.asked(r)
		switch {
		case err != nil:
			w.Header().Set("WWW-Authenticate", `Basic realm="slipway"`)
			refuse(w, http.StatusUnauthorized, fault{Code: "28000", Message: "the name and password of an owner are needed"})
		case !id.Owner:
			refuse(w, http.StatusForbidden, fault{Code: "42501", Message: fmt.Sprintf("%q is no owner of this server", id.User), Hint: "Profiles and the log are for superusers."})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

var errUnknown = errors.New("nobody has signed in")

// asked is who sends a request: by cookie, or by name and password.
func (c *Console) asked(r *http.Request) (auth.Identity, error) {
	if id, ok := c.who(r); ok {
		return id, nil
	}
	user, password, given := r.BasicAuth()
	if !given {
		return auth.Identity{}, errUnknown
	}
	return c.options.Access.SignIn(r.Context(), attempt(r, user), password)
}
