package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"slipway/cmd/node"
)

// writeMan writes the man page of the program: one page for all commands, in the macros of man(7).
func writeMan(w io.Writer, root *cobra.Command) error {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH SLIPWAY 1 \"\" \"slipway %s\" \"Slipway\"\n.SH NAME\nslipway \\- %s\n", node.Version, roff(root.Short))
	b.WriteString(".SH SYNOPSIS\n.B slipway\n.I command\n[flags] [arguments]\n")
	fmt.Fprintf(&b, ".SH DESCRIPTION\n%s", paragraphs(root.Long))
	for _, g := range root.Groups() {
		fmt.Fprintf(&b, ".SH %s\n", strings.ToUpper(roff(g.Title)))
		for _, c := range root.Commands() {
			if c.GroupID == g.ID && !c.Hidden {
				manCommand(&b, c)
			}
		}
	}
	fmt.Fprintf(&b, ".SH SETTINGS\n%s", paragraphs(settingsAbout))
	b.WriteString(".SH EXIT STATUS\n.TP\n.B 0\nDone.\n.TP\n.B 1\nIt failed, and standard error says why.\n")
	b.WriteString(".TP\n.B 2\nThe command line or the configuration is wrong; nothing was done.\n.TP\n.B 3\nThere is no server to talk to, or it does not let one in (sql, run).\n")
	fmt.Fprintf(&b, ".SH EXAMPLES\n%s", example(root.Example))
	b.WriteString(".SH SEE ALSO\n.BR psql (1)\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func manCommand(b *strings.Builder, c *cobra.Command) {
	fmt.Fprintf(b, ".SS \"%s\"\n%s", roff(c.UseLine()), paragraphs(described(c)))
	eachFlag(c, func(f *pflag.Flag) {
		fmt.Fprintf(b, ".TP\n.B %s\n%s\n", roff(spelled(f)), roff(f.Usage+defaultOf(f)))
	})
	if c.Example != "" {
		fmt.Fprintf(b, ".PP\nExamples:\n%s", example(c.Example))
	}
}

func example(text string) string { return ".PP\n.RS\n.nf\n" + roff(text) + "\n.fi\n.RE\n" }

// paragraphs are texts between empty lines; lines that are indented stay as they are.
func paragraphs(text string) string {
	var b strings.Builder
	for _, p := range strings.Split(text, "\n\n") {
		if strings.HasPrefix(p, "  ") {
			b.WriteString(example(strings.ReplaceAll(strings.TrimPrefix(p, "  "), "\n  ", "\n")))
			continue
		}
		fmt.Fprintf(&b, ".PP\n%s\n", roff(p))
	}
	return b.String()
}

// roff escapes what the formatter would read as its own.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "…", `...`, `"`, `\(dq`).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return strings.ReplaceAll(text, "\n.", "\n\\&.")
}
