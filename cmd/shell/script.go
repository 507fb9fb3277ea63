package shell

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"slipway/cmd/client"
	"slipway/sql/parser"
)

// Script runs all of a text, statements and commands, in order.
type Script struct {
	*Session
	// Continue goes on behind a statement that failed.
	Continue bool
	// DryRun has the server read each statement and say its columns; nothing runs.
	DryRun bool

	made  map[string]int // what statements before would have made, by name: the line
	depth int            // of files that include files
}

// maxDepth of files that include one another.
const maxDepth = 20

// File runs a file.
func (s *Script) File(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(s.Err, "slipway:", err)
		return ErrFailed
	}
	if s.depth++; s.depth > maxDepth {
		fmt.Fprintf(s.Err, "%s: files include one another more than %d deep\n", path, maxDepth)
		return ErrFailed
	}
	defer func() { s.depth-- }()
	return s.Text(path, strings.TrimPrefix(string(text), "\ufeff"))
}

// Text runs a text that came from somewhere of that name; empty: it was typed. It gives ErrFailed if something failed, errQuit
// if the text says so.
func (s *Script) Text(name, text string) (err error) {
	src := &source{name, text}
	for at := 0; at >= 0; {
		var failed error
		if at, failed = s.from(src, at); failed == errQuit || failed != nil && !s.Continue {
			return failed
		} else if failed != nil {
			err = failed
		}
	}
	return err
}

// from runs what stands at an offset up to something behind which the text must be cut anew: a command, the data of a COPY. It gives
// where that is, -1 at the end.
func (s *Script) from(src *source, at int) (next int, err error) {
	for _, p := range parser.Split(src.text[at:]) {
		p = moved(p, at)
		if src.text[p.From] == '\\' {
			end := lineEnd(src.text, p.From)
			return end, s.command(src, p.From, src.text[p.From:end])
		}
		st := s.Variables.statement(src, p)
		if copies(st) {
			return s.copyIn(st, p.Next)
		}
		if failed := s.one(st, nil); failed != nil {
			if err = failed; !s.Continue {
				return -1, err
			}
		}
	}
	return -1, err
}

func moved(p parser.Part, by int) parser.Part {
	p.From, p.To, p.Next = p.From+by, p.To+by, p.Next+by
	for i := range p.Colons {
		p.Colons[i] += by
	}
	return p
}

func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// copies tells COPY … FROM STDIN, whose data stand behind it.
func copies(st *Statement) bool {
	if len(st.words) == 0 || st.words[0] != "COPY" {
		return false
	}
	for i, w := range st.words {
		if w == "FROM" && i+1 < len(st.words) && st.words[i+1] == "STDIN" {
			return true
		}
	}
	return false
}

// copyIn runs a COPY with the lines behind its own.
func (s *Script) copyIn(st *Statement, next int) (int, error) {
	from := lineEnd(st.source.text, next)
	data, length := lines(st.source.text[from:])
	return from + length, s.one(st, strings.NewReader(data))
}

func (s *Script) one(st *Statement, input *strings.Reader) error {
	if s.DryRun {
		return s.describe(st)
	}
	return s.Run(st, input)
}

// describe says of a statement what it is and gives.
func (s *Script) describe(st *Statement) error {
	at := st.source.place(st.From)
	columns, err := s.Conn.Describe(context.Background(), st.Text)
	if line := s.madeBefore(err); line > 0 {
		fmt.Fprintf(s.Out, "%s:%d: %s: needs what line %d would make\n", st.source.name, at.line, st.title(), line)
		s.makes(st, at.line)
		return nil
	}
	if err != nil {
		return s.report(err, st)
	}
	s.makes(st, at.line)
	text := "ok"
	if len(columns) > 0 {
		names := make([]string, len(columns))
		for i, c := range columns {
			names[i] = c.Name
		}
		text = "ok, gives " + strings.Join(names, ", ")
	}
	fmt.Fprintf(s.Out, "%s:%d: %s: %s\n", st.source.name, at.line, st.title(), shown([]byte(text)))
	return nil
}

// madeBefore gives the line of the statement that would have made what an error misses.
func (s *Script) madeBefore(err error) int {
	p, ok := err.(*client.Problem)
	if !ok || !strings.HasPrefix(p.Code, "42") && !strings.HasPrefix(p.Code, "3") {
		return 0
	}
	for name, line := range s.made {
		if message := strings.ToUpper(p.Message); strings.Contains(message, `"`+name+`"`) || strings.Contains(message, "."+name+`"`) {
			return line
		}
	}
	return 0
}

// makes notes the names that stand in a CREATE: whatever else they are, something of that name is there then.
func (s *Script) makes(st *Statement, line int) {
	if s.made == nil {
		s.made = map[string]int{}
	}
	if len(st.words) == 0 || st.words[0] != "CREATE" {
		return
	}
	for _, w := range st.words[1:] {
		switch w {
		case "OR", "REPLACE", "STREAM", "TABLE", "VIEW", "STREAMJOB", "FUNCTION", "DATABASE", "SCHEMA", "APPLICATION", "IF", "NOT", "EXISTS", "SECRET", "USER", "ROLE":
			continue
		}
		if _, before := s.made[w]; !before {
			s.made[w] = line
		}
		return
	}
}

// titleWords is how many words a statement is called by.
const titleWords = 4

func (st *Statement) title() string {
	words := strings.Fields(st.Text)
	if len(words) > titleWords {
		words = append(words[:titleWords], "…")
	}
	return shown([]byte(strings.Join(words, " ")))
}

// include runs a file that a command names: beside the file that it stands in.
func (s *Script) include(from *source, path string) error {
	if from.name != "" && !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(from.name), path)
	}
	return s.File(path)
}
