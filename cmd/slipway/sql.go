package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"slipway/cmd/client"
	"slipway/cmd/node"
	"slipway/cmd/shell"
	"slipway/conf"
)

// connection are the flags that say which server, as psql has them.
type connection struct {
	client.Options
	format    string
	quiet     bool
	timing    bool
	variables []string
}

func (o *connection) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVarP(&o.Host, "host", "h", "", "server's host (PGHOST, else 127.0.0.1)")
	f.StringVarP(&o.Port, "port", "p", "", "server's port (PGPORT, else 10010)")
	f.StringVarP(&o.User, "user", "U", "", "user's name (PGUSER, else that of the system)")
	f.StringVarP(&o.Database, "dbname", "d", "", "database (PGDATABASE, else default)")
	f.Bool("help", false, "print this")
	named(f, "host", "name")
	named(f, "port", "number")
	named(f, "user", "name")
	named(f, "dbname", "name")
}

func (o *connection) printing(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.format, "format", "aligned", "how rows are printed: aligned, csv, json or vertical")
	f.StringArrayVarP(&o.variables, "var", "v", nil, "give a variable a value: :name, :'name' (a text) or :\"name\" (a name) in statements")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print rows alone, and nothing of statements that give none")
	f.BoolVar(&o.timing, "timing", false, "print how long each statement takes")
	named(f, "format", "form")
	named(f, "var", "name=value")
	c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(shell.Formats, cobra.ShellCompDirectiveNoFileComp))
}

// session makes the session that flags ask for, not connected yet.
func (o *connection) session(stdout, stderr io.Writer) (*shell.Session, error) {
	if !slices.Contains(shell.Formats, o.format) {
		return nil, usage("--format %s: there is %s%s", o.format, strings.Join(shell.Formats, ", "), perhaps("", o.format, shell.Formats))
	}
	s := &shell.Session{Out: stdout, Err: stderr, Format: o.format, Quiet: o.quiet, Timing: o.timing, Variables: shell.Variables{}}
	for _, v := range o.variables {
		if err := s.Variables.Add(v); err != nil {
			return nil, usage("--var %s", err)
		}
	}
	o.Notice = s.Notice
	return s, nil
}

// connect connects a session; Ctrl-C while it does ends the program.
func (o *connection) connect(s *shell.Session, password func() (string, error)) error {
	conn, err := client.Connect(context.Background(), o.Options, password)
	if err != nil {
		return exit{exitConnect, err}
	}
	s.Conn = conn
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	s.Interrupts = interrupts
	return nil
}

// failed is the end of a session: what went wrong in it has been said.
func failed(err error) error {
	if errors.Is(err, shell.ErrFailed) {
		return exit{code: 1}
	}
	return err
}

const sqlLong = `Connects to a server and runs what is typed: a shell for machines without psql. Without a
terminal, statements are read from standard input and the first mistake ends it (exit code 1).

The server is named by a URL (postgres://user@host:10010/default?sslmode=verify-full), by words
("host=… sslmode=…"), by flags, or by the variables that libpq reads: PGHOST, PGPORT, PGUSER,
PGDATABASE, PGPASSWORD, PGSSLMODE, PGSSLROOTCERT, PGSERVICE; passwords also come from ~/.pgpass,
or are asked for. Exit code 3: there is no server, or it does not let one in.

A statement ends with ; and may have many lines. Tab completes names of the catalog, Ctrl-R
searches the history ($XDG_STATE_HOME/slipway/history, without lines that hold a password),
Ctrl-C ends the statement that runs, \? lists the commands.`

func sqlCommand(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	o := &connection{}
	var texts, files []string
	c := &cobra.Command{
		Use: "sql [flags] [url]", Short: "talk to a server: a shell like psql", GroupID: groupTalk, Long: sqlLong, Args: atMost(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		Example: "slipway sql\nslipway sql -h db1 -U ann -d shop\nslipway sql 'postgres://ann@db1:10010/shop?sslmode=verify-full'\n" +
			"slipway sql --format csv -c 'SELECT * FROM per_page'\nslipway sql -c 'SELECT * FROM clicks EMIT CHANGES' --format json | jq .page",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.URL = args[0]
			}
			s, err := o.session(stdout, stderr)
			if err != nil {
				return err
			}
			if len(texts)+len(files) > 0 {
				return failed(o.batch(s, texts, files))
			}
			if shell.OnTerminal() && stdin == os.Stdin {
				return failed(o.interactive(s, stdout))
			}
			if err := o.connect(s, nil); err != nil {
				return err
			}
			defer s.Conn.Close()
			return failed(shell.Piped(s, stdin).Loop())
		},
	}
	o.flags(c)
	f := c.Flags()
	f.StringArrayVarP(&texts, "command", "c", nil, "run these statements and leave; may be given often")
	f.StringArrayVarP(&files, "file", "f", nil, "run the statements of this file and leave, behind those of -c")
	named(f, "command", "statements")
	named(f, "file", "file.sql")
	c.MarkFlagFilename("file", "sql")
	o.printing(c)
	return c
}

// batch runs what -c and -f give.
func (o *connection) batch(s *shell.Session, texts, files []string) error {
	if err := o.connect(s, askPassword()); err != nil {
		return err
	}
	defer s.Conn.Close()
	script := &shell.Script{Session: s}
	for _, text := range texts {
		if err := script.Text("", text); err != nil {
			return err
		}
	}
	for _, file := range files {
		if err := script.File(file); err != nil {
			return err
		}
	}
	return nil
}

// askPassword asks on the terminal, where there is one.
func askPassword() func() (string, error) {
	if !shell.OnTerminal() {
		return nil
	}
	return func() (string, error) {
		t := shell.NewTerminal()
		defer t.Close()
		return t.Password("Password: ")
	}
}

// interactive is the shell for a person.
func (o *connection) interactive(s *shell.Session, stdout io.Writer) error {
	t := shell.NewTerminal()
	defer t.Close()
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGTERM, syscall.SIGHUP)
	go func() { // ends with the process
		<-ends
		t.Close()
		os.Exit(1)
	}()
	if err := o.connect(s, func() (string, error) { return t.Password("Password: ") }); err != nil {
		return err
	}
	defer s.Conn.Close()
	fmt.Fprintf(stdout, "slipway %s, %s.\nA statement ends with ;, \\? lists commands, \\q leaves.\n\n", node.Version, s.Conn.Where())
	return shell.Interactive(s, t).Loop()
}

const runLong = `Runs the statements of files, in order, and stops at the first that fails: standard error then says
file, line and column, and the line with a caret. "-" is standard input.

:name in a statement is the value of --var name=…, :'name' the same as a text, :"name" as a name;
in a quoted text or a comment nothing is replaced. \set, \unset, \echo and \i file may stand in a
file, on lines of their own.

A file that can be run again writes CREATE … IF NOT EXISTS, CREATE OR REPLACE STREAM and DROP …
IF EXISTS; see docs/commands.md.

Exit codes: 0 all went well, 1 a statement failed, 2 the command line is wrong, 3 there is no server.`

func runCommand(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	o := &connection{}
	script := &shell.Script{}
	embedded := false
	c := &cobra.Command{
		Use: "run [flags] file.sql…", Short: "run the statements of files", GroupID: groupTalk, Long: runLong,
		Example: "slipway run deploy.sql --var env=prod --var topic=clicks\nslipway run --dry-run deploy.sql\n" +
			"slipway run --embedded try.sql\ngenerate | slipway run -h db1 -",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("a file is missing: the form is %s", c.UseLine())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, files []string) error {
			s, err := o.session(stdout, stderr)
			if err != nil {
				return err
			}
			script.Session = s
			if embedded {
				stop, err := o.startEmbedded(stderr)
				if err != nil {
					return err
				}
				defer stop()
			}
			if err := o.connect(s, askPassword()); err != nil {
				return err
			}
			defer s.Conn.Close()
			return failed(runFiles(script, files, stdin))
		},
	}
	f := c.Flags()
	f.StringVar(&o.URL, "url", "", "server, as a URL (postgres://user@host:10010/default) or as words (\"host=… port=…\")")
	named(f, "url", "url")
	o.flags(c)
	o.printing(c)
	f.BoolVar(&script.Continue, "continue", false, "go on behind a statement that failed; the exit code is 1 all the same")
	f.BoolVar(&script.DryRun, "dry-run", false, "have the server read each statement and say what it gives; nothing runs")
	f.BoolVar(&embedded, "embedded", false, "run them on a server of its own, which ends with them and leaves nothing behind")
	return c
}

func runFiles(script *shell.Script, files []string, stdin io.Reader) error {
	var all error
	for _, file := range files {
		err := runFile(script, file, stdin)
		if err != nil && !script.Continue {
			return err
		}
		all = errors.Join(all, err)
	}
	if all != nil {
		return shell.ErrFailed
	}
	return nil
}

func runFile(script *shell.Script, file string, stdin io.Reader) error {
	if file != "-" {
		return script.File(file)
	}
	b, err := io.ReadAll(stdin)
	if err != nil {
		return err
	}
	return script.Text("-", string(b))
}

// startEmbedded starts a server on free ports in a directory that ends with it.
func (o *connection) startEmbedded(stderr io.Writer) (stop func(), err error) {
	dir, err := os.MkdirTemp("", "slipway-run-")
	if err != nil {
		return nil, err
	}
	cfg, _, err := conf.LoadServer("", nil, []string{
		"server.data.directory=" + dir, "server.sql.listen=127.0.0.1:0", "server.console.listen=", "server.embedded.broker.listen=127.0.0.1:0", "server.log.level=error",
	})
	if err != nil {
		return nil, err
	}
	n, err := node.Start(context.Background(), cfg, slog.New(node.Logger(cfg, stderr).Handler()))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	host, port, _ := strings.Cut(n.SQLAddress(), ":")
	o.Options.Host, o.Options.Port = host, port
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownPatience)
		defer cancel()
		n.Stop(ctx)
		os.RemoveAll(dir)
	}, nil
}
