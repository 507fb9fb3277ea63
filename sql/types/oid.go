package types

// PostgreSQL type numbers (pg_type.dat) that our types show to clients.
const (
	OIDBool        uint32 = 16
	OIDBytea       uint32 = 17
	OIDInt8        uint32 = 20
	OIDInt2        uint32 = 21
	OIDInt4        uint32 = 23
	OIDText        uint32 = 25
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
	OIDNumeric     uint32 = 1700
)

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
	case Interval:
		return OIDInterval
	case JSON, Array, Map, Struct:
		return OIDJSON
	}
	return OIDText
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
	case OIDInt8, OIDFloat8, OIDTimestamp:
		return 8
	case OIDInterval:
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
		if t.Length > 0 {
			return int32(t.Length) + 4
		}
	case Timestamp:
		return int32(t.Precision)
	}
	return -1
}
