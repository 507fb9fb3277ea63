package expr

import (
	"math"
	"math/bits"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// binary holds the two arguments of a kernel and its result.
type binary struct {
	x, y Evaluator
	out  scratch
	typ  types.Type
}

func (k *binary) args(b *column.Batch, sel []int32) (x, y, out *column.Vector, err error) {
	if x, err = k.x.Eval(b, sel); err != nil {
		return
	}
	if y, err = k.y.Eval(b, sel); err != nil {
		return
	}
	out = k.out.ready(b.Rows)
	k.out.both(out, x, y, b.Rows)
	return
}

func compileArithmetic(e *plan.Call, args []Evaluator) (Evaluator, error) {
	k := binary{x: args[0], y: args[1], out: newScratch(e.Typ), typ: e.Typ}
	if e.Typ.Physical() == types.PhysicalFloat64 {
		return &floatOp{k, e.Func}, nil
	}
	if e.Typ.Kind == types.Decimal {
		return newDecimalOp(k, e)
	}
	return &intOp{k, e.Func}, nil
}

// floatOp computes every row and checks them together; division by zero is made NULL.
type floatOp struct {
	binary
	op string
}

func (k *floatOp) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, y, out, err := k.args(b, sel)
	if err != nil {
		return nil, err
	}
	xs, ys, zs := x.Floats[:b.Rows], y.Floats[:b.Rows], out.Floats[:b.Rows]
	switch k.op {
	case "+":
		for i := range zs {
			zs[i] = xs[i] + ys[i]
		}
	case "-":
		for i := range zs {
			zs[i] = xs[i] - ys[i]
		}
	case "*":
		for i := range zs {
			zs[i] = xs[i] * ys[i]
		}
	case "/", "%":
		for i := range zs {
			switch {
			case ys[i] == 0:
				k.out.setNull(i, b.Rows)
				zs[i] = 0
			case k.op == "/":
				zs[i] = xs[i] / ys[i]
			default:
				zs[i] = math.Mod(xs[i], ys[i])
			}
		}
	}
	if allFinite(zs) {
		return out, nil
	}
	return out, rows(b, sel, out, []*column.Vector{x, y}, func(i int) error {
		switch {
		case finite(zs[i]):
		case finite(xs[i]) && finite(ys[i]):
			return sqlerr.New(sqlerr.OutOfRange, "DOUBLE value is out of range in %s %s %s", shown(xs[i]), k.op, shown(ys[i]))
		case zs[i] != zs[i]:
			zs[i] = math.NaN() // of all of them one: keys are compared by their bits
		}
		return nil
	})
}

func finite(x float64) bool { return x-x == 0 }

// allFinite: x-x is zero unless x is infinite or no number. Four sums, as they depend on
// nothing of each other.
func allFinite(xs []float64) bool {
	var a, b, c, d float64
	for ; len(xs) >= 4; xs = xs[4:] {
		a += xs[0] - xs[0]
		b += xs[1] - xs[1]
		c += xs[2] - xs[2]
		d += xs[3] - xs[3]
	}
	for _, x := range xs {
		a += x - x
	}
	return a+b+c+d == 0
}

func shown(x float64) []byte { return value.AppendFloat(nil, x, 64) }

// intOp is checked 64-bit arithmetic. Sums are computed for all rows and checked
// together; only where something overflowed are the rows looked at one by one,
// because an unselected or NULL row may overflow as it likes.
type intOp struct {
	binary
	op string
}

func (k *intOp) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, y, out, err := k.args(b, sel)
	if err != nil {
		return nil, err
	}
	xs, ys, zs := x.Ints[:b.Rows], y.Ints[:b.Rows], out.Ints[:b.Rows]
	switch k.op {
	case "+":
		bad := int64(0)
		for i, a := range xs {
			z := a + ys[i]
			zs[i] = z
			bad |= (a ^ z) & (ys[i] ^ z)
		}
		if bad < 0 {
			err = k.findOverflow(b, sel, out, xs, ys, func(a, c int64) bool { z := a + c; return (a^z)&(c^z) < 0 })
		}
	case "-":
		bad := int64(0)
		for i, a := range xs {
			z := a - ys[i]
			zs[i] = z
			bad |= (a ^ ys[i]) & (a ^ z)
		}
		if bad < 0 {
			err = k.findOverflow(b, sel, out, xs, ys, func(a, c int64) bool { return (a^c)&(a^(a-c)) < 0 })
		}
	case "*":
		bad := false
		for i, a := range xs {
			hi, lo := mul64(a, ys[i])
			zs[i] = lo
			bad = bad || hi != lo>>63
		}
		if bad {
			err = k.findOverflow(b, sel, out, xs, ys, func(a, c int64) bool { hi, lo := mul64(a, c); return hi != lo>>63 })
		}
	case "div", "%":
		if k.divide(b.Rows, xs, ys, zs) {
			err = k.findOverflow(b, sel, out, xs, ys, func(a, c int64) bool { return k.op == "div" && a == math.MinInt64 && c == -1 })
		}
	}
	return out, err
}

// divide: by zero is NULL (MySQL). The least number divided by -1 is beyond the greatest.
func (k *intOp) divide(n int, xs, ys, zs []int64) (overflow bool) {
	for i := range zs {
		switch {
		case ys[i] == 0:
			k.out.setNull(i, n)
		case ys[i] == -1 && k.op == "%":
			zs[i] = 0
		case k.op == "%":
			zs[i] = xs[i] % ys[i]
		default:
			zs[i] = xs[i] / ys[i]
			overflow = overflow || ys[i] == -1 && xs[i] == math.MinInt64
		}
	}
	return overflow
}

// mul64 is the full signed product.
func mul64(a, b int64) (hi, lo int64) {
	h, l := bits.Mul64(uint64(a), uint64(b))
	h -= uint64((a >> 63) & b)
	h -= uint64((b >> 63) & a)
	return int64(h), int64(l)
}

func (k *intOp) findOverflow(b *column.Batch, sel []int32, out *column.Vector, xs, ys []int64, over func(a, c int64) bool) error {
	check := func(i int) error {
		if !out.Null(i) && over(xs[i], ys[i]) {
			return sqlerr.New(sqlerr.OutOfRange, "BIGINT value is out of range in %d %s %d", xs[i], k.op, ys[i])
		}
		return nil
	}
	if sel == nil {
		for i := range b.Rows {
			if err := check(i); err != nil {
				return err
			}
		}
	}
	for _, i := range sel {
		if err := check(int(i)); err != nil {
			return err
		}
	}
	return nil
}

// decimalOp is exact arithmetic on scaled integers. Products and sums in 64 bits are
// one multiplication and one check; the rest goes through big integers.
type decimalOp struct {
	binary
	op     string
	xt, yt types.Type
	both64 bool
	limit  int64 // 10^precision of a 64-bit result
}

func newDecimalOp(k binary, e *plan.Call) (Evaluator, error) {
	d := &decimalOp{binary: k, op: e.Func, xt: e.Args[0].Type(), yt: e.Args[1].Type()}
	small := func(t types.Type) bool { return t.Physical() == types.PhysicalInt64 }
	d.both64 = small(d.xt) && small(d.yt) && small(e.Typ) && (e.Func == "+" || e.Func == "-" || e.Func == "*" && d.xt.Scale+d.yt.Scale == e.Typ.Scale)
	if small(e.Typ) {
		d.limit = value.Pow10[e.Typ.Precision]
	}
	return d, nil
}

func (k *decimalOp) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, y, out, err := k.args(b, sel)
	if err != nil {
		return nil, err
	}
	if k.both64 && k.fast(x.Ints[:b.Rows], y.Ints[:b.Rows], out.Ints[:b.Rows]) {
		return out, nil
	}
	vs := []*column.Vector{x, y}
	return out, rows(b, sel, out, vs, func(i int) error {
		if k.row(b.Rows, x, y, out, i) != nil {
			return k.overflow(x, y, i)
		}
		return nil
	})
}

// fast computes all rows in 64 bits; false if any left the range, and then the slow
// path decides whether a selected row did.
func (k *decimalOp) fast(xs, ys, zs []int64) bool {
	ok := true
	switch k.op {
	case "+":
		for i, a := range xs {
			z := a + ys[i]
			zs[i] = z
			ok = ok && z < k.limit && z > -k.limit
		}
	case "-":
		for i, a := range xs {
			z := a - ys[i]
			zs[i] = z
			ok = ok && z < k.limit && z > -k.limit
		}
	default:
		for i, a := range xs {
			hi, z := mul64(a, ys[i])
			zs[i] = z
			ok = ok && hi == z>>63 && z < k.limit && z > -k.limit
		}
	}
	return ok
}

// small computes what stays within 128 bits without big integers; done is false if
// it cannot.
func (k *decimalOp) small(x, y, out *column.Vector, i int) (done bool, err error) {
	switch k.op {
	case "+", "-":
		if scaleOf(k.xt) != k.typ.Scale || scaleOf(k.yt) != k.typ.Scale {
			return false, nil
		}
		a, c := wide128(x, i), wide128(y, i)
		if k.op == "-" {
			c = c.Neg()
		}
		z, ok := a.Add(c)
		return true, storeDecimal(out, i, z, ok, k.typ)
	case "*":
		if scaleOf(k.xt)+scaleOf(k.yt) != k.typ.Scale {
			return false, nil
		}
		a, ok1 := wide128(x, i).Int64()
		c, ok2 := wide128(y, i).Int64()
		if !ok1 || !ok2 {
			return false, nil
		}
		hi, lo := mul64(a, c)
		return true, storeDecimal(out, i, column.Int128{Hi: hi, Lo: uint64(lo)}, true, k.typ)
	}
	return false, nil
}

func wide128(v *column.Vector, i int) column.Int128 {
	if v.Type.Physical() == types.PhysicalInt128 {
		return v.Wides[i]
	}
	return column.FromInt64(v.Ints[i])
}

func (k *decimalOp) row(n int, x, y, out *column.Vector, i int) error {
	if done, err := k.small(x, y, out, i); done {
		return err
	}
	a, c := wide128(x, i), wide128(y, i)
	xs, ys := scaleOf(k.xt), scaleOf(k.yt)
	one, z, ok := column.Int128{Lo: 1}, column.Int128{}, true
	switch k.op {
	case "+":
		z, ok = a.Add(c)
	case "-":
		z, ok = a.Sub(c)
	case "*":
		if drop := xs + ys - k.typ.Scale; drop > 0 {
			one = value.WidePow10[drop]
		}
		z, ok = value.MulQuo(a, c, one)
		return k.store(out, i, z, ok)
	case "%", "/":
		if c.IsZero() {
			k.out.setNull(i, n)
			return nil
		}
		if k.op == "/" {
			z, ok = quotient(a, c, k.typ.Scale-xs+ys)
			return k.store(out, i, z, ok)
		}
		_, z = a.QuoRem(c)
	}
	if ok {
		z, ok = z.Rescale(xs, k.typ.Scale)
	}
	return k.store(out, i, z, ok)
}

// quotient is a*10^up/c. Beyond 38 digits the dividend is widened in two steps,
// which loses nothing that a result of 38 digits could hold.
func quotient(a, c column.Int128, up int) (column.Int128, bool) {
	if up <= 38 {
		return value.MulQuo(a, value.WidePow10[up], c)
	}
	a, ok := a.Rescale(0, up-38)
	if !ok {
		return a, false
	}
	return value.MulQuo(a, value.WidePow10[38], c)
}

func scaleOf(t types.Type) int {
	if t.Kind == types.Decimal {
		return t.Scale
	}
	return 0
}

func (k *decimalOp) store(out *column.Vector, i int, v column.Int128, ok bool) error {
	return storeDecimal(out, i, v, ok, k.typ)
}

// overflow names the numbers that led to it.
func (k *decimalOp) overflow(x, y *column.Vector, i int) error {
	return sqlerr.New(sqlerr.OutOfRange, "%s value is out of range in %s %s %s", k.typ, column.AppendText(nil, x, i), k.op, column.AppendText(nil, y, i))
}

// storeDecimal puts a scaled value into a vector of a DECIMAL type, or 22003.
func storeDecimal(out *column.Vector, i int, v column.Int128, ok bool, t types.Type) error {
	if ok {
		if n, small := v.Int64(); t.Physical() == types.PhysicalInt64 {
			if small && n < value.Pow10[t.Precision] && n > -value.Pow10[t.Precision] {
				out.Ints[i] = n
				return nil
			}
		} else if v.Within(t.Precision) {
			out.Wides[i] = v
			return nil
		}
	}
	text := "a value"
	if ok {
		text = string(value.AppendDecimal128(nil, v, t.Scale))
	}
	return outOfRange(text, t)
}
