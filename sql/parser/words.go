package parser

import (
	"strings"

	tidb "github.com/pingcap/tidb/pkg/parser"
)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// keywords are the words the TiDB grammar knows, reserved or not.
var keywords = func() map[string]bool {
	m := make(map[string]bool, len(tidb.Keywords))
	for _, k := range tidb.Keywords {
		m[k.Word] = true
	}
	return m
}()
