package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// Console is where the server answers over HTTP, and as whom it is asked.
type Console struct {
	URL            string // http://127.0.0.1:4044
	User, Password string
	TLS            *tls.Config // nil: as the system trusts
}

// pages are what is read of the console; those of /debug are for owners.
var pages = []struct {
	name, path, about string
	binary            bool
}{
	{"http/livez.json", "/livez", "does the process answer", false},
	{"http/readyz.json", "/readyz", "can it serve", false},
	{"http/healthz.json", "/healthz", "has a job failed", false},
	{"http/metrics.txt", "/metrics", "metrics", false},
	{"http/log.txt", "/debug/log", "the last lines of the log", false},
	{"http/goroutines.txt", "/debug/pprof/goroutine?debug=1", "stacks of all goroutines", false},
	{"http/heap.pprof", "/debug/pprof/heap", "what takes memory (go tool pprof)", true},
	{"http/allocs.pprof", "/debug/pprof/allocs", "what was allocated (go tool pprof)", true},
}

// pageMost bounds one page.
const pageMost = 64 << 20

// HTTP collects what the console answers.
func (b *Bundle) HTTP(ctx context.Context, c Console) {
	transport := &http.Transport{TLSClientConfig: c.TLS}
	defer transport.CloseIdleConnections()
	// A redirection would lead name and password elsewhere.
	h := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, p := range pages {
		data, err := collected(ctx, func(ctx context.Context, to io.Writer) error { return c.read(ctx, h, p.path, to) })
		if p.binary {
			b.binary(p.name, p.about, data, err)
		} else {
			b.text(p.name, p.about, data, err)
		}
	}
}

// read copies a page. An answer that the server is not ready or not healthy is one.
func (c Console) read(ctx context.Context, h *http.Client, path string, to io.Writer) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.URL, "/")+path, nil)
	if err != nil {
		return err
	}
	if c.Password != "" && (r.URL.Scheme == "https" || loopback(r.URL.Hostname())) { // else everybody on the way would read it
		r.SetBasicAuth(c.User, c.Password)
	}
	answer, err := h.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, io.LimitReader(answer.Body, pageMost))
	err = errors.Join(err, answer.Body.Close())
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusServiceUnavailable {
		return fmt.Errorf("%s: the console answers %s", path, answer.Status)
	}
	return err
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
