// Package sqltest is the ground of the compiler's script tests: declared streams, and
// statements that are taken as far as a test wants them.
package sqltest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"slipway/conf"
	"slipway/sql"
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/logical"
	"slipway/sql/parser"
	"slipway/sql/sqlerr"
)

// Connector takes any relation, for reading and writing.
type Connector struct{ catalog.NothingBehind }

// Declaration implements catalog.Connector.
func (Connector) Declaration() *catalog.Declaration { return declaration }

var declaration = &catalog.Declaration{
	Name:    conf.Connector.Default,
	Options: []*conf.Setting{conf.StringOption("topic", "", "V", "Topic.").Setting, conf.OffsetStrategy.Setting},
	Formats: []*catalog.FormatTraits{
		{Name: "json", Options: []*conf.Setting{conf.StringOption("timeformat", "", "V", "Form of TIMESTAMP.").Setting}, Reads: true, Writes: true},
		{Name: "delimited", Reads: true, Writes: true},
		{Name: "raw", Reads: true, Writes: true},
		{Name: "changes", Reads: true, Changes: true},
		{Name: "keyed changes", Reads: true, Changes: true, NeedsKey: true},
	},
	DefaultFormat: "delimited",
	Metadata:      catalog.RecordMetadata(),
	Source:        &catalog.SourceTraits{Bounded: true, Origin: true},
	Sink:          &catalog.SinkTraits{NeedsKey: true},
}

// Asked is a connector whose tables are asked for rows by key.
type Asked struct{ catalog.NothingBehind }

// Declaration implements catalog.Connector.
func (Asked) Declaration() *catalog.Declaration { return asked }

var asked = &catalog.Declaration{
	Name: "asked", Lookup: true,
	Options: conf.LookupOptions(),
}

// Script is what a script has declared so far.
type Script struct {
	Compiler *sql.Compiler
	Snapshot *catalog.Snapshot
}

// New is a script with a database and nothing in it.
func New() *Script {
	s := catalog.NewSnapshot()
	s.Databases[catalog.DefaultDatabase] = &catalog.Database{Name: catalog.DefaultDatabase}
	return &Script{Compiler: &sql.Compiler{Connectors: map[string]catalog.Connector{conf.Connector.Default: Connector{}, asked.Name: Asked{}}}, Snapshot: &s}
}

// Run plays all scripts of a folder. `declare` is done here, all other commands by the test.
func Run(t *testing.T, folder string, command func(t *testing.T, s *Script, d *datadriven.TestData) string) {
	datadriven.Walk(t, folder, func(t *testing.T, path string) {
		s := New()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd != "declare" {
				return command(t, s, d)
			}
			if err := s.Declare(d.Input); err != nil {
				return Caret(d.Input, err)
			}
			return "ok\n"
		})
	})
}

// Declare runs CREATE statements, all or none.
func (s *Script) Declare(text string) error {
	list, err := parser.Parse(text)
	next := s.Snapshot
	for i := 0; i < len(list) && err == nil; i++ {
		var c catalog.Change
		switch declared := list[i].(type) {
		case *ast.CreateRelation:
			c.PutRelation, _, err = s.Compiler.Relation(next, catalog.DefaultDatabase, declared)
		case *ast.CreateFunction:
			c.ReplaceIfExisting = declared.OrReplace
			c.PutFunction, err = s.Compiler.Function(next, catalog.DefaultDatabase, declared)
		default: // the rows of a table
			continue
		}
		if err == nil {
			next, err = next.With(c, func() uint32 { return 1 })
		}
	}
	if err == nil {
		s.Snapshot = next
	}
	return err
}

// Statement analyses INSERT … SELECT as a job does, or a SELECT. With the word `bounded` a
// SELECT ends; key=value is a property of the job.
func (s *Script) Statement(d *datadriven.TestData) (*logical.Statement, error) {
	st, err := parser.ParseOne(d.Input)
	if err != nil {
		return nil, err
	}
	in := analyzer.Input{Snapshot: s.Snapshot, Database: catalog.DefaultDatabase, Settings: properties(d), Connectors: s.Compiler.Connectors}
	in.Bounded = d.HasArg("bounded")
	var out *logical.Statement
	switch st := st.(type) {
	case *ast.Insert:
		out, err = analyzer.Insert(in, st)
	case *ast.StatementSet:
		out, err = analyzer.Inserts(in, st.Inserts)
	case *ast.QueryStatement:
		out, err = analyzer.Query(in, st.Query)
	default:
		err = fmt.Errorf("neither INSERT nor SELECT: %s", d.Input)
	}
	if err == nil {
		out.Root = logical.Identify(out.Root)
	}
	return out, err
}

func properties(d *datadriven.TestData) *conf.Values {
	set := map[string]string{}
	for _, arg := range d.CmdArgs {
		if len(arg.Vals) == 1 {
			set[arg.Key] = arg.Vals[0]
		}
	}
	return conf.Of(conf.Job).ReadMap(set)
}

// Tree prints a tree, a line a node.
func Tree(n logical.Node) string { return strings.Join(logical.Print(n), "\n") + "\n" }

// Caret shows an error under the line it points at.
func Caret(text string, err error) string {
	e := sqlerr.From(err)
	out := fmt.Sprintf("%s: %s\n", e.Code, e.Message)
	if e.Position > 0 {
		line, at := 0, e.Position-1
		lines := strings.Split(text, "\n")
		for line < len(lines)-1 && at > len(lines[line]) {
			at -= len(lines[line]) + 1
			line++
		}
		out += lines[line] + "\n" + strings.Repeat(" ", len([]rune(lines[line][:min(at, len(lines[line]))]))) + "^\n"
	}
	if e.Hint != "" {
		out += "hint: " + e.Hint + "\n"
	}
	return out
}
