package engine

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// AppendText appends a value in PostgreSQL's text form.
func AppendText(dst []byte, v Value, t Type) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(dst, 't')
		}
		return append(dst, 'f')
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		if t == Numeric {
			return strconv.AppendFloat(dst, v, 'f', -1, 64)
		}
		return strconv.AppendFloat(dst, v, 'g', -1, 64)
	case string:
		return append(dst, v...)
	case Named:
		return append(dst, v.Name...)
	case Array:
		return appendArray(dst, v, t)
	case Record:
		return appendRecord(dst, v)
	}
	return dst
}

// textOf is the text form of a value that is not NULL.
func textOf(v Value, t Type) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(AppendText(nil, v, t))
}

// appendArray writes {a,"b c",NULL}; vectors are numbers with blanks between them.
func appendArray(dst []byte, a Array, t Type) []byte {
	open, between, closing := "{", byte(','), "}"
	if t == Int2Vector || t == OIDVector {
		open, between, closing = "", ' ', ""
	}
	dst = append(dst, open...)
	for i, v := range a {
		if i > 0 {
			dst = append(dst, between)
		}
		if v == nil {
			dst = append(dst, "NULL"...)
			continue
		}
		if inner, nested := v.(Array); nested {
			dst = appendArray(dst, inner, t)
			continue
		}
		dst = appendItem(dst, textOf(v, t.Element()))
	}
	return append(dst, closing...)
}

func appendItem(dst []byte, s string) []byte {
	if s != "" && !strings.EqualFold(s, "null") && !strings.ContainsAny(s, "{}\",\\ \t\n\r\v\f") {
		return append(dst, s...)
	}
	return appendQuoted(dst, s)
}

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

func appendRecord(dst []byte, r Record) []byte {
	dst = append(dst, '(')
	for i, v := range r {
		if i > 0 {
			dst = append(dst, ',')
		}
		if v == nil {
			continue
		}
		if s := textOf(v, Text); s == "" || strings.ContainsAny(s, "()\",\\ \t\n\r\v\f") {
			dst = appendQuoted(dst, s)
		} else {
			dst = append(dst, s...)
		}
	}
	return append(dst, ')')
}

// compare orders two values that are not NULL and whose kinds may be compared.
func compare(a, b Value) int {
	switch a := a.(type) {
	case bool:
		b, _ := b.(bool)
		switch {
		case a == b:
			return 0
		case b:
			return -1
		}
		return 1
	case string:
		if b, ok := b.(string); ok {
			return cmp.Compare(a, b)
		}
	case Array:
		if b, ok := b.(Array); ok {
			return compareLists(a, b)
		}
	case Record:
		if b, ok := b.(Record); ok {
			return compareLists(Array(a), Array(b))
		}
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b)
		}
	}
	return cmp.Compare(numberOf(a), numberOf(b))
}

// compareLists compares item by item; NULLs are equal, and behind everything.
func compareLists(a, b Array) int {
	return slices.CompareFunc(a, b, func(x, y Value) int {
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return 1
		case y == nil:
			return -1
		}
		return compare(x, y)
	})
}

func numberOf(v Value) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	case Named:
		return float64(v.Number)
	case string:
		f, _ := strconv.ParseFloat(v, 64)
		return f
	}
	return 0
}

// intOf is a whole number; of a Named its number.
func intOf(v Value) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case Named:
		return v.Number
	case float64:
		return int64(v)
	}
	return 0
}

// appendKey appends what tells values apart that are not equal, for maps; NULLs are alike.
func appendKey(dst []byte, v Value) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, 0)
	case string:
		dst = append(dst, 1)
		dst = strconv.AppendInt(dst, int64(len(v)), 10)
		return append(append(dst, ':'), v...)
	case bool:
		return append(dst, 2, map[bool]byte{true: 1}[v])
	case Array:
		return appendKeys(append(dst, 3), v)
	case Record:
		return appendKeys(append(dst, 4), Array(v))
	}
	dst = append(dst, 5)
	if f := numberOf(v); f != float64(int64(f)) {
		return append(strconv.AppendFloat(dst, f, 'g', -1, 64), ';')
	}
	return append(strconv.AppendInt(dst, intOf(v), 10), ';')
}

func appendKeys(dst []byte, list []Value) []byte {
	dst = append(strconv.AppendInt(dst, int64(len(list)), 10), ':')
	for _, v := range list {
		dst = appendKey(dst, v)
	}
	return dst
}

func keyOf(list []Value) string { return string(appendKeys(nil, list)) }

// Zero is what stands for nothing where NULL has no place.
func Zero(t Type) Value {
	switch t.kind() {
	case boolKind:
		return false
	case intKind:
		return int64(0)
	case floatKind:
		return 0.0
	case arrayKind:
		return Array{}
	case namedKind:
		return Named{0, "-"}
	case recordKind:
		return Record{}
	}
	return ""
}

// Whole is the whole number that a value is; of a Named its number.
func Whole(v Value) int64 { return intOf(v) }
