package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Groups of commands, in the order in which help shows them.
const (
	groupServer = "server"
	groupTalk   = "talk"
	groupLook   = "look"
	groupPages  = "pages"
)

const about = `slipway is a stream job server that PostgreSQL clients talk to: streams over Kafka
topics, and jobs that are queries which run for months.

Without any setting the server runs on this machine alone, with a Kafka broker of its own.`

const settingsAbout = `Every setting can stand in the file, in the environment (SLIPWAY_ and the key in
capitals, dots as underscores) and as --set key=value; the later wins. slipway settings
prints them all.`

// commands is the one table of commands, from which help, completion and the man page are made.
func commands(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	cobra.EnableCommandSorting = false // theirs is the order of the table
	root := &cobra.Command{
		Use: "slipway", Short: "a stream job server that PostgreSQL clients talk to", Long: about,
		Example: "slipway server --set server.demo=true\nslipway sql -c 'SELECT * FROM demo_totals EMIT CHANGES'\npsql -h 127.0.0.1 -p 10010 -d default\nslipway run deploy.sql --var env=prod",
		Args:    knownCommand, SilenceUsage: true, SilenceErrors: true,
		RunE: func(c *cobra.Command, _ []string) error {
			if v, err := c.Flags().GetBool("version"); err == nil && v {
				fmt.Fprintln(stdout, version())
				return nil
			}
			return c.Help()
		},
	}
	root.Flags().Bool("version", false, "print the version")
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { writeHelp(stdout, c) })
	root.SetFlagErrorFunc(wrongFlag)
	root.AddGroup(
		&cobra.Group{ID: groupServer, Title: "Run a server"},
		&cobra.Group{ID: groupTalk, Title: "Talk to one"},
		&cobra.Group{ID: groupLook, Title: "Look after one"},
		&cobra.Group{ID: groupPages, Title: "Reference pages, and the command itself"},
	)
	root.AddCommand(serverCommands(stdout, stderr)...)
	root.AddCommand(sqlCommand(stdin, stdout, stderr), runCommand(stdin, stdout, stderr))
	root.AddCommand(verifierCommand(stdin, stdout), checkCommand(stdout), doctorCommand(stdout, stderr))
	root.AddCommand(pageCommands(stdout)...)
	root.SetHelpCommand(helpCommand())
	for _, c := range root.Commands() {
		c.DisableFlagsInUseLine = true // Use says the whole form
	}
	return root
}

// helpCommand is `slipway help [command]`.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [command]", Short: "print help on a command", GroupID: groupPages, Args: atMost(1),
		Example:           "slipway help server",
		ValidArgsFunction: commandNames,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Root().Help()
			}
			if err := knownCommand(c.Root(), args); err != nil {
				return err
			}
			found, _, err := c.Root().Find(args)
			if err != nil {
				return err
			}
			return found.Help()
		},
	}
}

func commandNames(c *cobra.Command, args []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
	for _, sub := range c.Root().Commands() {
		if len(args) == 0 && !sub.Hidden {
			names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
