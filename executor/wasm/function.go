package wasm

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Function is a function of a module with an instance of its own, for one task. One goroutine calls it.
type Function struct {
	module       *module
	name, export string
	time         time.Duration
	arguments    []kind
	given        kind
	result       types.Type

	instance    api.Module // nil until the first call, and after one that failed
	call        api.Function
	allocate    api.Function
	cleanup     runtime.Cleanup
	stack       [2]uint64
	block, size uint32 // memory of the instance that a batch lies in
	places      []place
	rows        []int32 // those of a call
	within      time.Duration
}

// New compiles the module of a call, unless another one has, and gives its function.
func New(e *plan.Call) (*Function, error) {
	m, err := loaded(context.Background(), e.Module.Hash, e.Module.Code, e.Module.Memory)
	if err != nil {
		return nil, err
	}
	f := &Function{module: m, name: e.Func, export: e.Module.Export, time: e.Module.Time, given: kindOf(e.Typ), result: e.Typ}
	for _, a := range e.Args {
		f.arguments = append(f.arguments, kindOf(a.Type()))
	}
	return f, nil
}

const (
	maxRows    = 1024    // of one call
	maxTexts   = 1 << 20 // bytes of texts of one call, if they are not those of one row
	maxMessage = 500
)

// Call computes the function for some rows and puts the values into out, which has a row for each of the vectors'; null
// makes one NULL. An error is that of some of the rows.
func (f *Function) Call(vs []*column.Vector, rows []int32, out *column.Vector, null func(row int)) error {
	for len(rows) > 0 {
		n := f.fitting(vs, rows)
		if err := f.some(vs, rows[:n], out, null); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// fitting is how many of the rows go into one call.
func (f *Function) fitting(vs []*column.Vector, rows []int32) int {
	n, texts := min(len(rows), maxRows), 0
	for at, row := range rows[:n] {
		for i, k := range f.arguments {
			if k == text {
				texts += int(vs[i].Views[row].Len)
			}
		}
		if at > 0 && texts > maxTexts {
			return at
		}
	}
	return n
}

func (f *Function) some(vs []*column.Vector, rows []int32, out *column.Vector, null func(row int)) error {
	if f.instance == nil {
		if err := f.begin(context.Background()); err != nil {
			return err
		}
	}
	ctx, end := context.WithTimeout(context.Background(), f.time)
	defer end()
	f.rows, f.within = rows, f.time
	size := f.layOut(vs)
	if err := f.reserve(ctx, size); err != nil {
		return err
	}
	memory, ok := f.instance.Memory().Read(f.block, size)
	if !ok {
		return f.lost("%s gave an address outside of its memory", allocate)
	}
	f.write(memory, vs)
	f.stack = [2]uint64{uint64(len(rows)), uint64(f.block)}
	if err := f.call.CallWithStack(ctx, f.stack[:]); err != nil {
		return f.failed(err)
	}
	if at := uint32(f.stack[0]); at != 0 {
		return sqlerr.New(ExternalRoutine, "function %s: %s", f.name, f.message(at))
	}
	return f.read(out, null)
}

// reserve sees that the block holds so many bytes.
func (f *Function) reserve(ctx context.Context, size uint32) error {
	if size <= f.size {
		return nil
	}
	size = max(size, 2*f.size) // so that blocks that a module never uses again are not more than the last
	f.stack[0] = uint64(size)
	if err := f.allocate.CallWithStack(ctx, f.stack[:1]); err != nil {
		return f.failed(err)
	}
	f.block, f.size = uint32(f.stack[0]), size
	if f.block == 0 || f.block%8 != 0 {
		return f.lost("%s gave %d for %d bytes", allocate, f.block, size)
	}
	return nil
}

// message is the text that ends with a zero byte at an address.
func (f *Function) message(at uint32) string {
	memory := f.instance.Memory()
	b, ok := memory.Read(at, min(maxMessage, memory.Size()-min(at, memory.Size())))
	if !ok {
		return "it failed"
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	return strings.ToValidUTF8(string(b), "�")
}

// begin makes the instance and finds what it exports.
func (f *Function) begin(ctx context.Context) error {
	ctx, end := context.WithTimeout(ctx, startTime)
	defer end()
	f.within = startTime
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize")
	m, err := f.module.runtime.InstantiateModule(ctx, f.module.compiled, config)
	if err != nil {
		return f.failed(err)
	}
	f.instance, f.call, f.allocate, f.size = m, m.ExportedFunction(f.export), m.ExportedFunction(allocate), 0
	f.cleanup = runtime.AddCleanup(f, func(m api.Module) { m.Close(context.Background()) }, m)
	i32 := api.ValueTypeI32
	switch {
	case m.Memory() == nil:
		return f.lost("it exports no memory")
	case !hasType(f.allocate, []api.ValueType{i32}, i32):
		return f.lost("it exports no function %s(size i32) i32", allocate)
	case !hasType(f.call, []api.ValueType{i32, i32}, i32):
		return f.lost("it exports no function %s(rows i32, columns i32) i32", f.export)
	}
	return nil
}

func hasType(f api.Function, params []api.ValueType, result api.ValueType) bool {
	return f != nil && bytes.Equal(f.Definition().ParamTypes(), params) && bytes.Equal(f.Definition().ResultTypes(), []api.ValueType{result})
}

// lost ends the instance with an error.
func (f *Function) lost(format string, args ...any) error {
	f.drop()
	return sqlerr.New(ExternalRoutine, "function "+f.name+": "+format, args...)
}

// failed ends the instance with what wazero says: nobody knows what a trap left in its memory.
func (f *Function) failed(err error) error {
	var exit *sys.ExitError
	var abort aborted
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == sys.ExitCodeDeadlineExceeded:
		return f.lost("it took longer than %s", f.within)
	case errors.As(err, &exit):
		return f.lost("it exited with code %d", exit.ExitCode())
	case errors.As(err, &abort):
		return f.lost("%s", abort.message)
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return f.lost("%s", strings.TrimSuffix(strings.TrimPrefix(line, "wasm error: "), " (recovered by wazero)"))
}

// drop ends the instance.
func (f *Function) drop() {
	if f.instance == nil {
		return
	}
	f.cleanup.Stop()
	f.instance.Close(context.Background())
	f.instance, f.call, f.allocate, f.block, f.size = nil, nil, nil, 0, 0
}
