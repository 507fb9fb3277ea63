// Command build makes the console's bundle: what stands in ../dist is made of ../src and ../library by it and
// nothing else. The only door to esbuild, which no server links.
//
//	go run ./server/web/console/build
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	if err := write("server/web/console"); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// write makes dist anew in the console's folder.
func write(console string) error {
	files, err := bundle(console)
	if err != nil {
		return err
	}
	dist := filepath.Join(console, "dist")
	if err := os.RemoveAll(dist); err != nil {
		return err
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(dist, name), body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// copied are the files of src that go into dist as they are.
var copied = []string{"index.html", "icon.svg"}

// bundle gives the files of dist by name. The same source gives the same bytes, on every machine.
func bundle(console string) (map[string][]byte, error) {
	root, err := filepath.Abs(console)
	if err != nil {
		return nil, err
	}
	r := api.Build(api.BuildOptions{
		AbsWorkingDir: root, EntryPoints: []string{"src/app.tsx"}, Outdir: "dist", NodePaths: []string{filepath.Join(root, "library")},
		Bundle: true, MinifyWhitespace: true, MinifySyntax: true, MinifyIdentifiers: true, Charset: api.CharsetUTF8,
		Format: api.FormatESModule, Target: api.ES2022, JSX: api.JSXAutomatic, JSXImportSource: "preact",
		LegalComments: api.LegalCommentsNone, TsconfigRaw: "{}",
		Banner: map[string]string{"js": notice},
	})
	var faults []error
	for _, m := range append(r.Errors, r.Warnings...) {
		faults = append(faults, fmt.Errorf("%s: %s", place(m.Location), m.Text))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, f := range r.OutputFiles {
		files[filepath.Base(f.Path)] = f.Contents
	}
	for _, name := range copied {
		if files[name], err = os.ReadFile(filepath.Join(root, "src", name)); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// notice names what is in the bundle; the licences stand beside the libraries.
const notice = "/* Slipway's console. With preact, CodeMirror, Lezer, style-mod, w3c-keyname, crelt and find-cluster-break: MIT, server/web/console/library */"

func place(l *api.Location) string {
	if l == nil {
		return "esbuild"
	}
	return fmt.Sprintf("%s:%d:%d", l.File, l.Line, l.Column+1)
}
