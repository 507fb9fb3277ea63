// Command slipway is the stream job server.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"slipway/cmd/node"
	"slipway/conf"
	"slipway/conf/faultinject"
	"slipway/server/session"
	"slipway/sql/function"
)

const help = `slipway: a stream job server that PostgreSQL clients talk to

  slipway server [--config file.yaml] [--set key=value]…   runs the server
  slipway broker [--config file.yaml] [--set key=value]…   runs the embedded Kafka broker alone
  slipway config [--config file.yaml] [--set key=value]…   prints the settings in force and where they come from
  slipway settings                                          prints the reference page of all settings
  slipway functions                                         prints the reference page of all functions
  slipway statements                                        prints the reference page of all statements
  slipway conversions                                       prints the reference page of conversions between types
  slipway types                                             prints the reference page of all types
  slipway crash-points                                      prints the named points at which a test can kill it
  slipway version
  slipway help

Every key can stand in the file, in the environment (SLIPWAY_ and the key in capitals,
dots as underscores) and as --set; the later wins. Without any setting the server runs
on this machine alone, with a Kafka broker of its own:

  slipway server
  psql -h 127.0.0.1 -p 10010 -d default
`

// shutdownPatience bounds a clean end; final checkpoints included.
const shutdownPatience = 10 * time.Second

func main() {
	// A library that the SQL parser links opens an HTTP port when these are set.
	for _, name := range []string{"GO_FAILPOINTS", "GO_FAILPOINTS_HTTP"} {
		if os.Getenv(name) != "" {
			fmt.Fprintf(os.Stderr, "slipway: refusing to start with %s set\n", name)
			os.Exit(2)
		}
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	command := "help"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	switch command {
	case "help", "--help", "-h":
		fmt.Fprint(stdout, help)
		return 0
	case "version", "--version":
		fmt.Fprintln(stdout, version())
		return 0
	case "settings":
		return report(conf.WriteReference(stdout, node.Reference()), stderr)
	case "functions":
		return report(function.WriteReference(stdout), stderr)
	case "conversions":
		return report(function.WriteConversions(stdout), stderr)
	case "types":
		return report(session.WriteTypes(stdout), stderr)
	case "statements":
		return report(session.WriteReference(stdout), stderr)
	case "crash-points":
		fmt.Fprintln(stdout, strings.Join(faultinject.CrashPoints(), "\n"))
		return 0
	case "server", "broker", "config":
		return withSettings(command, args, stdout, stderr)
	}
	fmt.Fprintf(stderr, "slipway: unknown command %q; slipway help lists them\n", command)
	return 2
}

func report(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "slipway:", conf.Redact(err.Error()))
	return 1
}

func version() string {
	revision := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	return fmt.Sprintf("slipway %s (%s, %s/%s, commit %s)", node.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, revision)
}

// flags reads --config and --set, in both spellings (--set k=v, --set=k=v).
func flags(args []string) (file string, sets []string, wantsHelp bool, err error) {
	for i := 0; i < len(args); i++ {
		name, value, inline := strings.Cut(args[i], "=")
		switch name {
		case "--help", "-h":
			return "", nil, true, nil
		case "--config", "--set":
			if !inline {
				if i++; i == len(args) {
					return "", nil, false, fmt.Errorf("%s needs a value", name)
				}
				value = args[i]
			}
			if name == "--config" {
				file = value
			} else {
				sets = append(sets, value)
			}
		default:
			return "", nil, false, fmt.Errorf("unknown argument %q; slipway help lists them", args[i])
		}
	}
	return file, sets, false, nil
}

func withSettings(command string, args []string, stdout, stderr io.Writer) int {
	file, sets, wantsHelp, err := flags(args)
	if wantsHelp {
		fmt.Fprint(stdout, help)
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "slipway:", err)
		return 2
	}
	cfg, notices, err := conf.LoadServer(file, os.Environ(), sets)
	if err != nil {
		report(err, stderr)
		return 2
	}
	log := node.Logger(cfg, stderr)
	for _, n := range notices {
		log.Warn(n.Message)
	}
	switch command {
	case "config":
		return report(cfg.Print(stdout), stderr)
	case "broker":
		return serve(stdout, stderr, log, func(ctx context.Context) (service, error) { return node.StartBroker(ctx, cfg, log) })
	}
	return serve(stdout, stderr, log, func(ctx context.Context) (service, error) { return node.Start(ctx, cfg, log) })
}

type service interface {
	ReadyLine() string
	Stop(context.Context) error
}

// serve runs until SIGTERM or SIGINT; a second signal ends the process at once.
func serve(stdout, stderr io.Writer, log *slog.Logger, start func(context.Context) (service, error)) int {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	s, err := start(context.Background())
	if err != nil {
		return report(err, stderr)
	}
	fmt.Fprintln(stdout, s.ReadyLine())
	log.Info(strings.TrimPrefix(s.ReadyLine(), "slipway "), "version", node.Version)
	<-signals
	log.Info("shutting down")
	go func() { // ends with the process
		<-signals
		os.Exit(130)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), shutdownPatience)
	defer cancel()
	return report(s.Stop(ctx), stderr)
}
