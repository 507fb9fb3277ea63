package wasm

import (
	"errors"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Function is a function of a module with an instance of its own, for one task. One goroutine calls it.
type Function struct {
	instance
	arguments []kind
	result    types.Type
	given     kind
	// columns are those of the rows that a function that gives a table gives for one.
	columns []types.Field
	most    int // of these rows
	taken   int // bytes of them since Call began
	layout
}

// New compiles the module of a call, unless another one has, and gives its function.
func New(e *plan.Call) (*Function, error) {
	args := make([]types.Type, len(e.Args))
	for i, a := range e.Args {
		args[i] = a.Type()
	}
	f := shaped(e.Module, args, e.Typ)
	var err error
	f.instance, err = newInstance(e.Module, e.Func, f.exports...)
	return f, err
}

// shaped is a function without an instance.
func shaped(m *plan.Module, arguments []types.Type, result types.Type) *Function {
	f := &Function{instance: instance{exports: []export{{name: m.Export, params: 2}}}, given: kindOf(result), result: result, most: m.Rows, arguments: kindsOf(arguments)}
	if isTable(result) {
		f.given, f.columns = rowsOf, result.Fields()[0].Type.Fields()
	}
	return f
}

// isTable tells the result of a function that gives rows: an array of them.
func isTable(t types.Type) bool {
	return t.Kind == types.Array && t.IsNested() && t.Fields()[0].Type.Kind == types.Struct
}

// Call computes the function for some rows and puts the values into out, which has a row for each of the vectors'; null
// makes one NULL. An error is that of some of the rows.
func (f *Function) Call(vs []*column.Vector, rows []int32, out *column.Vector, null func(row int)) error {
	f.taken = 0
	for most := maxRows; len(rows) > 0; {
		n := min(most, fitting(f.arguments, vs, rows))
		before := f.taken
		err := f.some(vs, rows[:n], out, null)
		switch {
		case errors.Is(err, errTooLarge) && n > 1:
			most, f.taken = n/2, before
			continue
		case errors.Is(err, errTooLarge):
			return sqlerr.New(sqlerr.ProgramLimit, "function %s gives rows of more than %d MB for one", f.name, maxTable>>20)
		case err != nil:
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// maxTable bounds the bytes of the rows that are given for one, and for those of one call.
const maxTable = 16 << 20

var errTooLarge = errors.New("wasm: the rows that a call gives are too large")

// Taken is how many bytes the tables had that the last Call gave.
func (f *Function) Taken() int { return f.taken }

func (f *Function) some(vs []*column.Vector, rows []int32, out *column.Vector, null func(row int)) error {
	f.begins(len(vs) + 1 + len(f.columns))
	for i, v := range vs {
		f.column(f.arguments[i], v, rows)
	}
	if f.given == rowsOf {
		f.openColumns(f.columns, len(rows))
	} else {
		f.room(f.given, len(rows))
	}
	err := f.run(0, f.end, func(m []byte) { f.write(m, f.block, vs, rows) }, len(rows), 0)
	if err != nil {
		return err
	}
	if f.given == rowsOf {
		return f.readTable(out, rows)
	}
	return f.read(out, rows, null)
}

// read takes the result out of the module's memory. What it finds there is no more to be trusted than what a client sends.
func (f *Function) read(out *column.Vector, rows []int32, null func(row int)) error {
	at := len(f.places) - 1
	values, err := f.find(at, f.given, len(rows), f.block, f.places[at])
	if err != nil {
		return err
	}
	for n, row := range rows {
		if values.null(n) {
			null(int(row))
		} else if err := values.put(&f.instance, out, int(row), n, f.result); err != nil {
			return err
		}
	}
	return nil
}

// readTable takes the rows out that were given for each: out is an array of rows.
func (f *Function) readTable(out *column.Vector, rows []int32) error {
	at := len(f.places) - 1 - len(f.columns)
	items, before := out.Kids[0], f.taken
	bounds, ok := f.running.Memory().Read(f.block+f.places[at].offsets, uint32(len(rows)+1)*4)
	if !ok {
		return f.lost("its memory is gone")
	}
	first := items.Len()
	count, err := f.readBounds(out, rows, bounds, uint32(first))
	if err != nil {
		return err
	}
	items.Grow(first + count)
	for i, c := range f.columns {
		if f.taken += count * max(8, widths[kindOf(c.Type)]); f.taken-before > maxTable {
			return errTooLarge
		}
		if err := f.readColumn(items.Kids[i], at+1+i, first, count, c.Type); err != nil {
			return err
		}
	}
	if f.taken-before > maxTable {
		return errTooLarge
	}
	return nil
}

// readBounds sets which of the rows behind the first are those of each.
func (f *Function) readBounds(out *column.Vector, rows []int32, bounds []byte, first uint32) (count int, err error) {
	before := uint32(0)
	for n, row := range rows {
		end := little.Uint32(bounds[n*4+4:])
		if end < before || little.Uint32(bounds) != 0 {
			return 0, f.lost("the rows that it gives are not in order")
		}
		if int(end-before) > f.most {
			return 0, sqlerr.New(sqlerr.ProgramLimit, "function %s gives %d rows for one, at most %d are taken", f.name, end-before, f.most).
				WithHint("\"rows.limit\" of the function is that number.")
		}
		if end > maxTable {
			return 0, errTooLarge
		}
		out.Views[row] = column.View{Off: first + before, Len: end - before}
		before = end
	}
	return int(before), nil
}

// readColumn takes so many values of a column that the function has set behind the first ones of v.
func (f *Function) readColumn(v *column.Vector, at, first, n int, t types.Type) error {
	values, err := f.find(at, kindOf(t), n, 0, place{})
	if err != nil {
		return err
	}
	slab := len(v.Slab)
	if values.kind == text {
		clear(v.Views[first:]) // also that of a NULL must be readable
	}
	for i := range n {
		if values.null(i) {
			v.SetNull(first + i)
		} else if err := values.put(&f.instance, v, first+i, i, t); err != nil {
			return err
		}
		if len(v.Slab)-slab > maxTable {
			return errTooLarge
		}
	}
	v.Present()
	f.taken += len(v.Slab) - slab
	return nil
}
