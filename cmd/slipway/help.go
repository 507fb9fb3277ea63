package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// writeHelp is what --help prints: of the program its commands by group, of a command its flags, and examples of both.
func writeHelp(w io.Writer, c *cobra.Command) {
	var b strings.Builder
	if c.Root() == c {
		fmt.Fprintf(&b, "%s\n\nUsage: slipway command [flags] [arguments]\n", c.Long)
		writeGroups(&b, c)
	} else {
		fmt.Fprintf(&b, "Usage: %s\n\n%s\n", c.UseLine(), described(c))
		writeFlags(&b, c)
	}
	if c.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n  %s\n", strings.ReplaceAll(c.Example, "\n", "\n  "))
	}
	if c.Root() == c {
		fmt.Fprintf(&b, "\n%s\n\nslipway help command, or slipway command --help, says more of one.\n", settingsAbout)
	}
	io.WriteString(w, b.String())
}

// described is the long description of a command, or the short one as a sentence.
func described(c *cobra.Command) string {
	if c.Long != "" {
		return c.Long
	}
	return strings.ToUpper(c.Short[:1]) + c.Short[1:] + "."
}

func writeGroups(b *strings.Builder, root *cobra.Command) {
	for _, g := range root.Groups() {
		fmt.Fprintf(b, "\n%s:\n", g.Title)
		for _, c := range root.Commands() {
			if c.GroupID == g.ID && !c.Hidden {
				fmt.Fprintf(b, "  %-13s %s\n", c.Name(), c.Short)
			}
		}
	}
}

func writeFlags(b *strings.Builder, c *cobra.Command) {
	var lines [][2]string
	width := 0
	eachFlag(c, func(f *pflag.Flag) {
		lines = append(lines, [2]string{spelled(f), f.Usage + defaultOf(f)})
		width = max(width, len(lines[len(lines)-1][0]))
	})
	if len(lines) > 0 {
		b.WriteString("\nFlags:\n")
	}
	for _, l := range lines {
		fmt.Fprintf(b, "  %-*s  %s\n", width, l[0], l[1])
	}
}

// eachFlag visits the flags of a command that a person should know.
func eachFlag(c *cobra.Command, visit func(*pflag.Flag)) {
	c.Flags().SortFlags = false
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && f.Name != "help" {
			visit(f)
		}
	})
}

// spelled is a flag as it is written: -c, --command text.
func spelled(f *pflag.Flag) string {
	s := "--" + f.Name
	if f.Shorthand != "" {
		s = "-" + f.Shorthand + ", " + s
	}
	if f.Value.Type() != "bool" {
		s += " " + placeholder(f)
	}
	return s
}

// placeholder is what stands for the value of a flag: the word of its annotation, or its type.
func placeholder(f *pflag.Flag) string {
	if words := f.Annotations[valueWord]; len(words) > 0 {
		return words[0]
	}
	return f.Value.Type()
}

// valueWord is the annotation of a flag that says what its value is called.
const valueWord = "slipway_value"

// named says what the value of a flag is called, in help and in the man page.
func named(flags *pflag.FlagSet, flag, word string) {
	if err := flags.SetAnnotation(flag, valueWord, []string{word}); err != nil {
		panic(err) // no such flag: a fault of this program, found by any test
	}
}

func defaultOf(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "false", "[]", "0", "0s":
		return ""
	}
	return " (" + f.DefValue + ")"
}
