package expr

import (
	"fmt"
	"math"
	"strings"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// rowFunc is a function computed row by row; present says whether the result is not NULL.
type rowFunc struct {
	args []Evaluator
	out  scratch
	vs   []*column.Vector
	f    kernel
	// nulls: it is computed for rows with NULLs too.
	nulls bool
}

// newNullFunc makes one that is computed for rows with NULLs too.
func newNullFunc(e *plan.Call, args []Evaluator, f kernel) *rowFunc {
	k := newRowFunc(e, args, f)
	k.nulls = true
	return k
}

type kernel func(vs []*column.Vector, out *column.Vector, i int) (present bool, err error)

func newRowFunc(e *plan.Call, args []Evaluator, f kernel) *rowFunc {
	return &rowFunc{args: args, out: newScratch(e.Typ), vs: make([]*column.Vector, len(args)), f: f}
}

func (k *rowFunc) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	for i, a := range k.args {
		var err error
		if k.vs[i], err = a.Eval(b, sel); err != nil {
			return nil, err
		}
	}
	out := k.out.ready(b.Rows)
	skip := k.vs
	if k.nulls {
		skip = nil
	}
	err := rows(b, sel, out, skip, func(i int) error {
		present, err := k.f(k.vs, out, i)
		if !present {
			k.out.setNull(i, b.Rows)
		}
		if err == nil && len(out.Slab) > maxText {
			err = checkRow(out, i)
		}
		return err
	})
	return out, err
}

// compileCall is the one switch from function to kernel.
func compileCall(e *plan.Call, o Options) (Evaluator, error) {
	if list := o.oneOf(e); list != nil {
		return compileOneOf(list, e, o)
	}
	args, err := compileAll(e.Args, o)
	if err != nil {
		return nil, err
	}
	if e.Module != nil {
		return compileModule(e, args)
	}
	switch e.Func {
	case "+", "-", "*", "/", "%", "div":
		return compileArithmetic(e, args)
	case "=", "!=", "<", "<=", ">", ">=", "<=>":
		return compileCompare(e, args)
	case "and", "or", "xor":
		return &logic{binary: binary{x: args[0], y: args[1], out: newScratch(e.Typ)}, op: e.Func}, nil
	case "not", "is_null", "is_true", "is_false":
		return &test{x: args[0], op: e.Func, out: newScratch(e.Typ)}, nil
	case "coalesce":
		return &coalesce{args: args, out: newScratch(e.Typ)}, nil
	case "greatest":
		return &extreme{args: args, out: newScratch(e.Typ), sign: 1}, nil
	case "least":
		return &extreme{args: args, out: newScratch(e.Typ), sign: -1}, nil
	case "split_index":
		return newSplitIndex(e, args), nil
	case "concat_ws":
		return &joined{args: args, out: newScratch(e.Typ)}, nil
	case "current_timestamp", "current_date", "current_time":
		return &clock{o: o, out: newScratch(e.Typ), typ: e.Typ}, nil
	case "utc_timestamp", "utc_date", "utc_time":
		return &clock{o: Options{Now: o.Now}, out: newScratch(e.Typ), typ: e.Typ}, nil
	case "array":
		return &arrayOf{args: args, out: newScratch(e.Typ), vs: make([]*column.Vector, len(args))}, nil
	case "point":
		return &pointOf{x: args[0], y: args[1], out: newScratch(e.Typ)}, nil
	case "row":
		return &rowOf{args: args, out: column.NewVector(e.Typ)}, nil
	case "field":
		return &field{x: args[0], number: int(e.Args[1].(*plan.Const).Int)}, nil
	case "element":
		return compileElement(e, args), nil
	case "json_value_or", "json_query_or":
		return compileFound(e, args, o)
	case "json_rows":
		return compileRows(e, args)
	case "json_exists_or":
		return compileExists(e, args)
	case "json_extract":
		return compileExtract(e, args)
	case "like", "ilike":
		return compileLike(e, args)
	case "regexp_replace":
		if len(args) > 3 {
			return compileReplace(e, args)
		}
		return compileRegexp(e, args)
	case "similar_to", "substring_similar":
		return compileSimilar(e, args)
	case "regexp", "regexp_extract":
		return compileRegexp(e, args)
	case "negate", "abs", "sign", "ceil", "floor", "round", "truncate":
		return compileNumber(e, args), nil
	}
	if s, ok := searches[e.Func]; ok {
		return compileSearch(e, args, s)
	}
	if op, word, ok := strings.Cut(e.Func, " "); ok {
		return &quantified{x: args[0], list: args[1], op: op, all: word == "all", out: newScratch(e.Typ)}, nil
	}
	if f, ok := floatFuncs[e.Func]; ok {
		return newRowFunc(e, args, func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
			x := vs[0].Floats[i]
			out.Floats[i] = f(x)
			return floatResult(e.Func, out.Floats[i], x)
		}), nil
	}
	if f, ok := statistics[e.Func]; ok {
		return newRowFunc(e, args, statistic(f)), nil
	}
	if f, ok := simple[e.Func]; ok {
		return newRowFunc(e, args, f), nil
	}
	if f, ok := jsonbPaths[e.Func]; ok {
		return compileJSONBPath(e, args, f)
	}
	if f, ok := pathFuncs[e.Func]; ok {
		return compilePath(e, args, f)
	}
	if f, ok := jsonTexts[e.Func]; ok {
		return newRowFunc(e, args, f), nil
	}
	for _, table := range []map[string]kernel{jsonbFuncs, arrayOperators} {
		if f, ok := table[e.Func]; ok {
			return newRowFunc(e, args, f), nil
		}
	}
	if f, ok := ofJSON[e.Func]; ok {
		return newRowFunc(e, args, f), nil
	}
	if f, ok := makesJSON[e.Func]; ok {
		return newNullFunc(e, args, f(e)), nil
	}
	if f, ok := ofArrays[e.Func]; ok {
		return newRowFunc(e, args, f), nil
	}
	if f, ok := randoms[e.Func]; ok {
		return newNullFunc(e, nil, f), nil
	}
	if f, ok := withNulls[e.Func]; ok {
		return newNullFunc(e, args, f), nil
	}
	if make, ok := intervalFuncs[e.Func]; ok {
		return newRowFunc(e, args, make(o)), nil
	}
	if make, ok := timeFuncs[e.Func]; ok {
		return newRowFunc(e, args, make(o)), nil
	}
	return nil, fmt.Errorf("expr: function %s has no kernel", e.Func)
}

var floatFuncs = map[string]func(float64) float64{
	"sqrt": math.Sqrt, "exp": exp, "ln": math.Log, "log10": math.Log10, "log2": math.Log2, "sin": math.Sin, "cos": math.Cos, "tan": math.Tan,
}

// floatResult judges what a function gave for finite arguments: no number, or the
// infinity that a logarithm has at zero, is NULL as in MySQL and Hive; what is too large
// is out of range. Arguments that are no numbers give what they give.
func floatResult(f string, z float64, args ...float64) (present bool, err error) {
	if finite(z) {
		return true, nil
	}
	for _, x := range args {
		if !finite(x) {
			return true, nil
		}
	}
	if !overflows[f] || z != z {
		return false, nil
	}
	return false, sqlerr.New(sqlerr.OutOfRange, "DOUBLE value is out of range in %s(%s)", f, shownList(args))
}

func shownList(args []float64) []byte {
	var text []byte
	for i, x := range args {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = append(text, shown(x)...)
	}
	return text
}

// exp is right up to the greatest number: math.Exp gives infinity a little before on some machines.
func exp(x float64) float64 {
	z := math.Exp(x)
	if math.IsInf(z, 1) && finite(x) {
		half := math.Exp(x / 2)
		return half * half
	}
	return z
}

// compileNumber makes the functions that keep a numeric type.
func compileNumber(e *plan.Call, args []Evaluator) Evaluator {
	t := e.Args[0].Type()
	if t.Kind == types.Interval {
		return newRowFunc(e, args, negateInterval)
	}
	if t.Physical() == types.PhysicalFloat64 {
		return newRowFunc(e, args, floatNumber(e.Func))
	}
	return newRowFunc(e, args, func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		v := column.Int128{}
		if vs[0].Type.Physical() == types.PhysicalInt128 {
			v = vs[0].Wides[i]
		} else {
			v = column.FromInt64(vs[0].Ints[i])
		}
		digits := int64(0)
		if len(vs) == 2 {
			digits = vs[1].Ints[i]
		}
		v, ok := exactNumber(e.Func, v, scaleOf(t), scaleOf(e.Typ), digits)
		if e.Typ.Kind == types.Decimal {
			return true, storeDecimal(out, i, v, ok, e.Typ)
		}
		n, fits := v.Int64()
		out.Ints[i] = n
		if !ok || !fits {
			return true, sqlerr.New(sqlerr.OutOfRange, "%s value is out of range in %s(%s)", e.Typ, e.Func, column.AppendText(nil, vs[0], i))
		}
		return true, nil
	})
}

// exactNumber works on scaled integers.
func exactNumber(f string, v column.Int128, from, to int, digits int64) (column.Int128, bool) {
	negative := v.Hi < 0
	switch f {
	case "negate":
		return v.Neg(), true
	case "abs":
		if negative {
			v = v.Neg()
		}
		return v, true
	case "sign":
		return column.FromInt64(int64(v.Cmp(column.Int128{}))), true
	case "ceil", "floor":
		whole := cut(v, from)
		if cut := whole; f == "ceil" && !negative && !isWhole(v, from) {
			return cut.Add(column.FromInt64(1))
		} else if f == "floor" && negative && !isWhole(v, from) {
			return cut.Sub(column.FromInt64(1))
		}
		return whole, true
	}
	if digits >= int64(from) {
		return v, true
	}
	drop := from - int(max(digits, -38))
	if f == "truncate" {
		v = cut(v, drop)
	} else if drop <= 38 {
		v, _ = v.Rescale(drop, 0)
	} else {
		v = column.Int128{}
	}
	if drop > 38 {
		return column.Int128{}, true
	}
	return v.Rescale(0, drop)
}

// cut drops digits toward zero.
func cut(v column.Int128, digits int) column.Int128 {
	if digits > 38 {
		return column.Int128{}
	}
	q, _ := v.QuoRem(value.WidePow10[digits])
	return q
}

func isWhole(v column.Int128, scale int) bool {
	_, r := v.QuoRem(value.WidePow10[scale])
	return r.IsZero()
}

func floatNumber(f string) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		x := vs[0].Floats[i]
		digits := 0.0
		if len(vs) == 2 {
			digits = float64(max(-400, min(vs[1].Ints[i], 400)))
		}
		switch f {
		case "negate":
			out.Floats[i] = -x
		case "abs":
			out.Floats[i] = math.Abs(x)
		case "ceil":
			out.Floats[i] = math.Ceil(x)
		case "floor":
			out.Floats[i] = math.Floor(x)
		case "round":
			out.Floats[i] = atDigits(x, digits, math.Round)
		case "truncate":
			out.Floats[i] = atDigits(x, digits, math.Trunc)
		case "sign":
			switch {
			case x > 0:
				out.Ints[i] = 1
			case x < 0:
				out.Ints[i] = -1
			default:
				out.Ints[i] = 0
			}
		}
		return true, nil
	}
}

// atDigits rounds at a number of digits behind the point, negative ones before it.
func atDigits(x, digits float64, round func(float64) float64) float64 {
	if digits < 0 {
		unit := math.Pow(10, -digits)
		if !finite(unit) {
			return 0
		}
		return round(x/unit) * unit
	}
	unit := math.Pow(10, digits)
	if z := round(x*unit) / unit; finite(z) {
		return z
	}
	return x // it has no digits so far behind the point
}
