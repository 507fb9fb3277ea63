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
)

const (
	maxRows    = 1024    // of one call
	maxTexts   = 1 << 20 // bytes of texts of one call, if they are not those of one row
	maxMessage = 500
)

// instance is a module with a memory of its own, for one task. One goroutine calls it.
type instance struct {
	module  *module
	name    string // of the function, for people
	limit   time.Duration
	exports []export

	running     api.Module     // nil until the first call, and after one that failed
	calls       []api.Function // those of exports; nil where it is not there
	allocate    api.Function
	cleanup     runtime.Cleanup
	stack       [3]uint64
	block, size uint32 // memory that a batch lies in
	within      time.Duration
	checked     func() // called by check when its exports are known
}

// export is a function that a module is asked for: how many numbers of 32 bits it takes.
type export struct {
	name     string
	params   int
	optional bool
}

func newInstance(m *plan.Module, name string, exports ...export) (instance, error) {
	loaded, err := loaded(context.Background(), m.Hash, m.Code, m.Memory)
	return instance{module: loaded, name: name, limit: m.Time, exports: exports}, err
}

// fitting is how many of the rows go into one call.
func fitting(kinds []kind, vs []*column.Vector, rows []int32) int {
	n, texts := min(len(rows), maxRows), 0
	for at, row := range rows[:n] {
		for i, k := range kinds {
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

// run makes room for a block, has it written, and calls an export with the numbers of rows and groups.
func (f *instance) run(which int, size uint32, write func(m []byte), rows, groups int) error {
	if f.running == nil {
		if err := f.begin(context.Background()); err != nil {
			return err
		}
	}
	ctx, end := context.WithTimeout(context.Background(), f.limit)
	defer end()
	f.within = f.limit
	if err := f.reserve(ctx, size); err != nil {
		return err
	}
	memory, ok := f.running.Memory().Read(f.block, size)
	if !ok {
		return f.lost("%s gave an address outside of its memory", allocate)
	}
	write(memory)
	f.stack = [3]uint64{uint64(rows), uint64(f.block), uint64(groups)}
	if err := f.calls[which].CallWithStack(ctx, f.stack[:f.exports[which].params]); err != nil {
		return f.failed(err)
	}
	if at := uint32(f.stack[0]); at != 0 {
		return sqlerr.New(ExternalRoutine, "function %s: %s", f.name, f.message(at))
	}
	return nil
}

// reserve sees that the block holds so many bytes.
func (f *instance) reserve(ctx context.Context, size uint32) error {
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
func (f *instance) message(at uint32) string {
	memory := f.running.Memory()
	b, ok := memory.Read(at, min(maxMessage, memory.Size()-min(at, memory.Size())))
	if !ok {
		return "it failed"
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	return strings.ToValidUTF8(string(b), "�")
}

// begin makes the instance and finds what it exports.
func (f *instance) begin(ctx context.Context) error {
	ctx, end := context.WithTimeout(ctx, startTime)
	defer end()
	f.within = startTime
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize")
	m, err := f.module.runtime.InstantiateModule(ctx, f.module.compiled, config)
	if err != nil {
		return f.failed(err)
	}
	f.running, f.calls, f.allocate, f.size = m, f.calls[:0], m.ExportedFunction(allocate), 0
	f.cleanup = runtime.AddCleanup(f, func(m api.Module) { m.Close(context.Background()) }, m)
	i32 := api.ValueTypeI32
	switch {
	case m.Memory() == nil:
		return f.lost("it exports no memory")
	case !hasType(f.allocate, []api.ValueType{i32}, i32):
		return f.lost("it exports no function %s(size i32) i32", allocate)
	}
	for _, e := range f.exports {
		call := m.ExportedFunction(e.name)
		if (call != nil || !e.optional) && !hasType(call, []api.ValueType{i32, i32, i32}[:e.params], i32) {
			return f.lost("it exports no function %s(%s) i32", e.name, [...]string{2: "rows i32, columns i32", 3: "rows i32, columns i32, groups i32"}[e.params])
		}
		f.calls = append(f.calls, call)
	}
	return nil
}

func hasType(f api.Function, params []api.ValueType, result api.ValueType) bool {
	return f != nil && bytes.Equal(f.Definition().ParamTypes(), params) && bytes.Equal(f.Definition().ResultTypes(), []api.ValueType{result})
}

// lost ends the instance with an error.
func (f *instance) lost(format string, args ...any) error {
	f.drop()
	return sqlerr.New(ExternalRoutine, "function "+f.name+": "+format, args...)
}

// failed ends the instance with what wazero says: nobody knows what a trap left in its memory.
func (f *instance) failed(err error) error {
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
func (f *instance) drop() {
	if f.running == nil {
		return
	}
	f.cleanup.Stop()
	f.running.Close(context.Background())
	f.running, f.calls, f.allocate, f.block, f.size = nil, nil, nil, 0, 0
}
