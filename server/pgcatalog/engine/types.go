package engine

import (
	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

// Type is a type of PostgreSQL, by its OID (pg_type.dat).
type Type uint32

// The types of the catalog.
const (
	Bool         Type = 16
	Bytea        Type = 17
	Char         Type = 18
	Name         Type = 19
	Int8         Type = 20
	Int2         Type = 21
	Int2Vector   Type = 22
	Int4         Type = 23
	Regproc      Type = 24
	Text         Type = 25
	OID          Type = 26
	XID          Type = 28
	OIDVector    Type = 30
	JSON         Type = 114
	NodeTree     Type = 194
	Float4       Type = 700
	Float8       Type = 701
	Unknown      Type = 705
	Inet         Type = 869
	ACLItem      Type = 1033
	BPChar       Type = 1042
	Varchar      Type = 1043
	Date         Type = 1082
	Time         Type = 1083
	Timestamp    Type = 1114
	Timestamptz  Type = 1184
	Interval     Type = 1186
	Numeric      Type = 1700
	Regprocedure Type = 2202
	Regoper      Type = 2203
	Regoperator  Type = 2204
	Regclass     Type = 2205
	Regtype      Type = 2206
	AnyRecord    Type = 2249
	AnyArray     Type = 2277
	AnyType      Type = 2276
	Void         Type = 2278
	UUID         Type = 2950
	JSONB        Type = 3802
	Regnamespace Type = 4089
	Regrole      Type = 4096
	PGLSN        Type = 3220
)

// kind is how values of a type lie in a Value, and what they are compared with.
type kind int

const (
	textKind kind = iota
	boolKind
	intKind
	floatKind
	arrayKind
	recordKind
	namedKind
)

// typeInfo is what the engine knows of a type.
type typeInfo struct {
	name  string
	kind  kind
	array Type // whose elements it is; 0: of none
}

var typeInfos = map[Type]typeInfo{
	Bool: {"bool", boolKind, 1000}, Bytea: {"bytea", textKind, 1001}, Char: {"char", textKind, 1002}, Name: {"name", textKind, 1003},
	Int8: {"int8", intKind, 1016}, Int2: {"int2", intKind, 1005}, Int2Vector: {"int2vector", arrayKind, 1006}, Int4: {"int4", intKind, 1007},
	Regproc: {"regproc", namedKind, 1008}, Text: {"text", textKind, 1009}, OID: {"oid", intKind, 1028}, XID: {"xid", intKind, 1011},
	OIDVector: {"oidvector", arrayKind, 1013}, JSON: {"json", textKind, 199}, NodeTree: {"pg_node_tree", textKind, 0}, Float4: {"float4", floatKind, 1021},
	Float8: {"float8", floatKind, 1022}, Unknown: {"unknown", textKind, 0}, Inet: {"inet", textKind, 1041}, ACLItem: {"aclitem", textKind, 1034},
	BPChar: {"bpchar", textKind, 1014}, Varchar: {"varchar", textKind, 1015}, Date: {"date", textKind, 1182}, Time: {"time", textKind, 1183},
	Timestamp: {"timestamp", textKind, 1115}, Timestamptz: {"timestamptz", textKind, 1185}, Interval: {"interval", textKind, 1187},
	Numeric: {"numeric", floatKind, 1231}, Regclass: {"regclass", namedKind, 2210}, Regprocedure: {"regprocedure", namedKind, 2207},
	Regoper: {"regoper", namedKind, 2208}, Regoperator: {"regoperator", namedKind, 2209}, Regtype: {"regtype", namedKind, 2211}, AnyRecord: {"record", recordKind, 2287},
	AnyArray: {"anyarray", arrayKind, 0}, AnyType: {"any", textKind, 0}, Void: {"void", textKind, 0}, UUID: {"uuid", textKind, 2951}, JSONB: {"jsonb", textKind, 3807},
	Regnamespace: {"regnamespace", namedKind, 4090}, Regrole: {"regrole", namedKind, 4097}, PGLSN: {"pg_lsn", textKind, 3221},
}

// typeNames finds types by PostgreSQL's names and SQL's.
var typeNames = map[string]Type{"boolean": Bool, "int": Int4, "integer": Int4, "bigint": Int8, "smallint": Int2, "real": Float4, "float": Float8, "decimal": Numeric,
	"character": BPChar, "string": Text}

// elements finds the type of an array's items.
var elements = map[Type]Type{Int2Vector: Int2, OIDVector: OID}

func init() {
	for t, info := range typeInfos {
		typeNames[info.name] = t
		if info.array != 0 {
			elements[info.array] = t
		}
	}
	for array, element := range elements {
		if _, known := typeInfos[array]; !known {
			typeInfos[array] = typeInfo{"_" + typeInfos[element].name, arrayKind, 0}
			typeNames["_"+typeInfos[element].name] = array
		}
	}
}

// Name is PostgreSQL's internal name: int4, _text.
func (t Type) Name() string { return typeInfos[t].name }

// Element is the type of an array's items, 0 for what is no array.
func (t Type) Element() Type { return elements[t] }

// Array is the type of arrays of t; of types without one it is text[].
func (t Type) Array() Type {
	if a := typeInfos[t].array; a != 0 {
		return a
	}
	return typeInfos[Text].array
}

func (t Type) kind() kind { return typeInfos[t].kind }

func (t Type) isNumber() bool { return t.kind() == intKind || t.kind() == floatKind }

// resolveType finds a type that is written.
func resolveType(w syntax.Type) Type {
	t, known := typeNames[w.Name]
	if !known || w.Schema != "" && w.Schema != "pg_catalog" {
		Fail(sqlerr.At(w.Pos, sqlerr.UndefinedObject, "type %q does not exist", w.Name))
	}
	if w.Array {
		return t.Array()
	}
	return t
}

// TypeNamed gives the type of a name of pg_type; one that the engine does not know is text, in its array form if it is an array.
func TypeNamed(name string) Type {
	if t, known := typeNames[name]; known {
		return t
	}
	if len(name) > 0 && name[0] == '_' {
		return Text.Array()
	}
	return Text
}

// LookUpType finds a type by PostgreSQL's name or SQL's.
func LookUpType(name string) (Type, bool) {
	t, known := typeNames[name]
	return t, known
}
