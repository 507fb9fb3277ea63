package parser

import (
	"maps"
	"slices"
	"strings"

	"slipway/conf/near"
)

const knownTypes = "Types: BOOLEAN TINYINT SMALLINT INT BIGINT FLOAT DOUBLE DECIMAL(p,s) STRING VARCHAR(n) CHAR(n) BINARY DATE TIME(p) TIMESTAMP(p) " +
	"[WITH TIME ZONE] INTERVAL UUID JSON ARRAY<t> MAP<k,v> STRUCT<name: t>."

// insteadOf is what there is in place of types that others have.
var insteadOf = func() map[string]string {
	m := map[string]string{}
	for typ, words := range map[string]string{
		"SMALLINT":                     "SMALLSERIAL INT16 UINT8",
		"INT":                          "MEDIUMINT SERIAL INT32 UINT16 YEAR OID",
		"BIGINT":                       "BIGSERIAL INT64 LONG UINT32",
		"DECIMAL(20,0)":                "UINT64 UNSIGNED",
		"DECIMAL(19,2)":                "MONEY",
		"DECIMAL(38,s)":                "NUMBER BIGNUMERIC BIGDECIMAL",
		"FLOAT":                        "FLOAT32",
		"DOUBLE":                       "FLOAT64",
		"STRING":                       "ENUM LONGTEXT MEDIUMTEXT TINYTEXT NVARCHAR NCHAR CLOB CITEXT NAME XML INET CIDR MACADDR REGCLASS",
		"BINARY":                       "LONGBLOB MEDIUMBLOB TINYBLOB RAW",
		"BINARY, or a BIGINT":          "BIT VARBIT",
		"TIMESTAMP(p)":                 "TIMESTAMP_NTZ TIMESTAMPNTZ DATETIME2 SMALLDATETIME",
		"TIMESTAMP WITH TIME ZONE":     "DATETIMEOFFSET TIMESTAMP_TZ",
		"ARRAY<STRING>":                "SET MULTISET",
		"MAP<STRING, STRING>":          "HSTORE",
		"JSON":                         "VARIANT OBJECT SUPER",
		"STRUCT<x: DOUBLE, y: DOUBLE>": "POINT",
	} {
		for _, w := range strings.Fields(words) {
			m[w] = typ
		}
	}
	return m
}()

// typeHint says what a word that is no type may have meant.
func typeHint(upper string) string {
	if typ, ok := insteadOf[upper]; ok {
		return "Use " + typ + "."
	}
	if word := near.Typo(upper, slices.Sorted(maps.Keys(typeNames))); word != "" {
		return "Did you mean " + word + "?"
	}
	return knownTypes
}
