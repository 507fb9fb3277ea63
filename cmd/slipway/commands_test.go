package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var rewrite = flag.Bool("rewrite", false, "write docs/slipway.1")

// ran is what a command line gave.
func ran(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

const manPage = "../../docs/slipway.1"

// TestManPage: the page in docs is the one that the program prints.
func TestManPage(t *testing.T) {
	_, page, _ := ran("man")
	if *rewrite {
		if err := os.WriteFile(manPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(manPage)
	if err != nil || string(committed) != page {
		t.Errorf("docs/slipway.1 is not what slipway man prints (%v): go run ./cmd/slipway man > docs/slipway.1", err)
	}
	for i, line := range strings.Split(page, "\n") {
		if strings.HasPrefix(line, "'") || strings.Contains(strings.ReplaceAll(line, `\-`, ""), " -") {
			t.Errorf("line %d is not escaped: %s", i+1, line)
		}
	}
	if groff, err := exec.LookPath("groff"); err == nil { // says what the formatter does not understand
		cmd := exec.Command(groff, "-man", "-ww", "-z", "-Tutf8")
		cmd.Stdin = strings.NewReader(page)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("groff: %v\n%s", err, out)
		}
	}
}

// eachCommand visits the commands that a person should know.
func eachCommand(visit func(*cobra.Command)) {
	for _, c := range commands(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}).Commands() {
		if !c.Hidden {
			visit(c)
		}
	}
}

// TestHelp: every command stands in a group of the help and of the man page, and its own help has each of its
// flags with what its value is called, within a terminal's width.
func TestHelp(t *testing.T) {
	_, all, _ := ran("--help")
	_, page, _ := ran("man")
	eachCommand(func(c *cobra.Command) {
		if !strings.Contains(all, "\n  "+c.Name()+" ") || !strings.Contains(page, `.SS "slipway `+c.Name()) {
			t.Errorf("%s is missing in slipway --help or slipway man", c.Name())
		}
		code, help, _ := ran("help", c.Name())
		if _, same, _ := ran(c.Name(), "--help"); code != 0 || help != same || !strings.HasPrefix(help, "Usage: slipway "+c.Name()) {
			t.Errorf("slipway help %s: %d\n%s\nbut --help:\n%s", c.Name(), code, help, same)
		}
		for _, line := range strings.Split(help, "\n") {
			if len([]rune(line)) > 120 {
				t.Errorf("slipway help %s has a line of %d letters: %s", c.Name(), len([]rune(line)), line)
			}
		}
		eachFlag(c, func(f *pflag.Flag) {
			if !strings.Contains(help, spelled(f)) || f.Usage == "" {
				t.Errorf("the help of %s does not tell of --%s", c.Name(), f.Name)
			}
			if kind := f.Value.Type(); kind != "bool" && placeholder(f) == kind {
				t.Errorf("%s --%s does not say what its value is called", c.Name(), f.Name)
			}
		})
	})
}

// TestMistakes: what is misspelt has a near match and exit code 2, and nothing is printed as a result.
func TestMistakes(t *testing.T) {
	for line, want := range map[string]string{
		"sevrer":                `unknown command "sevrer"; perhaps you meant server; slipway help lists them`,
		"quux":                  `unknown command "quux"; slipway help lists them`,
		"help sevrer":           `unknown command "sevrer"; perhaps you meant server`,
		"server --sett a=b":     `unknown flag --sett; perhaps you meant --set; slipway server --help lists them`,
		"server -z":             `unknown flag -z; slipway server --help lists them`,
		"server --set":          `--set needs a value: --set key=value`,
		"server now":            `unknown argument "now": the form is slipway server [flags]`,
		"completion":            `an argument is missing: the form is slipway completion bash|zsh|fish`,
		"completion csh":        `no completion for "csh"`,
		"config --set a.b=c":    `a.b`,
		"config --config /none": `/none`,
	} {
		code, out, errs := ran(strings.Fields(line)...)
		if code != 2 || out != "" || !strings.HasPrefix(errs, "slipway: ") || !strings.Contains(errs, want) {
			t.Errorf("slipway %s: %d %q\n%swant 2 and %s", line, code, out, errs, want)
		}
	}
}

// TestCompletion: the shells' scripts are there and well formed, and what they ask for is answered.
func TestCompletion(t *testing.T) {
	for shell, holds := range map[string]string{"bash": "complete -o default", "zsh": "#compdef slipway", "fish": "complete -c slipway"} {
		_, script, _ := ran("completion", shell)
		if !strings.Contains(script, holds) {
			t.Errorf("the script for %s has no %q", shell, holds)
		}
		if path, err := exec.LookPath(shell); err == nil {
			cmd := exec.Command(path, "-n")
			cmd.Stdin = strings.NewReader(script)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s -n: %v\n%s", shell, err, out)
			}
		}
	}
	for line, want := range map[string]string{
		"":                         "server\trun the server",
		"help ":                    "server\t",
		"completion ":              "fish\n",
		"server --s":               "--set\t",
		"server --set server.sql.": "server.sql.listen=\t",
	} {
		words := strings.Split(line, " ")
		_, out, _ := ran(append([]string{"__complete"}, words...)...)
		if !strings.Contains(out, want) {
			t.Errorf("slipway %s<TAB> gives\n%swant %q", line, out, want)
		}
	}
}
