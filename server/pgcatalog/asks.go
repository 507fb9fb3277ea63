package pgcatalog

import (
	"regexp"
	"strings"

	"slipway/server/pgcatalog/engine"
	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

// hint finds texts that may ask the catalog; most do not, and are not looked at further.
var hint = regexp.MustCompile(`(?i)\bpg_|\binformation_schema\b|\bslipway\s*\.|\breg(class|type|proc|namespace|role|oper)|\bcurrent_setting\b|\bcurrent_schemas\b|\bset_config\b|_privilege\s*\(|_description\s*\(|\bformat_type\b|\bto_reg|\bquote_ident\b.*\bfrom\b`)

// begins finds what a query begins with.
var begins = regexp.MustCompile(`(?i)^\(*\s*(select|with|values|table)\b`)

// longest is more than tools send: what is longer is not searched.
const longest = 200_000

// MayAsk tells whether a text may hold a query of the catalog.
func MayAsk(text string) bool { return len(text) <= longest && hint.MatchString(text) }

// Asks tells whether one statement is for the catalog: a query all of whose relations are PostgreSQL's own, or that has none and
// calls a function that only the catalog has. One that names streams beside them is refused.
// OwnSchema is the catalog's too, unless taken says that there is a database of that name.
func Asks(statement string, taken bool) (bool, error) {
	if !MayAsk(statement) || !begins.MatchString(statement) {
		return false, nil
	}
	q, _, err := syntax.Parse(statement)
	if err != nil {
		return namesCatalog.MatchString(statement), err
	}
	tables, calls := syntax.Names(q)
	own, others := 0, 0
	for _, t := range tables {
		if isOwn(t) || t.Schema == OwnSchema && !taken {
			own++
		} else {
			others++
		}
	}
	switch {
	case own > 0 && others > 0:
		return true, sqlerr.New(sqlerr.FeatureNotSupported, "a query reads PostgreSQL's catalog or streams, not both").
			WithHint("SHOW STREAMS and SHOW STREAMJOBS list what there is.")
	case own > 0:
		return true, nil
	case others > 0:
		return false, nil
	}
	return known(calls), nil
}

// namesCatalog finds relations of the catalog in a text that cannot be read.
var namesCatalog = regexp.MustCompile(`(?i)\b(from|join)\s+(pg_catalog\s*\.|information_schema\s*\.|pg_)`)

// isOwn tells relations of PostgreSQL: of its schemas, or with its prefix.
func isOwn(t *syntax.Table) bool {
	switch t.Schema {
	case "pg_catalog", "information_schema":
		return true
	}
	return t.Schema == "" && strings.HasPrefix(t.Name, "pg_")
}

// known tells that there are functions for all calls here.
func known(calls []*syntax.Call) bool {
	for _, c := range calls {
		if !engine.Knows(c.Name) && len(schema{}.Functions(c.Schema, c.Name)) == 0 {
			return false
		}
	}
	return true
}

// Piece is one statement of a text, and where it begins.
type Piece = syntax.Piece

// Split cuts a text into its statements; a text that is not of PostgreSQL's words has none.
func Split(text string) []Piece {
	list, err := syntax.Split(text)
	if err != nil {
		return nil
	}
	return list
}
