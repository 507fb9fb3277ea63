package expr

import (
	"slipway/executor/column"
	"slipway/sql/types"
	"slipway/sql/value"
)

func init() {
	timeFuncs["number_to_char"] = func(Options) kernel { return numberToChar() }
	timeFuncs["to_number"] = func(Options) kernel { return toNumber() }
}

// numberTemplate is the template of the rows before; neighbours mostly have one.
type numberTemplate struct {
	text string
	*value.NumberTemplate
}

func (t *numberTemplate) take(b []byte) (err error) {
	if err := checkTemplate(b); err != nil {
		return err
	}
	if t.NumberTemplate == nil || string(b) != t.text {
		t.text = string(b)
		t.NumberTemplate, err = value.ReadNumberTemplate(t.text)
	}
	return err
}

// numberToChar makes a kernel of TO_CHAR of a number.
func numberToChar() kernel {
	t := new(numberTemplate)
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		if err := t.take(vs[1].Bytes(i)); err != nil {
			return false, err
		}
		off := len(out.Slab)
		var err error
		if vs[0].Type.Physical() == types.PhysicalFloat64 {
			out.Slab = t.AppendFloat(out.Slab, vs[0].Floats[i])
		} else {
			out.Slab, err = t.AppendDecimal(out.Slab, wide128(vs[0], i), scaleOf(vs[0].Type))
		}
		out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
		return true, err
	}
}

// toNumber makes a kernel of TO_NUMBER.
func toNumber() kernel {
	t := new(numberTemplate)
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		if err := t.take(vs[1].Bytes(i)); err != nil {
			return false, err
		}
		if t.text == "" {
			return false, nil
		}
		digits, err := t.Read(string(vs[0].Bytes(i)))
		if err != nil {
			return false, err
		}
		v, fault := value.ReadDecimal([]byte(digits), out.Type.Precision, out.Type.Scale)
		if fault != value.OK {
			return false, fault.Error(out.Type, []byte(digits))
		}
		return true, storeDecimal(out, i, v, true, out.Type)
	}
}
