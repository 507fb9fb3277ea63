package main

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"slipway/cmd/check"
	"slipway/conf"
)

const checkLong = `Looks, before a server starts, whether what its settings name is there: every wrong key of the file
with its line; ports that are free; folders or HDFS that can be written, renamed, read and removed in,
and have room; brokers (version, addresses that they give out, rights to transactions); ZooKeeper
(session, right to write in its path, clock); the limit of open files and the clock here.

Nothing is left behind. Each part is looked at for at most --timeout, side by side. On a machine
where the server runs already, its ports are in use.

Exit codes: 0 nothing failed, 1 something did, 2 the configuration or the command line is wrong.`

func checkCommand(stdout io.Writer) *cobra.Command {
	s := &configured{}
	patience, asJSON := 10*time.Second, false
	c := &cobra.Command{
		Use: "check [flags] [file.yaml]", Short: "look whether what the settings name is there and works", GroupID: groupLook, Long: checkLong, Args: atMost(1),
		Example: "slipway check /etc/slipway.yaml\nslipway check --set kafka.broker.list=kafka1:9092\nslipway check slipway.yaml --json | jq '.findings[] | select(.status != \"ok\")'",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				s.file = args[0]
			}
			found, code := checked(s, patience)
			write := check.Print
			if asJSON {
				write = check.PrintJSON
			}
			if err := write(stdout, found); err != nil {
				return err
			}
			if code != 0 {
				return exit{code: code}
			}
			return nil
		},
	}
	s.flags(c)
	f := c.Flags()
	f.DurationVar(&patience, "timeout", patience, "how long each part may take")
	f.BoolVar(&asJSON, "json", false, "print findings as JSON")
	named(f, "timeout", "time")
	return c
}

// checked gives what was found, and the exit code.
func checked(s *configured, patience time.Duration) ([]check.Finding, int) {
	found := check.Configuration(s.file)
	cfg, notices, err := conf.LoadServer(s.file, os.Environ(), s.sets)
	if err != nil {
		if len(found) == 0 {
			found = []check.Finding{{Part: "configuration", Status: check.Failed, Text: conf.Redact(err.Error())}}
		}
		return found, exitUsage
	}
	for _, n := range notices {
		found = append(found, check.Finding{Part: "configuration", Status: check.Warning, Text: conf.Redact(n.Message)})
	}
	if len(found) == 0 {
		found = []check.Finding{{Part: "configuration", Status: check.OK, Text: "every key is known and every value can be read"}}
	}
	found = append(found, check.Run(context.Background(), cfg, patience)...)
	if check.Bad(found) {
		return found, 1
	}
	return found, 0
}
