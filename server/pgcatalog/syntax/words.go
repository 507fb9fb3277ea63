package syntax

import "strings"

// reserved are the words that name nothing unless they are quoted ("SQL Key Words", those reserved in PostgreSQL), with those that
// begin a clause behind a name without AS.
var reserved = words(`all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
	cross deferrable desc distinct do else end except false fetch for foreign from full grant group having ilike in initially inner intersect into
	is isnull join lateral leading left like limit natural not notnull null offset on only or order outer overlaps placing primary references
	returning right select similar some symmetric table then to trailing true union unique user using variadic when where window with
	over filter within over current_catalog current_date current_role current_time current_timestamp current_user localtime localtimestamp session_user`)

// specials are calls without brackets.
var specials = words(`current_catalog current_date current_role current_schema current_time current_timestamp current_user localtime localtimestamp
	session_user user`)

// typeWords begin a constant of a type in front of a text, as in date '2026-01-01'.
var typeWords = words(`bool boolean int int2 int4 int8 integer bigint smallint text varchar name oid regclass regtype regproc regnamespace json jsonb
	date time timestamp timestamptz timetz interval numeric decimal real float4 float8 bytea uuid inet xid char`)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}
