package types

// PostgreSQL type numbers (pg_type.dat) that our types show to clients.
const (
	OIDBool        uint32 = 16
	OIDBytea       uint32 = 17
	OIDInt8        uint32 = 20
	OIDInt2        uint32 = 21
	OIDInt4        uint32 = 23
	OIDText        uint32 = 25
	OIDOid         uint32 = 26
	OIDOids        uint32 = 1028
	OIDJSON        uint32 = 114
	OIDFloat4      uint32 = 700
	OIDFloat8      uint32 = 701
	OIDUnknown     uint32 = 705
	OIDBpchar      uint32 = 1042
	OIDVarchar     uint32 = 1043
	OIDDate        uint32 = 1082
	OIDTimestamp   uint32 = 1114
	OIDTimestamptz uint32 = 1184
	OIDInterval    uint32 = 1186
	OIDTime        uint32 = 1083
	OIDNumeric     uint32 = 1700
	OIDRecord      uint32 = 2249
	OIDUUID        uint32 = 2950
)

// arrayOIDs are PostgreSQL's types of arrays, by the type of their elements.
var arrayOIDs = map[uint32]uint32{
	OIDBool: 1000, OIDBytea: 1001, OIDInt2: 1005, OIDInt4: 1007, OIDText: 1009, OIDBpchar: 1014, OIDVarchar: 1015,
	OIDInt8: 1016, OIDFloat4: 1021, OIDFloat8: 1022, OIDTimestamp: 1115, OIDDate: 1182, OIDTime: 1183,
	OIDOid: OIDOids, OIDTimestamptz: 1185, OIDInterval: 1187, OIDNumeric: 1231, OIDJSON: 199, OIDRecord: 2287, OIDUUID: 2951,
}

// ElementOID is the type of the elements of PostgreSQL's type of an array; 0 of one that is none.
func ElementOID(array uint32) uint32 {
	for element, a := range arrayOIDs {
		if a == array {
			return element
		}
	}
	return 0
}

// names are PostgreSQL's names of these types.
var names = map[uint32]string{
	OIDBool: "bool", OIDBytea: "bytea", OIDInt8: "int8", OIDInt2: "int2", OIDInt4: "int4", OIDText: "text", OIDJSON: "json",
	OIDFloat4: "float4", OIDFloat8: "float8", OIDBpchar: "bpchar", OIDVarchar: "varchar", OIDDate: "date", OIDTimestamp: "timestamp",
	OIDTimestamptz: "timestamptz", OIDInterval: "interval", OIDTime: "time", OIDNumeric: "numeric", OIDRecord: "record", OIDUUID: "uuid",
	OIDOid: "oid",
}

// NameOf is PostgreSQL's name of one of these types.
func NameOf(oid uint32) string { return names[oid] }

// WireName is PostgreSQL's name of the type under which a column of type t is described: int4, or int4[] of an array.
func (t Type) WireName() string {
	if element := ElementOID(t.OID()); element != 0 {
		return names[element] + "[]"
	}
	return names[t.OID()]
}

// OID gives the PostgreSQL type number under which a column of type t is described.
func (t Type) OID() uint32 {
	switch t.Kind {
	case Boolean:
		return OIDBool
	case TinyInt, SmallInt:
		return OIDInt2
	case Int:
		return OIDInt4
	case BigInt:
		return OIDInt8
	case Float:
		return OIDFloat4
	case Double:
		return OIDFloat8
	case Decimal:
		return OIDNumeric
	case Varchar:
		return OIDVarchar
	case Char:
		return OIDBpchar
	case Binary:
		return OIDBytea
	case Date:
		return OIDDate
	case Timestamp:
		return OIDTimestamp
	case Interval, Duration:
		return OIDInterval
	case TimestampTZ:
		return OIDTimestamptz
	case Time:
		return OIDTime
	case UUID:
		return OIDUUID
	case Struct:
		if t.IsNested() {
			return OIDRecord
		}
		return OIDJSON
	case JSON, Map:
		return OIDJSON
	case Array:
		return t.arrayOID()
	}
	return OIDText
}

// arrayOID is that of the elements, which in PostgreSQL lie in one array of several dimensions.
func (t Type) arrayOID() uint32 {
	if element := t.Element(); element.Kind != Array {
		return arrayOIDs[element.OID()]
	}
	return OIDJSON // nobody knows its elements
}

// Element is what an ARRAY has in the end: of ARRAY<ARRAY<INT>> it is INT. Of what is no array it is the type itself.
func (t Type) Element() Type {
	for t.Kind == Array && t.IsNested() {
		t = t.Fields()[0].Type
	}
	return t
}

// ParameterOID is the type under which a parameter that becomes a t is described. PostgreSQL takes no input of rows
// without a name for their type, and so drivers send none: they are JSON.
func (t Type) ParameterOID() uint32 {
	switch oid := t.OID(); oid {
	case OIDRecord, arrayOIDs[OIDRecord], arrayOIDs[OIDJSON]:
		return OIDJSON
	default:
		return oid
	}
}

// OIDSize is pg_type.typlen: the bytes of a fixed-width type, -1 for the others.
func (t Type) OIDSize() int16 {
	switch t.OID() {
	case OIDBool:
		return 1
	case OIDInt2:
		return 2
	case OIDInt4, OIDFloat4, OIDDate:
		return 4
	case OIDInt8, OIDFloat8, OIDTimestamp, OIDTimestamptz, OIDTime:
		return 8
	case OIDInterval, OIDUUID:
		return 16
	}
	return -1
}

// Modifier is pg_attribute.atttypmod: what a client shows in the brackets after the type; -1 for none.
func (t Type) Modifier() int32 {
	switch t.Kind {
	case Decimal:
		return int32(t.Precision<<16|t.Scale) + 4
	case Varchar, Char:
		if t.Length() > 0 {
			return int32(t.Length()) + 4
		}
	case Timestamp, TimestampTZ, Time:
		return int32(t.Precision)
	}
	return -1
}
