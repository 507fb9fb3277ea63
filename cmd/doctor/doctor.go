// Package doctor collects what somebody who helps wants to see of a running server, in one archive and without secrets: what the server
// answers over SQL and over HTTP. What does not answer is left out, and that is said.
package doctor

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"slipway/conf"
)

// file is one of the archive.
type file struct {
	name, about string
	data        []byte
	fault       string // why it is not there
}

// Bundle is what has been collected.
type Bundle struct {
	made  time.Time
	files []file
}

// New is a bundle without anything.
func New(now time.Time) *Bundle { return &Bundle{made: now} }

// text adds a text, in which whatever looks like a secret is hidden although the server has done that.
func (b *Bundle) text(name, about string, data []byte, err error) {
	f := file{name: name, about: about, data: []byte(conf.Redact(string(data)))}
	if err != nil {
		f.fault = strings.ReplaceAll(conf.Redact(err.Error()), "\n", "; ")
	}
	b.files = append(b.files, f)
}

// binary adds bytes that hold numbers and names of functions alone.
func (b *Bundle) binary(name, about string, data []byte, err error) {
	f := file{name: name, about: about, data: data}
	if err != nil {
		f.fault = conf.Redact(err.Error())
	}
	b.files = append(b.files, f)
}

// Missing are the files that could not be had, with the reasons.
func (b *Bundle) Missing() (out []string) {
	for _, f := range b.files {
		if f.fault != "" {
			out = append(out, f.name+": "+f.fault)
		}
	}
	return out
}

// Empty tells that nothing at all of a server is there.
func (b *Bundle) Empty() bool {
	for _, f := range b.files {
		if f.fault == "" && f.name != machineFile {
			return false
		}
	}
	return true
}

// contents is the list of the archive, its first file.
func (b *Bundle) contents() []byte {
	var s strings.Builder
	fmt.Fprintf(&s, "Support bundle of Slipway, made %s\n\nPasswords and other secrets are ******. Names of streams, jobs, columns, hosts and users, and texts of\nqueries are in it: look through it before you give it away.\n\n",
		b.made.UTC().Format(time.RFC3339))
	for _, f := range b.files {
		if f.fault == "" {
			fmt.Fprintf(&s, "%-36s %8d bytes  %s\n", f.name, len(f.data), f.about)
		}
	}
	if missing := b.Missing(); len(missing) > 0 {
		fmt.Fprintf(&s, "\nNot there:\n  %s\n", strings.Join(missing, "\n  "))
	}
	return []byte(s.String())
}

// Write writes the archive, a folder of the name in a .tar.gz.
func (b *Bundle) Write(w io.Writer, folder string) error {
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	all := append([]file{{name: "contents.txt", data: b.contents()}}, b.files...)
	for _, f := range all {
		if f.fault != "" {
			continue
		}
		head := &tar.Header{Name: folder + "/" + f.name, Mode: 0o600, Size: int64(len(f.data)), ModTime: b.made, Format: tar.FormatPAX}
		if err := t.WriteHeader(head); err != nil {
			return err
		}
		if _, err := t.Write(f.data); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return z.Close()
}

// patience bounds each question: a server that is in trouble answers some of them.
const patience = 10 * time.Second

// collected runs a question and gives what it printed.
func collected(ctx context.Context, ask func(ctx context.Context, to io.Writer) error) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var b bytes.Buffer
	err := ask(ctx, &b)
	return b.Bytes(), err
}
