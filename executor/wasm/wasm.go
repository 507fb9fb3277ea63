// Package wasm runs functions that are compiled to WebAssembly, a batch of rows at a call. It is the door to wazero.
//
// A module is somebody else's program. It has its own memory, bounded in pages, and nothing of the process: what it may
// import is abort of AssemblyScript, and of WASI what a compiler's runtime asks for as it begins, without files,
// clock and chance. A call ends with its time, a trap ends the instance and not the process, and the next call has a new one.
// docs/sql/wasm.md has what a function is given and gives.
package wasm

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"time"

	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

const (
	// MaxModule bounds the bytes of a module.
	MaxModule = 8 << 20
	// PageSize is the unit of a module's memory.
	PageSize = 64 << 10
	// allocate is the export that gives memory for a batch: a size in bytes to an address that 8 divides.
	allocate = "slipway_alloc"
	// startTime bounds what a module does before its first call.
	startTime = 500 * time.Millisecond
	// compileTime is how long CREATE FUNCTION waits for the compiler. Nobody can stop that one; what it may be given
	// (instructions.go) bounds how long it goes on, and it compiles one such module at a time.
	compileTime = 10 * time.Second
)

// ExternalRoutine is the SQLSTATE of what goes wrong in a function.
const ExternalRoutine = sqlerr.ExternalRoutine

// Pack gives a module as it is kept, and its name: a hash of its bytes.
func Pack(code []byte) (packed, hash string) {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	w.Write(code) // a buffer takes everything
	w.Close()
	sum := sha256.Sum256(code)
	return base64.StdEncoding.EncodeToString(b.Bytes()), hex.EncodeToString(sum[:])
}

// unpack gives the bytes of a module that Pack was given.
func unpack(packed string) ([]byte, error) {
	r, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, bytes.NewReader([]byte(packed))))
	if err != nil {
		return nil, sqlerr.New(sqlerr.DataCorrupted, "the module is damaged: %v", err)
	}
	code, err := io.ReadAll(io.LimitReader(r, MaxModule+1))
	if err != nil || len(code) > MaxModule {
		return nil, sqlerr.New(sqlerr.DataCorrupted, "the module is damaged")
	}
	return code, nil
}

// Shown gives the bytes of a packed module in base64, as CREATE FUNCTION takes them; empty if it is damaged.
func Shown(packed string) string {
	code, _ := unpack(packed)
	return base64.StdEncoding.EncodeToString(code)
}

// Check compiles a module, begins it and looks for a function in it, so that what cannot run is refused when it is declared.
func Check(ctx context.Context, code []byte, m *plan.Module, arguments []types.Type, result types.Type) error {
	f := shaped(m, arguments, result)
	return f.check(ctx, code, m)
}

// check begins a module for an instance that has none yet.
func (f *instance) check(ctx context.Context, code []byte, m *plan.Module) (err error) {
	f.name, f.limit = m.Export, m.Time
	if f.module, err = loadWithin(ctx, code, m.Memory, compileTime); err != nil {
		return err
	}
	defer f.drop()
	if err = f.begin(ctx); err == nil && f.checked != nil {
		f.checked()
	}
	return err
}

// Taken tells a type that functions take and give.
func Taken(t types.Type) bool { return kindOf(t) != noKind }

// kind is how values of a type lie in a module's memory. Modules are compiled against the numbers.
type kind uint32

const (
	noKind   kind = 0
	boolean  kind = 1 // a byte, 0 or 1
	whole    kind = 2 // 8 bytes: an integer, days or microseconds, a DECIMAL times 10^scale
	float    kind = 3 // 8 bytes
	wide     kind = 4 // 16 bytes: a DECIMAL of more than 18 digits times 10^scale
	text     kind = 5 // bytes, by offsets
	rowsOf   kind = 6 // rows by offsets, whose columns follow
	interval kind = 7 // 16 bytes: microseconds, days, months
)

// widths are the bytes of a value.
var widths = [...]int{boolean: 1, whole: 8, float: 8, wide: 16, text: 0, rowsOf: 0, interval: 16}

func kindOf(t types.Type) kind {
	switch t.Kind {
	case types.Boolean:
		return boolean
	case types.BigInt, types.Date, types.Timestamp, types.TimestampTZ, types.Time:
		return whole
	case types.Double:
		return float
	case types.String, types.Binary:
		return text
	case types.Interval:
		return interval
	case types.Decimal:
		if t.Physical() == types.PhysicalInt128 {
			return wide
		}
		return whole
	}
	return noKind
}

func kindsOf(list []types.Type) []kind {
	out := make([]kind, len(list))
	for i, t := range list {
		out[i] = kindOf(t)
	}
	return out
}
