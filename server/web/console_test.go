package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"slipway/server/auth"
	"slipway/server/pgwire"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// anybody is the access of a server without users; locked has one, ann.
type anybody struct{}

func (anybody) Open() bool { return true }

func (anybody) Implicit(at auth.Attempt) (auth.Identity, bool) {
	return auth.Identity{User: at.User, Owner: true}, true
}

func (anybody) Renew(id auth.Identity) (auth.Identity, bool) { return id, true }

func (anybody) SignIn(context.Context, auth.Attempt, string) (auth.Identity, error) {
	return auth.Identity{}, errors.New("nobody")
}

type locked struct{ gone *atomic.Bool }

func (locked) Open() bool { return false }

func (locked) Implicit(auth.Attempt) (id auth.Identity, ok bool) { return id, false }

func (l locked) Renew(id auth.Identity) (auth.Identity, bool) { return id, !l.gone.Load() }

func (locked) SignIn(_ context.Context, at auth.Attempt, password string) (auth.Identity, error) {
	if at.User == "ann" && password == "right" && at.Address.IsLoopback() {
		return auth.Identity{User: at.User}, nil
	}
	return auth.Identity{}, sqlerr.New("28P01", "password authentication failed for user %q", at.User)
}

// words is a session whose statements are words: rows N, hang, fail; a notice goes before each.
type words struct {
	sessions atomic.Int64
	asked    atomic.Int64
	ended    chan error // of a hang
}

func (h *words) NewSession(_ context.Context, st pgwire.Startup) (pgwire.Session, error) {
	h.sessions.Add(1)
	return &wordSession{h, st}, nil
}

type wordSession struct {
	h  *words
	st pgwire.Startup
}

func (s *wordSession) Parse(text string) (out []pgwire.Statement, err error) {
	for _, w := range strings.Split(text, ";") {
		out = append(out, strings.TrimSpace(w))
	}
	return out, nil
}

func (s *wordSession) Execute(_ context.Context, st pgwire.Statement, _ []pgwire.Arg) (pgwire.Result, error) {
	s.h.asked.Add(1)
	if st == "fail" {
		return nil, sqlerr.At(len("é; fa")-1, sqlerr.UndefinedTable, "no such table").WithHint("Make it.")
	}
	s.st.Notice(sqlerr.Notice("for %s", s.st.User))
	return &wordResult{h: s.h, word: st.(string)}, nil
}

func (s *wordSession) Describe(context.Context, pgwire.Statement, []uint32) ([]uint32, []pgwire.Column, error) {
	return nil, nil, nil
}
func (s *wordSession) Shown(st pgwire.Statement) string      { return st.(string) }
func (s *wordSession) Failed()                               {}
func (s *wordSession) TxStatus() byte                        { return 'I' }
func (s *wordSession) Timeout() time.Duration                { return 0 }
func (s *wordSession) Cursor(string) ([]pgwire.Column, bool) { return nil, false }
func (s *wordSession) Close()                                { s.h.sessions.Add(-1) }

type wordResult struct {
	h    *words
	word string
	n    int
}

func (r *wordResult) Columns() []pgwire.Column {
	return []pgwire.Column{{Name: "a", Type: types.Type{Kind: types.BigInt}}, {Name: "b", Type: types.Type{Kind: types.String}}}
}
func (r *wordResult) CopyOut() *pgwire.CopyForm { return nil }
func (r *wordResult) Paged()                    {}
func (r *wordResult) Ready() bool               { return r.word != "hang" || r.n == 0 }
func (r *wordResult) Tag() string               { return "DONE" }
func (r *wordResult) Close()                    {}

func (r *wordResult) Next(ctx context.Context) (pgwire.Row, error) {
	r.n++
	if r.word == "hang" && r.n > 1 {
		<-ctx.Done()
		r.h.ended <- ctx.Err()
		return nil, ctx.Err()
	}
	if r.n > 2 {
		return nil, io.EOF
	}
	return wordRow(r.n), nil
}

type wordRow int

func (w wordRow) AppendText(dst []byte, i int) ([]byte, bool) {
	if i == 1 && w == 2 {
		return dst, true
	}
	if i == 0 {
		return append(dst, byte('0'+w)), false
	}
	return append(dst, "x\"\n\\\x01é\xff"...), false
}

func (w wordRow) AppendBinary(dst []byte, _ int) ([]byte, bool, error) { return dst, false, nil }

func open(t *testing.T, access Access) (*words, string) {
	t.Helper()
	h := &words{ended: make(chan error, 1)}
	c, err := Listen(Options{Address: "127.0.0.1:0", Figures: fixed{}, Sessions: h, Access: access, Version: "1", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return h, "http://" + c.Address()
}

// ask posts a body and gives the status, the headers and what came; the headers are pairs.
func ask(t *testing.T, url, body string, headers ...string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequest("POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

// TestQuery: columns, rows, notices, ends and the error come as lines, in order; the session is closed.
func TestQuery(t *testing.T) {
	h, url := open(t, anybody{})
	want := `{"notice":{"severity":"NOTICE","code":"00000","message":"for slipway"}}
{"columns":[{"name":"a","type":20},{"name":"b","type":25}]}
{"rows":[["1","x\"\u000a\\\u0001é` + "\uFFFD" + `"],["2",null]]}
{"tag":"DONE"}
{"error":{"severity":"ERROR","code":"42P01","message":"no such table","hint":"Make it.","position":5}}
`
	if code, _, got := ask(t, url+"/api/query", `{"sql":"é; fail"}`); code != 200 || got != want {
		t.Errorf("%d\n%s\nwant\n%s", code, got, want)
	}
	if n := h.sessions.Load(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// TestClosingCancels: rows go out while the statement waits, and closing the connection ends it.
func TestClosingCancels(t *testing.T) {
	h, url := open(t, anybody{})
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", url+"/api/query", strings.NewReader(`{"sql":"hang"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for got := ""; !strings.Contains(got, `["1",`); { // the row is here though the statement has not ended
		b := make([]byte, 1000)
		n, err := resp.Body.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		got += string(b[:n])
	}
	cancel()
	select {
	case err := <-h.ended:
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the statement runs on")
	}
}

// TestShared: many who ask the same at the same time cost one statement, and who has the answer is told that it is the same.
func TestShared(t *testing.T) {
	h, url := open(t, anybody{})
	const body = `{"sql":"rows","shared":true}`
	done := make(chan string, 10)
	for range 10 {
		go func() { // ends with the answer
			r, err := http.Post(url+"/api/query", "application/json", strings.NewReader(body))
			if err != nil {
				done <- err.Error()
				return
			}
			defer r.Body.Close()
			b, _ := io.ReadAll(r.Body)
			done <- string(b)
		}()
	}
	first := <-done
	for range 9 {
		if got := <-done; got != first || !strings.Contains(got, `"DONE"`) {
			t.Errorf("another answer: %s", got)
		}
	}
	if n := h.asked.Load(); n > 5 { // one, unless the machine took a second for each
		t.Errorf("%d statements for ten who ask the same", n)
	}
	before := h.asked.Load()
	if ask(t, url+"/api/query", `{"sql":"rows","shared":true,"anew":true}`); h.asked.Load() != before+1 {
		t.Error("what is to be of now is of before")
	}
	for took, want := range map[time.Duration]time.Duration{0: time.Second, 20 * time.Millisecond: 2 * time.Second, time.Minute: 5 * time.Second} {
		if got := keptFor(took); got != want {
			t.Errorf("what took %s is kept for %s, want %s", took, got, want)
		}
	}
	_, header, _ := ask(t, url+"/api/query", body)
	code, _, got := ask(t, url+"/api/query", body, "If-None-Match", header.Get("ETag"))
	if code != http.StatusNotModified || got != "" {
		t.Errorf("%d %q to one who has it", code, got)
	}
}

// TestGuard: what another site has a browser send is refused, as are other names of this machine and other types of body.
func TestGuard(t *testing.T) {
	h, url := open(t, anybody{})
	const body = `{"sql":"rows"}`
	for name, c := range map[string]struct {
		headers []string
		code    int
	}{
		"its own page":       {[]string{"Origin", url, "Sec-Fetch-Site", "same-origin"}, 200},
		"no browser":         {nil, 200},
		"another site":       {[]string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, 403},
		"an old browser":     {[]string{"Origin", "https://evil.example"}, 403},
		"a form":             {[]string{"Content-Type", "text/plain"}, 415},
		"a rebound name":     {[]string{"Host", "evil.example"}, 421},
		"another name of it": {[]string{"Host", "localhost:1"}, 200},
	} {
		if code, _, got := ask(t, url+"/api/query", body, c.headers...); code != c.code {
			t.Errorf("%s: %d %s, want %d", name, code, got, c.code)
		}
	}
	if n := h.asked.Load(); n != 3 {
		t.Errorf("%d statements ran, want 3", n)
	}
	r, err := http.Get(url + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	for header, want := range map[string]string{
		"Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "Content-Type": "text/html",
	} {
		if got := r.Header.Get(header); !strings.Contains(got, want) {
			t.Errorf("%s: %q", header, got)
		}
	}
	if p := r.Header.Get("Content-Security-Policy"); strings.Contains(p, "unsafe") {
		t.Errorf("the policy allows what is unsafe: %s", p)
	}
}

// TestSignIn: without signing in nothing is answered; a cookie that scripts cannot read opens it; signing out and time end it.
func TestSignIn(t *testing.T) {
	gone := &atomic.Bool{}
	h, url := open(t, locked{gone})
	if code, _, got := ask(t, url+"/api/query", `{"sql":"rows"}`); code != 401 || h.asked.Load() != 0 {
		t.Fatalf("%d %s", code, got)
	}
	if code, _, got := ask(t, url+"/api/sign-in", `{"user":"ann","password":"wrong"}`); code != 401 || !strings.Contains(got, "28P01") {
		t.Errorf("a wrong password: %d %s", code, got)
	}
	_, header, _ := ask(t, url+"/api/sign-in", `{"user":"ann","password":"right"}`)
	set := header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(set, want) {
			t.Errorf("the cookie lacks %s: %s", want, set)
		}
	}
	cookie, _, _ := strings.Cut(set, ";")
	if _, _, got := ask(t, url+"/api/query", `{"sql":"rows"}`, "Cookie", cookie); !strings.Contains(got, "for ann") {
		t.Errorf("signed in: %s", got)
	}
	gone.Store(true)
	if code, _, _ := ask(t, url+"/api/query", `{"sql":"rows"}`, "Cookie", cookie); code != 401 {
		t.Errorf("a user who is there no more: %d", code)
	}
	gone.Store(false)
	if code, _, _ := ask(t, url+"/api/query", `{"sql":"rows"}`, "Cookie", cookie); code != 401 {
		t.Errorf("the visit of a user who was gone goes on: %d", code)
	}
	_, header, _ = ask(t, url+"/api/sign-in", `{"user":"ann","password":"right"}`)
	cookie, _, _ = strings.Cut(header.Get("Set-Cookie"), ";")
	ask(t, url+"/api/sign-out", `{}`, "Cookie", cookie)
	if code, _, _ := ask(t, url+"/api/query", `{"sql":"rows"}`, "Cookie", cookie); code != 401 {
		t.Errorf("signed out: %d", code)
	}
}

// TestFigures: over loopback figures are for all who ask, from elsewhere for users.
func TestFigures(t *testing.T) {
	c := newConsole(Options{Figures: fixed{}, Access: locked{&atomic.Bool{}}, Outside: true})
	for _, x := range []struct {
		from, path, password string
		code                 int
	}{
		{"127.0.0.1:1", "/metrics", "", 200}, {"10.0.0.9:1", "/metrics", "", 401}, {"10.0.0.9:1", "/metrics", "wrong", 401}, {"10.0.0.9:1", "/healthz", "", 401},
		{"10.0.0.9:1", "/livez", "", 200}, {"10.0.0.9:1", "/readyz", "", 200},
	} {
		r, w := httptest.NewRequest("GET", "https://slipway.example"+x.path, nil), httptest.NewRecorder()
		r.RemoteAddr = x.from
		if x.password != "" {
			r.SetBasicAuth("ann", x.password)
		}
		if c.handler().ServeHTTP(w, r); w.Code != x.code {
			t.Errorf("%+v: %d", x, w.Code)
		}
	}
}

// TestVisits: a visit ends when nothing is done for a while, and at last in any case; of too many the one longest idle goes.
func TestVisits(t *testing.T) {
	v, now := newVisits(), time.Unix(0, 0)
	v.now = func() time.Time { return now }
	idle, used := v.open(auth.Identity{User: "idle"}), v.open(auth.Identity{User: "used"})
	for now.Sub(time.Unix(0, 0)) < signedInMost {
		now = now.Add(signedInIdle - time.Minute)
		if _, ok := v.find(used); !ok && now.Sub(time.Unix(0, 0)) <= signedInMost {
			t.Fatalf("it ended after %s", now.Sub(time.Unix(0, 0)))
		}
	}
	for _, secret := range []string{idle, used, ""} {
		if id, ok := v.find(secret); ok {
			t.Errorf("%q is still there", id.User)
		}
	}
	first := v.open(auth.Identity{User: "first"})
	for range visitsMost {
		now = now.Add(time.Millisecond)
		v.open(auth.Identity{User: "more"})
	}
	if _, ok := v.find(first); ok || len(v.mu.bySecret) > visitsMost {
		t.Errorf("%d visits are kept", len(v.mu.bySecret))
	}
}

// TestAssets: the page and what it names are there, and a browser that has them is told so.
func TestAssets(t *testing.T) {
	c := newConsole(Options{Figures: fixed{}, Access: anybody{}})
	for _, path := range []string{"/", "/app.js", "/app.css", "/icon.svg"} {
		get := func(etag string) *httptest.ResponseRecorder {
			r, w := httptest.NewRequest("GET", "http://localhost"+path, nil), httptest.NewRecorder()
			r.Header.Set("If-None-Match", etag)
			c.handler().ServeHTTP(w, r)
			return w
		}
		w := get("")
		if w.Code != 200 || w.Body.Len() == 0 {
			t.Errorf("%s: %d", path, w.Code)
		}
		if again := get(w.Header().Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("%s again: %d", path, again.Code)
		}
	}
}
