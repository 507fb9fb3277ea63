package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"slipway/server/auth"
	"slipway/sql/sqlerr"
)

// two has two users: ann, and root, who owns the server.
type two struct{ locked }

func (two) Renew(id auth.Identity) (auth.Identity, bool) { return id, true }

func (two) SignIn(_ context.Context, at auth.Attempt, password string) (auth.Identity, error) {
	if password != "right" {
		return auth.Identity{}, sqlerr.New("28P01", "no")
	}
	return auth.Identity{User: at.User, Owner: at.User == "root"}, nil
}

func request(t *testing.T, h http.Handler, path, user, password string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil)
	r.RemoteAddr = "127.0.0.1:1234"
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	b, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(b)
}

// TestProfilesAreForOwners: profiles and the log are given to owners alone, and to whoever reaches a server on loopback that has no users.
func TestProfilesAreForOwners(t *testing.T) {
	h := newConsole(Options{Figures: fixed{}, Access: two{}, Log: slog.New(slog.DiscardHandler), Recent: func() []byte { return []byte("a line\n") }}).handler()
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/goroutine?debug=2", "/debug/pprof/heap", "/debug/log", "/debug/pprof/cmdline"} {
		for who, want := range map[string]int{"": 401, "root wrong": 401, "ann right": 403, "root right": 200} {
			user, password, _ := strings.Cut(who, " ")
			if path == "/debug/pprof/cmdline" && want == 200 {
				want = 404
			}
			if code, body := request(t, h, path, user, password); code != want {
				t.Errorf("%s for %q: %d %.100s, want %d", path, who, code, body, want)
			}
		}
	}
	if _, log := request(t, h, "/debug/log", "root", "right"); log != "a line\n" {
		t.Errorf("the log: %q", log)
	}
	open := newConsole(Options{Figures: fixed{}, Access: anybody{}, Log: slog.New(slog.DiscardHandler)}).handler()
	if code, body := request(t, open, "/debug/pprof/goroutine?debug=1", "", ""); code != 200 || !strings.HasPrefix(body, "goroutine profile:") {
		t.Errorf("without users: %d %.100s", code, body)
	}
	if code, _ := request(t, open, "/debug/pprof/profile?seconds=1000", "", ""); code != 400 {
		t.Errorf("a thousand seconds: %d", code)
	}
	if code, body := request(t, open, "/debug/pprof/profile?seconds=1", "", ""); code != 200 || len(body) == 0 {
		t.Errorf("a profile of the CPU: %d, %d bytes", code, len(body))
	}
}

// TestGoroutinesWithoutArguments: what calls were given is in no dump, however much is asked for.
func TestGoroutinesWithoutArguments(t *testing.T) {
	h := newConsole(Options{Figures: fixed{}, Access: anybody{}, Log: slog.New(slog.DiscardHandler)}).handler()
	end := make(chan struct{})
	defer close(end)
	go planted(0x5ec2e7, end)
	_, body := request(t, h, "/debug/pprof/goroutine?debug=2", "", "")
	if strings.Contains(body, "0x5ec2e7") || strings.Contains(body, "planted(") && !strings.Contains(body, "planted+") {
		t.Errorf("arguments are told: %.500s", body)
	}
}

//go:noinline
func planted(_ int, end chan struct{}) { <-end }

// TestNoProfilesByDefault: nothing of this is on the mux that any listener of a library would serve.
func TestNoProfilesByDefault(t *testing.T) {
	_, pattern := http.DefaultServeMux.Handler(httptest.NewRequest(http.MethodGet, "/debug/pprof/heap", nil))
	if pattern != "" {
		t.Errorf("http.DefaultServeMux serves %s", pattern)
	}
}
