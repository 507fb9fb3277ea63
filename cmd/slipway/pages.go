package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"slipway/cmd/node"
	"slipway/conf"
	"slipway/conf/faultinject"
	"slipway/server/session"
	"slipway/sql/function"
)

// pageCommands print what the program knows of itself.
func pageCommands(stdout io.Writer) []*cobra.Command {
	page := func(name, short string, write func(io.Writer) error) *cobra.Command {
		return &cobra.Command{
			Use: name, Short: short, GroupID: groupPages, Args: atMost(0), ValidArgsFunction: cobra.NoFileCompletions,
			RunE: func(*cobra.Command, []string) error { return write(stdout) },
		}
	}
	points := page("crash-points", "print the named points at which a test can kill the server", func(w io.Writer) error {
		_, err := fmt.Fprintln(w, strings.Join(faultinject.CrashPoints(), "\n"))
		return err
	})
	points.Hidden = true // for this project's tests
	man := page("man", "print the man page", nil)
	man.Example = "slipway man | man -l -"
	man.RunE = func(c *cobra.Command, _ []string) error { return writeMan(stdout, c.Root()) }
	return []*cobra.Command{
		page("settings", "print all settings, as docs/settings.md", func(w io.Writer) error { return conf.WriteReference(w, node.Reference()) }),
		page("statements", "print all statements, as docs/sql/statements.md", session.WriteReference),
		page("functions", "print all functions, as docs/sql/functions.md", function.WriteReference),
		page("types", "print all types, as docs/sql/types.md", session.WriteTypes),
		page("conversions", "print the conversions between types, as docs/sql/conversions.md", function.WriteConversions),
		points,
		completionCommand(stdout),
		man,
		page("version", "print the version", func(w io.Writer) error {
			_, err := fmt.Fprintln(w, version())
			return err
		}),
	}
}

// shells are those that completion is written for.
var shells = map[string]func(root *cobra.Command, w io.Writer) error{
	"bash": func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) },
	"zsh":  func(root *cobra.Command, w io.Writer) error { return root.GenZshCompletion(w) },
	"fish": func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) },
}

func completionCommand(stdout io.Writer) *cobra.Command {
	names := []string{"bash", "zsh", "fish"}
	return &cobra.Command{
		Use: "completion bash|zsh|fish", Short: "print a script that completes commands, flags and keys of settings", GroupID: groupPages,
		Long: `Prints a script for a shell, which then completes commands, flags, and the keys of settings
behind --set. It asks this program for them, so it stays right when the program is replaced.`,
		Example: "source <(slipway completion bash)\n" +
			"slipway completion bash > /etc/bash_completion.d/slipway\n" +
			"slipway completion zsh > \"${fpath[1]}/_slipway\"\n" +
			"slipway completion fish > ~/.config/fish/completions/slipway.fish",
		Args: exactly(1), ValidArgs: names,
		RunE: func(c *cobra.Command, args []string) error {
			write := shells[args[0]]
			if write == nil {
				return usage("no completion for %q: there is bash, zsh and fish%s", args[0], perhaps("", args[0], names))
			}
			return write(c.Root(), stdout)
		},
	}
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
