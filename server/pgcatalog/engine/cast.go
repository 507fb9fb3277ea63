package engine

import (
	"math"
	"strconv"
	"strings"

	"slipway/sql/sqlerr"
)

// cast makes a value of type from one of type to, as x::to does. A value that cannot be read fails.
func (b *binding) cast(env Env, v Value, from, to Type) Value {
	switch {
	case v == nil:
		return nil
	case from == to:
		return v
	case to.kind() == namedKind:
		return b.catalog.Cast(env, v, to)
	case to.Element() != 0:
		return b.castArray(env, v, from, to)
	}
	switch to.kind() {
	case boolKind:
		return castBool(v, from)
	case intKind:
		return castInt(v, from, to)
	case floatKind:
		return castFloat(v, from, to)
	}
	s := textOf(v, from)
	if from == Bool { // true::text is spelled out
		s = strconv.FormatBool(v.(bool))
	}
	switch to {
	case Name:
		return s[:min(len(s), 63)]
	case Char:
		return s[:min(len(s), 1)]
	}
	return s
}

func malformed(t Type, v Value, from Type) {
	Fail(sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type %s: %q", formalName(t), textOf(v, from)))
}

// formalName is a type's name in messages.
func formalName(t Type) string {
	switch t {
	case Int4:
		return "integer"
	case Int8:
		return "bigint"
	case Int2:
		return "smallint"
	case Bool:
		return "boolean"
	case Float8:
		return "double precision"
	}
	return t.Name()
}

// booleans are the texts of a boolean ("Boolean Type"), in lower case.
var booleans = map[string]bool{"t": true, "true": true, "yes": true, "y": true, "on": true, "1": true, "tr": true, "tru": true, "ye": true,
	"f": false, "false": false, "no": false, "n": false, "off": false, "0": false, "fa": false, "fal": false, "fals": false, "of": false}

func castBool(v Value, from Type) Value {
	if from.isNumber() {
		return intOf(v) != 0
	}
	x, known := booleans[strings.ToLower(strings.TrimSpace(textOf(v, from)))]
	if !known {
		malformed(Bool, v, from)
	}
	return x
}

// bounds are those of the whole numbers.
var bounds = map[Type][2]int64{Int2: {math.MinInt16, math.MaxInt16}, Int4: {math.MinInt32, math.MaxInt32}, Int8: {math.MinInt64, math.MaxInt64},
	OID: {0, math.MaxUint32}, XID: {0, math.MaxUint32}}

func castInt(v Value, from, to Type) Value {
	var n int64
	switch x := v.(type) {
	case bool:
		if x {
			n = 1
		}
	case float64:
		n = rounded(x, from)
	case string:
		parsed, err := strconv.ParseInt(strings.TrimSpace(x), 10, 64)
		if err != nil {
			malformed(to, v, from)
		}
		n = parsed
	default:
		n = intOf(v)
	}
	if b := bounds[to]; n < b[0] || n > b[1] {
		Fail(sqlerr.New(sqlerr.OutOfRange, "%s out of range", formalName(to)))
	}
	return n
}

// rounded is the nearest whole number: of a numeric that lies between two the one further from zero, of a float the even one.
func rounded(x float64, t Type) int64 {
	if t == Numeric {
		return int64(math.Round(x))
	}
	return int64(math.RoundToEven(x))
}

func castFloat(v Value, from, to Type) Value {
	s, isText := v.(string)
	if !isText {
		return numberOf(v)
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		malformed(to, v, from)
	}
	return f
}

// castArray makes an array of a text or of another array.
func (b *binding) castArray(env Env, v Value, from, to Type) Value {
	source, of := v, from
	if s, isText := v.(string); isText {
		source, of = readArray(s, to), Text.Array()
	}
	a, ok := source.(Array)
	if !ok {
		malformed(to, v, from)
	}
	out := make(Array, len(a))
	for i, item := range a {
		out[i] = b.cast(env, item, of.Element(), to.Element())
	}
	return out
}

// readArray reads {a,"b",NULL}, or for vectors numbers with blanks between them.
func readArray(s string, t Type) Array {
	if t == Int2Vector || t == OIDVector {
		return texts(strings.Fields(s))
	}
	r := arrayReader{s: strings.TrimSpace(s)}
	out, ok := r.read()
	if !ok || r.at != len(r.s) {
		Fail(sqlerr.New(sqlerr.InvalidText, "malformed array literal: %q", s))
	}
	return out
}

func texts(list []string) Array {
	out := make(Array, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

type arrayReader struct {
	s  string
	at int
}

func (r *arrayReader) read() (Array, bool) {
	if !strings.HasPrefix(r.s[r.at:], "{") {
		return nil, false
	}
	r.at++
	out := Array{}
	if strings.HasPrefix(r.s[r.at:], "}") {
		r.at++
		return out, true
	}
	for {
		v, ok := r.item()
		if !ok || r.at == len(r.s) {
			return nil, false
		}
		out = append(out, v)
		r.at++
		switch r.s[r.at-1] {
		case '}':
			return out, true
		case ',':
		default:
			return nil, false
		}
	}
}

func (r *arrayReader) item() (Value, bool) {
	var b strings.Builder
	quoted := strings.HasPrefix(r.s[r.at:], `"`)
	if quoted {
		r.at++
	}
	for ; r.at < len(r.s); r.at++ {
		c := r.s[r.at]
		if quoted && c == '"' {
			r.at++
			return b.String(), true
		}
		if !quoted && (c == ',' || c == '}') {
			s := strings.TrimSpace(b.String())
			if strings.EqualFold(s, "null") {
				return nil, true
			}
			return s, s != ""
		}
		if c == '\\' && r.at+1 < len(r.s) {
			r.at++
			c = r.s[r.at]
		}
		b.WriteByte(c)
	}
	return nil, false
}
