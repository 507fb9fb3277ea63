package plan

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"reflect"
	"strconv"

	"slipway/sql/types"
)

// ErrDamaged: the bytes are not those of a plan, or not all of them.
var ErrDamaged = errors.New("plan: the bytes are damaged")

// Decode gives the plan of bytes that Encode made, here or in another process of this or an
// earlier version.
func Decode(b []byte) (*Dataflow, error) {
	head, body, _ := bytes.Cut(b, []byte("\n"))
	var version int
	var sum uint32
	switch n, err := fmt.Sscanf(string(head)+"\n", header, &version, &sum); {
	case n >= 1 && version > EncodingVersion:
		return nil, fmt.Errorf("plan: version %d is newer than this server reads (%d)", version, EncodingVersion)
	case err != nil || version < 1 || crc32.ChecksumIEEE(body) != sum:
		return nil, ErrDamaged
	}
	return decodeBody(body)
}

func decodeBody(body []byte) (*Dataflow, error) {
	j := json.NewDecoder(bytes.NewReader(body))
	j.UseNumber()
	var tree any
	if err := j.Decode(&tree); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrDamaged, err)
	}
	if _, err := j.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: something follows it", ErrDamaged)
	}
	f := &Dataflow{}
	if err := (&decoder{}).decode(reflect.ValueOf(f).Elem(), tree); err != nil {
		return nil, err
	}
	return f, f.joined()
}

// joined finds stages and edges that lead nowhere.
func (f *Dataflow) joined() error {
	for i := range f.Stages {
		if f.Stages[i].ID != i {
			return fmt.Errorf("%w: stage %d is number %d", ErrDamaged, i, f.Stages[i].ID)
		}
	}
	for _, e := range f.Edges {
		if e.From < 0 || e.From >= e.To || e.To >= len(f.Stages) || e.Port < 0 {
			return fmt.Errorf("%w: an edge leads from stage %d to port %d of %d", ErrDamaged, e.From, e.Port, e.To)
		}
	}
	return nil
}

func unfit(v reflect.Value, tree any) error {
	return fmt.Errorf("%w: a %T where a %s must be", ErrDamaged, tree, v.Type())
}

type decoder struct {
	// nodes are those of the expression that is being read, each nil once it is in another; nil
	// outside of an expression.
	nodes []Expr
}

// decode sets v, which is zero, to what the tree says.
func (d *decoder) decode(v reflect.Value, tree any) error {
	switch v.Kind() {
	case reflect.Bool:
		b, ok := tree.(bool)
		v.SetBool(b)
		if !ok {
			return unfit(v, tree)
		}
		return nil
	case reflect.Int, reflect.Int64, reflect.Uint8, reflect.Uint64:
		return decodeNumber(v, tree)
	case reflect.Float64:
		text, _ := tree.(string)
		x, err := strconv.ParseFloat(text, 64)
		v.SetFloat(x)
		return damaged(err)
	case reflect.String:
		return decodeText(v, tree)
	case reflect.Slice:
		return d.list(v, tree)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return d.decode(v.Elem(), tree)
	case reflect.Map, reflect.Interface, reflect.Struct:
		return d.object(v, tree)
	}
	return unfit(v, tree)
}

func damaged(err error) error {
	if err != nil {
		return fmt.Errorf("%w: %v", ErrDamaged, err)
	}
	return nil
}

func decodeNumber(v reflect.Value, tree any) error {
	n, ok := tree.(json.Number)
	if !ok {
		return unfit(v, tree)
	}
	if v.CanInt() {
		x, err := strconv.ParseInt(string(n), 10, v.Type().Bits())
		v.SetInt(x)
		return damaged(err)
	}
	x, err := strconv.ParseUint(string(n), 10, v.Type().Bits())
	v.SetUint(x)
	return damaged(err)
}

func decodeText(v reflect.Value, tree any) error {
	switch tree := tree.(type) {
	case string:
		v.SetString(tree)
		return nil
	case map[string]any:
		text, ok := tree["base64"].(string)
		b, err := base64.StdEncoding.DecodeString(text)
		if ok && len(tree) == 1 {
			v.SetString(string(b))
			return damaged(err)
		}
	}
	return unfit(v, tree)
}

func (d *decoder) list(v reflect.Value, tree any) error {
	list, ok := tree.([]any)
	if !ok {
		return unfit(v, tree)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
	for i, x := range list {
		if err := d.decode(v.Index(i), x); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) object(v reflect.Value, tree any) error {
	if v.Type() == typeOfType {
		text, _ := tree.(string)
		t, err := types.ParseStored(text)
		v.Set(reflect.ValueOf(t))
		return damaged(err)
	}
	if v.Type() == typeOfExpr {
		return d.expr(v, tree)
	}
	object, ok := tree.(map[string]any)
	switch {
	case !ok:
		return unfit(v, tree)
	case v.Kind() == reflect.Map:
		return d.properties(v, object)
	case v.Kind() == reflect.Interface:
		return d.tagged(v, object)
	}
	return d.fields(v, object)
}

func (d *decoder) properties(v reflect.Value, object map[string]any) error {
	v.Set(reflect.MakeMapWithSize(v.Type(), len(object)))
	for k, x := range object {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := d.decode(item, x); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(k), item)
	}
	return nil
}

func (d *decoder) tagged(v reflect.Value, object map[string]any) error {
	for name, x := range object {
		t, ok := tags.types[name]
		if !ok || !reflect.PointerTo(t).Implements(v.Type()) {
			return fmt.Errorf("plan: this server has no %s %q", v.Type(), name)
		}
		p := reflect.New(t)
		if err := d.decode(p.Elem(), x); err != nil {
			return err
		}
		v.Set(p)
	}
	if len(object) != 1 {
		return unfit(v, object)
	}
	return nil
}

func (d *decoder) fields(v reflect.Value, object map[string]any) error {
	for name, x := range object {
		f, ok := v.Type().FieldByName(name)
		if !ok || !f.IsExported() || len(f.Index) != 1 {
			return fmt.Errorf("plan: this server has no field %q of a %s", name, v.Type())
		}
		if err := d.decode(v.FieldByIndex(f.Index), x); err != nil {
			return err
		}
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); required(f) && v.Field(i).IsNil() {
			return fmt.Errorf("%w: a %s has no %s", ErrDamaged, v.Type(), f.Name)
		}
	}
	return nil
}
