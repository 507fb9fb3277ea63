package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/cmd/client"
	"slipway/cmd/doctor"
)

const doctorLong = `Collects what somebody who helps wants to see of a running server, in one .tar.gz: version, settings,
jobs, streams, checkpoints, transactions, failures and events (all tables of the schema slipway), how
streams and jobs were declared, metrics, health, the last lines of the log, stacks of goroutines, heap.

The server is named as for slipway sql; --console is where it answers over HTTP (https://host:4044 beyond
loopback). Profiles and the log are for owners: the user and password of the connection are sent.

Passwords and other secrets are ******; names, hosts and texts of queries are not, so look through it
before you give it away: contents.txt says what is there, and what could not be had. A part that does
not answer is left out (exit code 1 only when nothing answered).`

func doctorCommand(stdout, stderr io.Writer) *cobra.Command {
	o := &connection{}
	out, console := "", ""
	c := &cobra.Command{
		Use: "doctor [flags]", Short: "collect a support bundle of a running server, without secrets", GroupID: groupLook, Long: doctorLong, Args: atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		Example:           "slipway doctor\nslipway doctor -h db1 -U root --console https://db1:4044 --out /tmp/db1.tar.gz",
		RunE: func(*cobra.Command, []string) error {
			now := time.Now()
			folder := "slipway-doctor-" + now.UTC().Format("20060102T150405Z")
			if out == "" {
				out = folder + ".tar.gz"
			}
			b := doctor.New(now)
			b.Machine(version())
			o.collect(b, console)
			if err := writeBundle(b, out, folder); err != nil {
				return err
			}
			for _, m := range b.Missing() {
				fmt.Fprintln(stderr, "not there:", m)
			}
			fmt.Fprintln(stdout, out)
			if b.Empty() {
				return fmt.Errorf("the server answered nothing: %s holds what this machine says of itself", out)
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&o.URL, "url", "", "server, as a URL (postgres://user@host:10010/default) or as words (\"host=… port=…\")")
	named(f, "url", "url")
	o.flags(c)
	f.StringVar(&console, "console", "", "where it answers over HTTP (http://, the server's host, :4044)")
	f.StringVar(&out, "out", "", "file to write (slipway-doctor-<time>.tar.gz)")
	named(f, "console", "url")
	named(f, "out", "file.tar.gz")
	return c
}

// collectPatience bounds the whole.
const collectPatience = 3 * time.Minute

// collect asks the server over SQL and over HTTP.
func (o *connection) collect(b *doctor.Bundle, console string) {
	ctx, cancel := context.WithTimeout(context.Background(), collectPatience)
	defer cancel()
	o.Notice = func(*client.Problem) {}
	at := doctor.Console{URL: console}
	conn, err := client.Connect(ctx, o.Options, askPassword())
	b.SQL(ctx, conn, err)
	host := o.Host
	if conn != nil {
		host, at.User, at.Password = conn.Host(), conn.User(), conn.Password()
		defer conn.Close()
	}
	if at.URL == "" {
		if host == "" || strings.HasPrefix(host, "/") {
			host = "127.0.0.1"
		}
		at.URL = "http://" + net.JoinHostPort(host, "4044")
	}
	b.HTTP(ctx, at)
}

// writeBundle writes the archive for this user alone, whole or not at all.
func writeBundle(b *doctor.Bundle, path, folder string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".slipway-doctor-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone once it has been renamed
	if err := b.Write(f, folder); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
