package web

import (
	"net"
	"net/http"
)

// guard stands in front of every route of the console: headers that bind browsers, no request that
// another site made a browser send, and, while nobody has to sign in, no name of the server but
// those of loopback, which another site's name server could otherwise point here.
func guard(access Access, next http.Handler) http.Handler {
	csrf := http.NewCrossOriginProtection()
	csrf.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, fault{
			Code: "42501", Message: "this request comes from another site", Hint: "The console only takes requests of its own page.",
		})
	}))
	checked := csrf.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if access.Open() && !loopback(r.Host) {
			refuse(w, http.StatusMisdirectedRequest, fault{
				Code: "42501", Message: "there are no users yet, so the console answers to no name but those of loopback",
				Hint: "Use 127.0.0.1 or localhost in the address.",
			})
			return
		}
		checked.ServeHTTP(w, r)
	})
}

// loopback tells whether a Host header names this machine to itself.
func loopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil { // without a port
		name = host
	}
	if len(name) > 2 && name[0] == '[' && name[len(name)-1] == ']' {
		name = name[1 : len(name)-1]
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// refuse answers with an error in place of what was asked for.
func refuse(w http.ResponseWriter, status int, f fault) {
	if f.Severity == "" {
		f.Severity = "ERROR"
	}
	answer(w, status, errorLine{f})
}
