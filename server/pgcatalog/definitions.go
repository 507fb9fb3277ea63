package pgcatalog

import (
	_ "embed"
	"strconv"
	"strings"

	"slipway/server/pgcatalog/engine"
)

//go:embed relations.txt
var relationsText string

//go:embed types.txt
var typesText string

// definition is a relation of PostgreSQL's own catalog.
type definition struct {
	oid   int64
	kind  string // r, v
	table *engine.Table
	// comment is what obj_description says of it.
	comment string
	// required are the columns that are never NULL.
	required []bool
}

// definitions are all of them, by schema and name, and in order of name.
var definitions, definitionList = readDefinitions()

// readDefinitions reads lines of schema.name, number, kind and columns: name:type, with ! if it is never NULL.
func readDefinitions() (map[string]*definition, []*definition) {
	all := map[string]*definition{}
	var list []*definition
	for line := range strings.Lines(relationsText) {
		words := strings.Fields(line)
		schema, name, _ := strings.Cut(words[0], ".")
		d := &definition{oid: number(words[1]), kind: words[2], table: &engine.Table{Schema: schema, Name: name}}
		for _, w := range words[3:] {
			column, typ, _ := strings.Cut(w, ":")
			typ, required := strings.CutSuffix(typ, "!")
			d.table.Columns = append(d.table.Columns, engine.Column{Name: column, Type: engine.TypeNamed(typ)})
			d.required = append(d.required, required)
		}
		d.systemColumns()
		list = append(list, d)
	}
	list = append(list, ownDefinitions()...)
	for _, d := range list {
		all[d.table.Schema+"."+d.table.Name] = d
	}
	return all, list
}

// visible are the columns that * shows.
func (d *definition) visible() []engine.Column {
	return d.table.Columns[:len(d.table.Columns)-d.table.Hidden]
}

// systemColumns adds those that every relation of PostgreSQL has and * does not show ("System Columns"); tools ask for them.
func (d *definition) systemColumns() {
	for _, c := range []engine.Column{{Name: "tableoid", Type: engine.OID}, {Name: "xmin", Type: engine.XID}} {
		d.table.Columns = append(d.table.Columns, c)
		d.required = append(d.required, true)
		d.table.Hidden++
	}
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }
