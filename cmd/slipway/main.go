// Command slipway is the stream job server, and what a person does with one.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"slipway/conf"
)

// Exit codes. 1 is any other failure.
const (
	exitUsage   = 2 // the command line, or the configuration, is wrong
	exitConnect = 3 // there is no server to talk to, or it does not let one in
)

func main() {
	// A library that the SQL parser links opens an HTTP port when these are set.
	for _, name := range []string{"GO_FAILPOINTS", "GO_FAILPOINTS_HTTP"} {
		if os.Getenv(name) != "" {
			fmt.Fprintf(os.Stderr, "slipway: refusing to start with %s set\n", name)
			os.Exit(exitUsage)
		}
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run does what a command line says and gives the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := commands(stdin, stdout, stderr)
	root.SetArgs(args)
	return report(root.Execute(), stderr)
}

// exit is an error with the exit code that it means; without an error everything has been said.
type exit struct {
	code int
	err  error
}

func (e exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

func usage(format string, args ...any) error { return exit{exitUsage, fmt.Errorf(format, args...)} }

func report(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(stderr, "slipway:", conf.Redact(text))
	}
	if e, ok := errors.AsType[exit](err); ok {
		return e.code
	}
	return 1
}
