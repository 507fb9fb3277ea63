package plan

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"slipway/sql/types"
)

// A plan as bytes is one line with a version and a checksum, and behind it JSON: a struct is an
// object of its fields that are not zero, an operator an object of one field, its tag, and an
// expression a list of such objects (encode_expr.go). Fields and tags are never renamed, nor given another meaning: testdata/encoded pins
// them. A reader refuses what it does not know, since a plan that is half understood would run
// and give wrong rows.
//
// The bytes hold the properties of sources and sinks with the secrets in them, as a process that
// runs the plan needs them: they are no text for a log or a client, and a file or a topic of them
// must be guarded like the catalog.

// EncodingVersion is what this server writes, and the newest it reads.
const EncodingVersion = 1

const header = "slipway plan %d %08x\n"

// tags names the operators and expressions; each type adds its own.
var tags = struct {
	of    map[reflect.Type]string
	types map[string]reflect.Type
}{map[reflect.Type]string{}, map[string]reflect.Type{}}

// tag gives a type that stands behind an interface its name in the bytes.
func tag[T any](name string) bool {
	t := reflect.TypeFor[T]()
	tags.of[t], tags.types[name] = name, t
	return true
}

// Encode gives the plan as bytes.
func (f *Dataflow) Encode() ([]byte, error) {
	body := &encoder{}
	if err := body.value(reflect.ValueOf(f).Elem()); err != nil {
		return nil, err
	}
	out := fmt.Appendf(nil, header, EncodingVersion, crc32.ChecksumIEEE(body.Bytes()))
	return append(out, body.Bytes()...), nil
}

type encoder struct {
	bytes.Buffer
	nodes *nodes // of the expression that is being written; nil outside of one
}

var (
	typeOfType = reflect.TypeFor[types.Type]()
	typeOfExpr = reflect.TypeFor[Expr]()
)

func (e *encoder) value(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Bool:
		e.Write(strconv.AppendBool(e.AvailableBuffer(), v.Bool()))
	case reflect.Int, reflect.Int64:
		e.Write(strconv.AppendInt(e.AvailableBuffer(), v.Int(), 10))
	case reflect.Uint8, reflect.Uint64:
		e.Write(strconv.AppendUint(e.AvailableBuffer(), v.Uint(), 10))
	case reflect.Float64:
		e.text(strconv.FormatFloat(v.Float(), 'g', -1, 64))
	case reflect.String:
		e.text(v.String())
	case reflect.Slice:
		return e.list(v)
	case reflect.Map:
		return e.properties(v)
	case reflect.Pointer:
		return e.value(v.Elem())
	case reflect.Interface:
		if v.Type() == typeOfExpr {
			return e.expr(v)
		}
		return e.tagged(v)
	case reflect.Struct:
		if v.Type() == typeOfType {
			e.text(v.Interface().(types.Type).Stored())
			return nil
		}
		return e.fields(v)
	default:
		return fmt.Errorf("plan: a %s cannot be encoded", v.Type())
	}
	return nil
}

// text writes a string; one that is no UTF-8 would not survive as JSON.
func (e *encoder) text(s string) {
	if !utf8.ValidString(s) {
		fmt.Fprintf(e, `{"base64":%q}`, base64.StdEncoding.EncodeToString([]byte(s)))
		return
	}
	b, _ := json.Marshal(s)
	e.Write(b)
}

func (e *encoder) list(v reflect.Value) error {
	e.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			e.WriteByte(',')
		}
		if err := e.value(v.Index(i)); err != nil {
			return err
		}
	}
	e.WriteByte(']')
	return nil
}

func (e *encoder) properties(v reflect.Value) error {
	m, ok := v.Interface().(map[string]string)
	if !ok {
		return fmt.Errorf("plan: a %s cannot be encoded", v.Type())
	}
	e.WriteByte('{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if !utf8.ValidString(k) {
			return fmt.Errorf("plan: a property is called %q", k)
		}
		if i > 0 {
			e.WriteByte(',')
		}
		e.text(k)
		e.WriteByte(':')
		e.text(m[k])
	}
	e.WriteByte('}')
	return nil
}

// name writes the name of a field or a tag, which needs no escapes.
func (e *encoder) name(s string) {
	e.WriteByte('"')
	e.WriteString(s)
	e.WriteString(`":`)
}

// tagged writes what stands behind an interface: a pointer to a struct that has a tag.
func (e *encoder) tagged(v reflect.Value) error {
	if v.IsNil() {
		return fmt.Errorf("plan: there is no %s where one must be", v.Type())
	}
	p := v.Elem()
	if p.Kind() != reflect.Pointer || p.IsNil() || tags.of[p.Type().Elem()] == "" {
		return fmt.Errorf("plan: %s has no tag", p.Type())
	}
	e.WriteByte('{')
	e.name(tags.of[p.Type().Elem()])
	if err := e.value(p.Elem()); err != nil {
		return err
	}
	e.WriteByte('}')
	return nil
}

func (e *encoder) fields(v reflect.Value) error {
	e.WriteByte('{')
	first := true
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if v.Field(i).IsZero() && !required(f) {
			continue
		}
		if !f.IsExported() {
			return fmt.Errorf("plan: %s.%s cannot be encoded", v.Type(), f.Name)
		}
		if !first {
			e.WriteByte(',')
		}
		first = false
		e.name(f.Name)
		if err := e.value(v.Field(i)); err != nil {
			return err
		}
	}
	e.WriteByte('}')
	return nil
}

// required tells a field that must hold an operator or an expression; `plan:"optional"` may not.
func required(f reflect.StructField) bool {
	return f.Type.Kind() == reflect.Interface && f.Tag.Get("plan") != "optional"
}
