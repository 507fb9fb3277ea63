package shell

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/conf/near"
)

// errQuit ends the shell.
var errQuit = errors.New("quit")

// command is one of those that begin with a backslash.
type command struct {
	name, form, text string
	run              func(s *Script, from *source, args []string) error
	typed            bool // for a person: refused in files
}

// backslash are all of them, in the order in which \? shows them. It is filled by init, since \? reads it.
var backslash []command

func init() {
	backslash = []command{
		{name: "q", form: `\q`, text: "leave (also Ctrl-D)", run: func(*Script, *source, []string) error { return errQuit }},
		{name: "?", form: `\?`, text: "print this", run: (*Script).help},
		{name: "d", form: `\d [name]`, text: "list streams, tables and views, or describe one", run: (*Script).list},
		{name: "dt", form: `\dt`, text: "list streams and tables", run: sends("SELECT name, kind, connector, topic FROM slipway.streams WHERE kind <> 'view' AND database = current_schema() ORDER BY name")},
		{name: "dv", form: `\dv`, text: "list views", run: sends("SHOW VIEWS")},
		{name: "dj", form: `\dj`, text: "list stream jobs", run: sends("SELECT name, state, since, last_checkpoint, last_failure FROM slipway.jobs ORDER BY name")},
		{name: "df", form: `\df [text]`, text: "list functions whose names hold the text", run: (*Script).functions},
		{name: "l", form: `\l`, text: "list databases", run: sends("SELECT datname AS name FROM pg_catalog.pg_database ORDER BY 1")},
		{name: "c", form: `\c database`, text: "use another database", run: (*Script).use},
		{name: "conninfo", form: `\conninfo`, text: "say to whom one is connected", run: (*Script).conninfo},
		{name: "x", form: `\x [on|off]`, text: "print a line a value, or a table again", run: (*Script).expand},
		{name: "f", form: `\f [aligned|csv|json|vertical]`, text: "print rows in this form", run: (*Script).format},
		{name: "timing", form: `\timing [on|off]`, text: "print how long statements take", run: (*Script).timing},
		{name: "watch", form: `\watch [seconds]`, text: "run the last statement again and again (every 2 s), until Ctrl-C", run: (*Script).watch, typed: true},
		{name: "i", form: `\i file`, text: "run the statements of a file", run: (*Script).includes},
		{name: "set", form: `\set [name value]`, text: `give a variable a value, which is :name, :'name' (a text) or :"name" (a name) in statements`, run: (*Script).set},
		{name: "unset", form: `\unset name`, text: "take a variable away", run: (*Script).unset},
		{name: "echo", form: `\echo text`, text: "print a text", run: (*Script).echo},
	}
}

// command runs one line that begins with a backslash.
func (s *Script) command(from *source, at int, line string) error {
	words := strings.Fields(strings.TrimSpace(line)[1:])
	if len(words) == 0 {
		words = []string{"?"}
	}
	name := strings.TrimSuffix(words[0], ";")
	args := words[1:]
	for i := range args {
		args[i] = strings.Trim(strings.TrimSuffix(args[i], ";"), `'"`)
	}
	i := slices.IndexFunc(backslash, func(c command) bool { return c.name == name })
	switch {
	case i < 0:
		return s.wrong(from, at, `\%s is no command%s; \? lists them`, shown([]byte(name)), nearCommand(name))
	case backslash[i].typed && from.name != "":
		return s.wrong(from, at, `\%s cannot stand in a file`, name)
	case s.DryRun && name != "set" && name != "unset" && name != "i":
		return nil
	}
	err := backslash[i].run(s, from, args)
	if err != nil && !errors.Is(err, ErrFailed) && !errors.Is(err, errQuit) {
		return s.wrong(from, at, "%s (%s)", err, backslash[i].form)
	}
	return err
}

func nearCommand(name string) string {
	var names []string
	for _, c := range backslash {
		names = append(names, c.name)
	}
	if found := near.Name(name, names); found != "" {
		return `; perhaps you meant \` + found
	}
	return ""
}

// wrong prints what is wrong with a command, with its place in a file.
func (s *Script) wrong(from *source, at int, format string, args ...any) error {
	if from.name != "" {
		p := from.place(at)
		format = "%s:%d:%d: " + format
		args = append([]any{from.name, p.line, p.column}, args...)
	}
	fmt.Fprintf(s.Err, format+"\n", args...)
	return ErrFailed
}

// sends is a command that stands for a statement.
func sends(text string) func(*Script, *source, []string) error {
	return func(s *Script, _ *source, _ []string) error { return s.typed(text) }
}

// typed runs a statement as if it had been typed, and leaves \watch its last one.
func (s *Script) typed(text string) error {
	last := s.last
	defer func() { s.last = last }()
	return s.Run(&Statement{Text: text, source: &source{text: text}}, nil)
}

func (s *Script) help(*source, []string) error {
	for _, c := range backslash {
		fmt.Fprintf(s.Out, "  %-32s %s\n", c.form, c.text)
	}
	fmt.Fprintln(s.Out, "A statement ends with ; and may have many lines. Ctrl-C ends the statement that runs, Tab completes, Ctrl-R searches what was typed.")
	return nil
}

func (s *Script) list(_ *source, args []string) error {
	if len(args) == 0 {
		return s.typed("SELECT name, kind, connector, topic FROM slipway.streams WHERE database = current_schema() ORDER BY name")
	}
	return s.typed("DESCRIBE " + args[0])
}

func (s *Script) functions(_ *source, args []string) error {
	if len(args) == 0 {
		return s.typed("SHOW FUNCTIONS")
	}
	return s.typed("SHOW FUNCTIONS LIKE '%" + strings.ReplaceAll(args[0], "'", "''") + "%'")
}

func (s *Script) use(_ *source, args []string) error {
	if len(args) != 1 {
		return errors.New("one name is needed")
	}
	return s.typed("USE " + args[0])
}

func (s *Script) conninfo(*source, []string) error {
	fmt.Fprintf(s.Out, "%s, server %s\n", s.Conn.Where(), s.Conn.Parameter("server_version"))
	return nil
}

// onOff reads a switch; without a word it turns.
func onOff(now bool, args []string) (bool, error) {
	if len(args) == 0 {
		return !now, nil
	}
	switch args[0] {
	case "on":
		return true, nil
	case "off":
		return false, nil
	}
	return now, fmt.Errorf("%q is neither on nor off", args[0])
}

func (s *Script) expand(_ *source, args []string) error {
	on, err := onOff(s.Format == "vertical", args)
	if err != nil {
		return err
	}
	s.Format = map[bool]string{true: "vertical", false: "aligned"}[on]
	return s.format(nil, nil)
}

func (s *Script) format(_ *source, args []string) error {
	if len(args) > 0 {
		if !slices.Contains(Formats, args[0]) {
			return fmt.Errorf("%q is no form of rows", args[0])
		}
		s.Format = args[0]
	}
	fmt.Fprintln(s.Err, "Rows are printed", s.Format)
	return nil
}

func (s *Script) timing(_ *source, args []string) (err error) {
	if s.Timing, err = onOff(s.Timing, args); err == nil {
		fmt.Fprintln(s.Err, "Timing is", map[bool]string{true: "on", false: "off"}[s.Timing])
	}
	return err
}

// watchEvery is the pause of \watch.
const watchEvery = 2.0

func (s *Script) watch(_ *source, args []string) error {
	seconds := watchEvery
	if len(args) > 0 {
		n, err := strconv.ParseFloat(args[0], 64)
		if err != nil || n < 0.1 || n > 86400 {
			return fmt.Errorf("%q is no number of seconds from 0.1 to 86400", args[0])
		}
		seconds = n
	}
	if s.last == nil {
		return errors.New("there is no statement yet")
	}
	for st := s.last; ; {
		fmt.Fprintf(s.Out, "%s (every %gs)\n", time.Now().Format(time.RFC3339), seconds)
		if err := s.Run(st, nil); err != nil {
			return err
		}
		select {
		case <-s.Interrupts:
			return nil
		case <-time.After(time.Duration(seconds * float64(time.Second))):
		}
	}
}

func (s *Script) includes(from *source, args []string) error {
	if len(args) != 1 {
		return errors.New("one file is needed")
	}
	return s.include(from, args[0])
}

func (s *Script) set(_ *source, args []string) error {
	if len(args) == 0 {
		for _, name := range s.Variables.names() {
			fmt.Fprintf(s.Out, "%s = %s\n", name, shown([]byte(s.Variables[name])))
		}
		return nil
	}
	return s.Variables.Add(args[0] + "=" + strings.Join(args[1:], " "))
}

func (s *Script) unset(_ *source, args []string) error {
	if len(args) != 1 {
		return errors.New("one name is needed")
	}
	delete(s.Variables, args[0])
	return nil
}

func (s *Script) echo(_ *source, args []string) error {
	fmt.Fprintln(s.Out, strings.Join(args, " "))
	return nil
}
