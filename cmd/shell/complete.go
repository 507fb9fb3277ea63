package shell

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"slipway/cmd/client"
	"slipway/conf"
)

// completer knows the names of the server's catalog, asked for when the user first wants one, and again after a while.
type completer struct {
	session *Session
	asked   time.Time
	names   map[string][]string // by kind
}

const (
	namesFor   = 5 * time.Second // how long names are used again
	namesAfter = time.Second     // how long the user waits for them
)

// questions are what the catalog is asked for each kind of names.
var questions = map[string]string{
	"streams":   "SELECT name FROM slipway.streams",
	"jobs":      "SELECT name FROM slipway.jobs",
	"columns":   "SELECT DISTINCT column_name FROM information_schema.columns WHERE table_schema = current_schema()",
	"functions": "SELECT name FROM slipway.functions",
	"words":     "SELECT upper(word) FROM pg_get_keywords()",
	"databases": "SELECT datname FROM pg_catalog.pg_database",
}

// begins are the words that statements begin with.
var begins = strings.Fields("ALTER BEGIN CLOSE COMMIT COPY CREATE DECLARE DESCRIBE DROP EXECUTE EXPLAIN FETCH FROM INSERT PREPARE RESOLVE ROLLBACK SAVEPOINT SELECT SET SHOW START STOP USE VALUES WITH")

// behind are the kinds of names that stand behind a word.
var behind = map[string][]string{
	"FROM": {"streams"}, "JOIN": {"streams"}, "INTO": {"streams"}, "TABLE": {"streams"}, "STREAM": {"streams"}, "VIEW": {"streams"}, "DESCRIBE": {"streams"}, "DESC": {"streams"},
	"COPY": {"streams"}, "STREAMJOB": {"jobs"}, "USE": {"databases"}, "DATABASE": {"databases"}, `\D`: {"streams"}, `\C`: {"databases"},
	"SHOW": {"shows"}, "CREATE": {"kinds"}, "DROP": {"kinds"}, "ALTER": {"kinds"}, "START": {"jobKinds"}, "STOP": {"jobKinds"},
}

// fixed are the names that no catalog has.
var fixed = map[string][]string{
	"shows":    {"CHECKPOINTS", "CREATE", "FUNCTIONS", "PROPERTIES", "STREAMJOB", "STREAMJOBS", "STREAMS", "TABLES", "TRANSACTIONS", "VIEWS"},
	"kinds":    {"APPLICATION", "DATABASE", "FUNCTION", "STREAM", "STREAMJOB", "TABLE", "VIEW"},
	"jobKinds": {"STREAMJOB"},
}

// complete gives what the word before the cursor may become.
func (c *completer) complete(line string, pos int) (head string, list []string, tail string) {
	runes := []rune(line)
	before := string(runes[:pos])
	from := strings.LastIndexFunc(before, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '.' && r != '\\'
	}) + 1
	word := before[from:]
	for _, name := range c.candidates(before[:from], word) {
		if len(name) >= len(word) && strings.EqualFold(name[:len(word)], word) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return before[:from], slices.Compact(list), string(runes[pos:])
}

// candidates are the names that may stand behind a text.
func (c *completer) candidates(before, word string) []string {
	words := strings.Fields(before)
	last := ""
	if len(words) > 0 {
		last = strings.ToUpper(words[len(words)-1])
	}
	switch kinds := behind[last]; {
	case strings.HasPrefix(word, `\`):
		return commandNames()
	case inProperties(before):
		return propertyKeys()
	case kinds != nil:
		return c.all(kinds...)
	case len(words) == 0:
		return begins
	}
	return c.all("columns", "functions", "words", "streams")
}

func commandNames() (out []string) {
	for _, c := range backslash {
		out = append(out, `\`+c.name)
	}
	return out
}

// inProperties tells a place within quotes behind TBLPROPERTIES or JOBPROPERTIES, where a key stands.
func inProperties(before string) bool {
	at := strings.LastIndex(strings.ToUpper(before), "PROPERTIES")
	if at < 0 {
		return false
	}
	rest := before[at:]
	return strings.Count(rest, `"`)%2 == 1 && !strings.HasSuffix(strings.TrimRight(rest[:strings.LastIndex(rest, `"`)], " "), "=")
}

func propertyKeys() (out []string) {
	for _, level := range []conf.Level{conf.Stream, conf.Job} {
		for _, s := range conf.Of(level).Settings() {
			out = append(out, s.Key)
		}
	}
	return append(out, "connector", "topic", "format")
}

func (c *completer) all(kinds ...string) (out []string) {
	if time.Since(c.asked) > namesFor {
		c.ask()
	}
	for _, k := range kinds {
		out = append(append(out, fixed[k]...), c.names[k]...)
	}
	return out
}

// ask reads the names. In a transaction that failed nothing can be asked; what is not answered in time is not offered.
func (c *completer) ask() {
	conn := c.session.Conn
	if conn.Transaction() == 'E' || conn.Lost() {
		return
	}
	c.asked = time.Now()
	c.names = map[string][]string{}
	for kind, question := range questions {
		c.names[kind] = nil
		timer := time.AfterFunc(namesAfter, func() { _ = conn.Cancel() })
		_ = conn.Run(context.Background(), question, &firstColumn{&c.names, kind})
		timer.Stop()
	}
}

// firstColumn keeps the first column of a result.
type firstColumn struct {
	names *map[string][]string
	kind  string
}

func (*firstColumn) Columns([]client.Column) error { return nil }

func (f *firstColumn) Row(row [][]byte) error {
	(*f.names)[f.kind] = append((*f.names)[f.kind], string(row[0]))
	return nil
}

func (*firstColumn) Done(string) error { return nil }
