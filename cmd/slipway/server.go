package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"slipway/cmd/node"
	"slipway/conf"
)

// shutdownPatience bounds a clean end; final checkpoints included.
const shutdownPatience = 10 * time.Second

// configured is a command that reads the server's settings.
type configured struct {
	file string
	sets []string
}

// flags declares --config and --set.
func (s *configured) flags(c *cobra.Command) *cobra.Command {
	f := c.Flags()
	f.StringVar(&s.file, "config", "", "read settings from this YAML file")
	f.StringArrayVar(&s.sets, "set", nil, "set one setting; may be given often, the last wins")
	named(f, "config", "file.yaml")
	named(f, "set", "key=value")
	c.MarkFlagFilename("config", "yaml", "yml")
	c.RegisterFlagCompletionFunc("set", settingKeys)
	return c
}

// settingKeys completes the key of --set.
func settingKeys(_ *cobra.Command, _ []string, begun string) (keys []cobra.Completion, _ cobra.ShellCompDirective) {
	if strings.Contains(begun, "=") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	for _, s := range conf.Of(conf.Server).Settings() {
		keys = append(keys, cobra.CompletionWithDesc(s.Key+"=", s.Text))
	}
	return keys, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// load reads the settings; a mistake in them is one of usage.
func (s *configured) load(stderr io.Writer) (*conf.Values, *slog.Logger, error) {
	cfg, notices, err := conf.LoadServer(s.file, os.Environ(), s.sets)
	if err != nil {
		return nil, nil, exit{exitUsage, err}
	}
	log := node.Logger(cfg, stderr)
	for _, n := range notices {
		log.Warn(n.Message)
	}
	return cfg, log, nil
}

// serverCommands run a server, a broker, or say what they would run with.
func serverCommands(stdout, stderr io.Writer) []*cobra.Command {
	command := func(name, short, long, example string, run func(*conf.Values, *slog.Logger) error) *cobra.Command {
		s := &configured{}
		return s.flags(&cobra.Command{
			Use: name + " [flags]", Short: short, Long: long, Example: example, GroupID: groupServer, Args: atMost(0), ValidArgsFunction: cobra.NoFileCompletions,
			RunE: func(*cobra.Command, []string) error {
				cfg, log, err := s.load(stderr)
				if err != nil {
					return err
				}
				return run(cfg, log)
			},
		})
	}
	return []*cobra.Command{
		command("server", "run the server", serverLong, serverExample, func(cfg *conf.Values, log *slog.Logger) error {
			return serve(stdout, log, func(ctx context.Context) (service, error) { return node.Start(ctx, cfg, log) })
		}),
		command("broker", "run the embedded Kafka broker alone", brokerLong, "slipway broker --set server.data.directory=/var/lib/slipway",
			func(cfg *conf.Values, log *slog.Logger) error {
				return serve(stdout, log, func(ctx context.Context) (service, error) { return node.StartBroker(ctx, cfg, log) })
			}),
		command("config", "print the settings in force and where they come from", configLong, "slipway config --config slipway.yaml",
			func(cfg *conf.Values, _ *slog.Logger) error { return cfg.Print(stdout) }),
	}
}

const (
	serverLong = `Runs the server until SIGTERM or SIGINT; jobs then take a last checkpoint, and a second
signal ends it at once. When it is ready, one line on standard output says its addresses; the
log goes to standard error.

` + settingsAbout
	serverExample = `slipway server
slipway server --config /etc/slipway.yaml
slipway server --set kafka.broker.list=kafka1:9092,kafka2:9092 --set server.data.directory=/var/lib/slipway
slipway server --set server.demo=true`
	brokerLong = `Runs the Kafka broker that a server without kafka.broker.list runs inside, as a process of its
own. It is for development: one process, and no replicas.`
	configLong = `Prints every setting with its value, and whether that is its default or comes from the file,
the environment or a flag. Passwords are left out. Mistakes are said as the server would say them.`
)

type service interface {
	ReadyLine() string
	Stop(context.Context) error
}

// serve runs until SIGTERM or SIGINT; a second signal ends the process at once.
func serve(stdout io.Writer, log *slog.Logger, start func(context.Context) (service, error)) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	s, err := start(context.Background())
	if err != nil {
		return err
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
	return s.Stop(ctx)
}
