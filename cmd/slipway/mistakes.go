package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"slipway/conf/near"
)

// knownCommand refuses a first word that is no command.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	if slices.Contains(names, args[0]) {
		return nil
	}
	return usage("unknown command %q%s; slipway help lists them", args[0], perhaps("", args[0], names))
}

// perhaps is the near match of a name, as the end of a sentence.
func perhaps(prefix, name string, known []string) string {
	if found := near.Name(name, known); found != "" {
		return "; perhaps you meant " + prefix + found
	}
	return ""
}

// wrongFlag says what is wrong with a flag of a command.
func wrongFlag(c *cobra.Command, err error) error {
	seeHelp := "; " + c.CommandPath() + " --help lists them"
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if group := unknown.GetSpecifiedShortnames(); group != "" {
			return usage("unknown flag -%s%s", group[:1], seeHelp)
		}
		return usage("unknown flag --%s%s%s", unknown.GetSpecifiedName(), perhaps("--", unknown.GetSpecifiedName(), flagNames(c)), seeHelp)
	}
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		f := missing.GetFlag()
		return usage("--%s needs a value: %s (%s)", f.Name, spelled(f), f.Usage)
	}
	return exit{exitUsage, err}
}

func flagNames(c *cobra.Command) (names []string) {
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// atMost takes up to n arguments behind the flags.
func atMost(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > n {
			return usage("unknown argument %q: %s", args[n], strings.TrimSpace("the form is "+c.UseLine()))
		}
		return nil
	}
}

// exactly takes n arguments behind the flags.
func exactly(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < n {
			return usage("an argument is missing: the form is %s", c.UseLine())
		}
		return atMost(n)(c, args)
	}
}
