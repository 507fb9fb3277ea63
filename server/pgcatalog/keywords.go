package pgcatalog

import (
	_ "embed"
	"strings"
	"sync"

	"slipway/server/pgcatalog/engine"
)

// keywordsText has PostgreSQL's key words, each with its category and whether it may be a name without AS.
//
//go:embed keywords.txt
var keywordsText string

var categories = map[string]string{"U": "unreserved", "C": "unreserved (cannot be function or type name)", "T": "reserved (can be function or type name)", "R": "reserved"}

var keywords = &engine.Function{
	Name: "pg_get_keywords",
	Columns: []engine.Column{{Name: "word", Type: engine.Text}, {Name: "catcode", Type: engine.Char}, {Name: "barelabel", Type: engine.Bool},
		{Name: "catdesc", Type: engine.Text}, {Name: "baredesc", Type: engine.Text}},
	Rows: func(engine.Env, []value) rows { return keywordRows() },
}

var keywordRows = sync.OnceValue(func() (out rows) {
	for line := range strings.Lines(keywordsText) {
		w := strings.Fields(line)
		bare := "requires AS"
		if w[2] == "t" {
			bare = "can be bare label"
		}
		out = append(out, row{w[0], w[1], w[2] == "t", categories[w[1]], bare})
	}
	return out
})
