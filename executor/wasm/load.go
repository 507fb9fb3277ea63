package wasm

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"slipway/sql/sqlerr"
)

// module is a module that is compiled. Its instances run beside one another.
type module struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
}

// known holds the modules that were used last, so that a query, or the next task of a job, does not compile one again. What
// leaves it lives as long as its instances.
var known struct {
	sync.Mutex
	list []knownModule // the newest last
}

type knownModule struct {
	hash   string
	memory int
	*module
}

const keptModules = 16

// loaded gives the module of a hash, compiled.
func loaded(ctx context.Context, hash, packed string, memory int) (*module, error) {
	known.Lock()
	defer known.Unlock()
	same := func(k knownModule) bool { return k.hash == hash && k.memory == memory }
	if i := slices.IndexFunc(known.list, same); i >= 0 {
		k := known.list[i]
		known.list = append(slices.Delete(known.list, i, i+1), k)
		return k.module, nil
	}
	code, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	m, err := load(ctx, code, memory)
	if err != nil {
		return nil, err
	}
	if len(known.list) == keptModules {
		known.list = slices.Delete(known.list, 0, 1)
	}
	known.list = append(known.list, knownModule{hash, memory, m})
	return m, nil
}

// compiling is held by what compiles a module that may be given up.
var compiling = make(chan struct{}, 1)

// loadWithin is load, if it takes no longer; else the compiler goes on until it is done, for nothing.
func loadWithin(ctx context.Context, code []byte, memory int, limit time.Duration) (*module, error) {
	type answer struct {
		m   *module
		err error
	}
	ctx, end := context.WithTimeout(ctx, limit)
	defer end()
	done := make(chan answer, 1)
	go func() {
		select {
		case compiling <- struct{}{}:
			defer func() { <-compiling }()
		case <-ctx.Done():
			return
		}
		m, err := load(context.WithoutCancel(ctx), code, memory)
		done <- answer{m, err}
	}()
	select {
	case a := <-done:
		return a.m, a.err
	case <-ctx.Done():
		return nil, sqlerr.New(sqlerr.ProgramLimit, "the module takes longer than %s to compile", limit)
	}
}

// load compiles a module for a memory of at most so many bytes.
func load(ctx context.Context, code []byte, memory int) (m *module, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, invalid(fmt.Sprint(p))
		}
	}()
	code, growing, err := stripped(code)
	if err != nil {
		return nil, err
	}
	features := api.CoreFeaturesV2.SetEnabled(api.CoreFeatureSIMD, false).SetEnabled(api.CoreFeatureReferenceTypes, !growing)
	config := wazero.NewRuntimeConfig().WithCoreFeatures(features).WithMemoryLimitPages(uint32(max(1, memory/PageSize))).
		WithCloseOnContextDone(true).WithDebugInfoEnabled(false)
	r := wazero.NewRuntimeWithConfig(ctx, config)
	compiled, err := r.CompileModule(ctx, code)
	if err == nil {
		err = imports(ctx, r, compiled)
	} else {
		err = invalid(err.Error())
	}
	if err != nil {
		r.Close(ctx)
		return nil, err
	}
	return &module{r, compiled}, nil
}

const (
	wasiName   = "wasi_snapshot_preview1"
	scriptName = "env"
)

// imports gives a module what it may import.
func imports(ctx context.Context, r wazero.Runtime, c wazero.CompiledModule) error {
	asked := map[string]bool{}
	for _, f := range c.ImportedFunctions() {
		from, name, _ := f.Import()
		if from != wasiName && (from != scriptName || name != "abort") {
			return sqlerr.New(sqlerr.InvalidParameter, "the module imports %s.%s, which is not there", from, name).
				WithHint("A module may import abort of env (AssemblyScript) and %s, where there are no files, no clock and no chance.", wasiName)
		}
		asked[from] = true
	}
	if asked[wasiName] {
		if _, err := wasi_snapshot_preview1.Instantiate(ctx, r); err != nil {
			return invalid(err.Error())
		}
	}
	if asked[scriptName] {
		b := r.NewHostModuleBuilder(scriptName).NewFunctionBuilder().WithFunc(abort).Export("abort")
		if _, err := b.Instantiate(ctx); err != nil {
			return invalid(err.Error())
		}
	}
	return nil
}

// aborted is what abort of AssemblyScript ends a call with.
type aborted struct{ message string }

func (a aborted) Error() string { return a.message }

// abort is called with addresses of texts in UTF-16, in front of which their bytes are counted.
func abort(_ context.Context, m api.Module, message, file, line, column uint32) {
	panic(aborted{fmt.Sprintf("%s (%s:%d:%d)", scriptText(m.Memory(), message), scriptText(m.Memory(), file), line, column)})
}

func scriptText(m api.Memory, at uint32) string {
	if m == nil || at < 4 {
		return ""
	}
	n, _ := m.ReadUint32Le(at - 4)
	b, ok := m.Read(at, min(n, 2*maxMessage))
	if !ok {
		return ""
	}
	out := make([]rune, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		out = append(out, rune(b[i])|rune(b[i+1])<<8)
	}
	return string(out)
}
