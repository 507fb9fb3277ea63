package wasm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

var bigint, str = types.Of(types.BigInt), types.Of(types.String)

// function declares f of a module, as CREATE FUNCTION and a plan do.
func function(t testing.TB, code []byte, export string, limit time.Duration, result types.Type, args ...types.Type) (*Function, error) {
	t.Helper()
	return functionOf(t, 4<<20, code, export, limit, result, args...)
}

func functionOf(t testing.TB, memory int, code []byte, export string, limit time.Duration, result types.Type, args ...types.Type) (*Function, error) {
	t.Helper()
	packed, hash := Pack(code)
	m := &plan.Module{Hash: hash, Code: packed, Export: export, Memory: memory, Time: limit, Rows: 10000}
	if err := Check(context.Background(), code, m, args, result); err != nil {
		return nil, err
	}
	e := &plan.Call{Func: "d." + export, Typ: result, Module: m}
	for _, a := range args {
		e.Args = append(e.Args, &plan.Column{Typ: a})
	}
	return New(e)
}

// run calls a function for rows and gives what comes as text.
func run(f *Function, out *column.Vector, rows []int32, args ...*column.Vector) (string, error) {
	out.Reset()
	out.Grow(args[0].Len())
	err := f.Call(args, rows, out, func(row int) { out.SetNull(row) })
	text := ""
	for _, row := range rows {
		if out.Null(int(row)) {
			text += "NULL "
		} else if err == nil {
			text += string(column.AppendText(nil, out, int(row))) + " "
		}
	}
	return strings.TrimSpace(text), err
}

func example(t testing.TB, path string) []byte {
	t.Helper()
	code, err := os.ReadFile("../../docs/examples/wasm/" + path + ".wasm")
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func numbers(list ...int64) *column.Vector {
	v := column.NewVector(bigint)
	for _, x := range list {
		v.AppendInt(x)
	}
	return v
}

// TestRows: only the rows that are wanted are given and read, and a batch of more rows and longer texts than one call takes is several.
func TestRows(t *testing.T) {
	f, err := function(t, example(t, "rust/functions"), "mask", time.Minute, str, str, bigint)
	if err != nil {
		t.Fatal(err)
	}
	s := column.NewVector(str)
	for _, x := range []string{"secret", "no", "鱼鱼鱼", ""} {
		s.AppendBytes([]byte(x))
	}
	s.AppendNull()
	out := column.NewVector(str)
	if got, err := run(f, out, []int32{0, 2, 3, 4}, s, numbers(2, -1, 1, 1, 1)); got != "****et **鱼  NULL" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	_, err = run(f, out, []int32{0, 1}, s, numbers(2, -1, 1, 1, 1))
	if e := sqlerr.From(err); e.Code != ExternalRoutine || e.Message != "function d.mask: keep is below zero" {
		t.Errorf("%v", err)
	}
	many, keep, rows := column.NewVector(str), column.NewVector(bigint), []int32{}
	for i := range 3000 {
		many.AppendBytes([]byte(fmt.Sprintf("%0*d", 1+i%2000, i)))
		keep.AppendInt(3)
		rows = append(rows, int32(i))
	}
	if _, err := run(f, out, rows, many, keep); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		want := []byte(fmt.Sprintf("%0*d", 1+i%2000, i))
		for n := range len(want) - 3 {
			want[n] = '*'
		}
		if got := out.Bytes(i); string(got) != string(want) {
			t.Fatalf("row %d is %q", i, got)
		}
	}
}

// TestHostile: whatever a module does, it ends soon, takes bounded memory and gives an error with a SQLSTATE; afterwards the function can be called again.
func TestHostile(t *testing.T) {
	forever := []byte{loop, emptyBlock, branch, 0, end}
	zero := []byte{i32Const, 0}
	for name, c := range map[string]struct {
		code   []byte
		result types.Type
		fault  sqlerr.Code
		says   string
	}{
		"endless":        {giving(body(append(forever, zero...)...), 1, nil), bigint, ExternalRoutine, "longer than"},
		"trap":           {giving(body(unreachable), 1, nil), bigint, ExternalRoutine, "unreachable"},
		"deep":           {giving(body(localGet, 0, localGet, 1, call, 1), 1, nil), bigint, ExternalRoutine, "stack overflow"},
		"grows":          {giving(body(loop, emptyBlock, i32Const, 16, grow, 0, drop, branch, 0, end, i32Const, 0), 1, nil), bigint, ExternalRoutine, "longer than"},
		"begins endless": {giving(body(zero...), 1, map[byte][]byte{3: list([]byte{0}, []byte{1}, []byte{2}), 8: leb(2), 10: list(body(i32Const, 0x80, 0x08), body(zero...), body(forever...))}), bigint, ExternalRoutine, "longer than"},
		"begins large":   {giving(body(zero...), 100, nil), bigint, sqlerr.InvalidParameter, "memory"},
		"far text":       {giving(body(localGet, 1, i32Const, 0x7f, i32Store, 2, 24, localGet, 1, i32Const, 0x7f, i32Store, 2, 0, i32Const, 0), 1, nil), str, "", ""},
		"far message":    {giving(body(i32Const, 0x7f), 1, nil), bigint, ExternalRoutine, "it failed"},
		"no such export": {giving(body(zero...), 1, map[byte][]byte{7: list(append([]byte{6}, "memory\x02\x00"...), append([]byte{13}, "slipway_alloc\x00\x00"...))}), bigint, ExternalRoutine, "exports no function f"},
		"no memory":      {giving(body(zero...), 1, map[byte][]byte{5: list()}), bigint, sqlerr.InvalidParameter, "no WebAssembly module"},
		"imports":        {giving(body(zero...), 1, map[byte][]byte{2: list(append(append(append([]byte{3}, "net"...), append([]byte{4}, "dial"...)...), 0, 2))}), bigint, sqlerr.InvalidParameter, ""},
		"a large table":  {giving(body(zero...), 1, map[byte][]byte{4: list(append([]byte{0x70, 0}, leb(100_000_000)...))}), bigint, sqlerr.ProgramLimit, "a table is too large"},
		"grows a table":  {giving(body(0xd0, 0x70, i32Const, 0xff, 0xff, 0xff, 0xff, 0x07, 0xfc, 15, 0, drop, i32Const, 0), 1, map[byte][]byte{4: list([]byte{0x70, 0, 1})}), bigint, sqlerr.InvalidParameter, "no WebAssembly module"},
		"many locals":    {giving(append(leb(6), 1, 0xff, 0xff, 0x7f, 0x7e, end), 1, nil), bigint, sqlerr.ProgramLimit, "too many variables"},
		"a long list":    {append(append([]byte{}, magic...), section(1, []byte{0xff, 0xff, 0xff, 0xff, 0x0f})...), bigint, sqlerr.InvalidParameter, "longer than its bytes"},
		"cut off":        {giving(body(zero...), 1, nil)[:40], bigint, sqlerr.InvalidParameter, "cut off"},
		"something else": {[]byte("#!/bin/sh\n"), bigint, sqlerr.InvalidParameter, "does not begin"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			f, err := function(t, c.code, "f", 300*time.Millisecond, c.result, bigint)
			for range 2 {
				if f != nil {
					_, err = run(f, column.NewVector(c.result), []int32{0, 1}, numbers(1, 2))
				}
				if c.fault == "" {
					continue // it is not said what comes
				}
				if e, ok := errors.AsType[*sqlerr.Error](err); !ok || e.Code != c.fault || !strings.Contains(e.Message, c.says) {
					t.Errorf("gives %v", err)
				}
			}
			runtime.ReadMemStats(&after)
			if taken := after.TotalAlloc - before.TotalAlloc; taken > 512<<20 {
				t.Errorf("%d MB were taken", taken>>20)
			}
		})
	}
}

// FuzzLoad: bytes are a module or are none; the process goes on.
func FuzzLoad(f *testing.F) {
	f.Add(example(f, "rust/functions"))
	f.Add(example(f, "assemblyscript/functions"))
	f.Add(giving(body(i32Const, 0), 1, map[byte][]byte{4: list([]byte{0x70, 1, 1, 2}), 6: list([]byte{0x7f, 0, i32Const, 1, end}), 9: list([]byte{0, i32Const, 0, end, 1, 0}), 11: list([]byte{0, i32Const, 0, end, 1, 'x'})}))
	f.Fuzz(func(t *testing.T, code []byte) {
		m := &plan.Module{Export: "f", Memory: 1 << 20, Time: 50 * time.Millisecond}
		err := Check(t.Context(), code, m, []types.Type{bigint}, bigint)
		if _, ok := errors.AsType[*sqlerr.Error](err); err != nil && !ok {
			t.Errorf("%v", err)
		}
	})
}
