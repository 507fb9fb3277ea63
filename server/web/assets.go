package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"time"
)

// dist is made from console/src by console/build, whose test says when it is not.
//
//go:embed console/dist
var dist embed.FS

// policy allows what the page has: scripts and styles of its own origin, nothing inline, no frame
// round it, no address but its own to talk to.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// asset is one file of the bundle.
type asset struct {
	name string
	body []byte
	etag string
}

// serveAssets adds a route for each file; the page is that of /.
func serveAssets(mux *http.ServeMux) {
	files, err := fs.ReadDir(dist, "console/dist")
	if err != nil { // it is embedded
		panic(err)
	}
	for _, f := range files {
		body, err := dist.ReadFile(path.Join("console/dist", f.Name()))
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		a := asset{f.Name(), body, `"` + hex.EncodeToString(sum[:8]) + `"`}
		route := "GET /" + a.name
		if a.name == "index.html" {
			route = "GET /{$}"
		}
		mux.Handle(route, a)
	}
}

// ServeHTTP implements http.Handler: a browser that has the file is told that it is still the same.
func (a asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", a.etag)
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, a.name, time.Time{}, bytes.NewReader(a.body))
}
