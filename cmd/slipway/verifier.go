package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"slipway/server/auth"
)

const verifierLong = `Reads a password, one line, from its input, and prints the line for it in the file
that server.users.file names: the user, and what a server has to know of the password
to check it. The password cannot be read from it.`

const verifierExample = "slipway verifier alice < password.txt >> users\nchmod 600 users\nslipway server --set server.users.file=users"

// verifierCommand prints a line of server.users.file.
func verifierCommand(stdin io.Reader, stdout io.Writer) *cobra.Command {
	return &cobra.Command{
		Use: "verifier user", Short: "print the line of a user for server.users.file", Long: verifierLong, Example: verifierExample, GroupID: groupServer,
		ValidArgsFunction: cobra.NoFileCompletions,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" || strings.ContainsAny(args[0], ":\n") {
				return usage("slipway verifier needs the name of a user, without a colon in it")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if f, ok := stdin.(*os.File); ok && isTerminal(f) {
				return usage("slipway verifier reads the password from its input, so that nobody sees it: slipway verifier %s < file", args[0])
			}
			password, err := bufio.NewReader(stdin).ReadString('\n')
			if err != nil && err != io.EOF {
				return err
			}
			if password = strings.TrimRight(password, "\r\n"); password == "" {
				return usage("slipway verifier: the input holds no password")
			}
			_, err = fmt.Fprintf(stdout, "%s:%s\n", args[0], auth.MakeVerifier(password))
			return err
		},
	}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
