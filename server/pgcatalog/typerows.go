package pgcatalog

import (
	"strings"
	"sync"

	"slipway/server/pgcatalog/engine"
)

// typeLine is what attributes repeat of their type, and the type's own line.
type typeLine struct {
	name                    string
	size, collation         value
	byValue                 bool
	align, storage          string
	category, kind          string
	element, array          value
	preferred               bool
	delimiter               string
	in, out, receive, sends value
	subscript               value
	oid                     value
}

// typeLines are the types of types.txt by their numbers, typeOrder their order, and functionNumbers the functions they name.
var (
	typeLines       = map[engine.Type]*typeLine{}
	typeOrder       []*typeLine
	functionNumbers = map[string]int64{}
)

func init() {
	for line := range strings.Lines(typesText) {
		t := readTypeLine(strings.Fields(line))
		typeLines[engine.Type(engine.Whole(t.oid))] = t
		typeOrder = append(typeOrder, t)
	}
}

// readTypeLine reads the words of a line: oid, typname, typlen, typbyval, typtype, typcategory, typispreferred, typdelim, typelem,
// typarray, four functions as name:oid, typalign, typstorage, typcollation, typsubscript.
func readTypeLine(w []string) *typeLine {
	return &typeLine{oid: number(w[0]), name: w[1], size: number(w[2]), byValue: w[3] == "1", kind: w[4], category: w[5], preferred: w[6] == "1", delimiter: w[7],
		element: number(w[8]), array: number(w[9]), in: function(w[10]), out: function(w[11]), receive: function(w[12]), sends: function(w[13]),
		align: w[14], storage: w[15], collation: number(w[16]), subscript: function(w[17])}
}

func function(word string) value {
	name, oid, _ := strings.Cut(word, ":")
	functionNumbers[name] = number(oid)
	return engine.Named{Number: number(oid), Name: name}
}

func typeRows(d *definition) func(*World) rows {
	make := d.maker("oid", "typname", "typnamespace", "typowner", "typlen", "typbyval", "typtype", "typcategory", "typispreferred", "typisdefined", "typdelim", "typelem",
		"typarray", "typinput", "typoutput", "typreceive", "typsend", "typalign", "typstorage", "typtypmod", "typcollation", "typsubscript")
	all := sync.OnceValue(func() (out rows) {
		for _, t := range typeOrder {
			out = append(out, make(t.oid, t.name, integer(catalogSchema), integer(superuser), t.size, t.byValue, t.kind, t.category, t.preferred, true, t.delimiter,
				t.element, t.array, t.in, t.out, t.receive, t.sends, t.align, t.storage, integer(-1), t.collation, t.subscript))
		}
		return out
	})
	return func(*World) rows { return all() }
}
