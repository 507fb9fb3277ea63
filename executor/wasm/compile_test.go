package wasm

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// variables is a function with so many locals of 64 bits.
func variables(n int, instructions ...byte) []byte {
	code := slices.Concat([]byte{1}, leb(n), []byte{0x7e}, instructions, []byte{end})
	return append(leb(len(code)), code...)
}

// calling is a module whose function f calls one of a hundred parameters and results, many times.
func calling(n int) []byte {
	const i32 = 0x7f
	hundred := slices.Concat([]byte{0x60, 100}, slices.Repeat([]byte{i32}, 100), []byte{100}, slices.Repeat([]byte{i32}, 100))
	types := list([]byte{0x60, 1, i32, 1, i32}, []byte{0x60, 2, i32, i32, 1, i32}, hundred)
	wide := body(append(slices.Repeat([]byte{i32Const, 0}, 100), slices.Repeat([]byte{call, 2}, n)...)...)
	f := body(i32Const, 0)
	return giving(f, 1, map[byte][]byte{1: types, 3: list([]byte{0}, []byte{1}, []byte{2}), 10: list(body(i32Const, 0x80, 0x08), f, wide)})
}

// TestCompileBombs: what would be compiled for minutes, or in gigabytes, is refused before.
func TestCompileBombs(t *testing.T) {
	const (
		block, conditional, jumpIf, jumpTable = 0x02, 0x04, 0x0d, 0x0e
	)
	times := func(n int, one ...byte) []byte { return slices.Repeat(one, n) }
	zero := []byte{i32Const, 0}
	within := func(n int, opens, inside []byte) []byte {
		return slices.Concat(times(n, opens...), inside, times(n, end))
	}
	wideBlock := map[byte][]byte{1: list([]byte{0x60, 1, 0x7f, 1, 0x7f}, []byte{0x60, 2, 0x7f, 0x7f, 1, 0x7f}, append([]byte{0x60, 0, 90}, times(90, 0x7f)...))}
	for name, c := range map[string]struct {
		code []byte
		says string
	}{
		"blocks within blocks": {giving(body(append(within(40_000, []byte{block, emptyBlock}, nil), zero...)...), 1, nil), "too many blocks and jumps"},
		"blocks in a row":      {giving(body(append(times(20_000, block, emptyBlock, end), zero...)...), 1, nil), "too many blocks and jumps"},
		"conditions":           {giving(body(append(times(20_000, i32Const, 1, conditional, emptyBlock, end), zero...)...), 1, nil), "too many blocks and jumps"},
		"jumps":                {giving(body(slices.Concat([]byte{block, emptyBlock}, times(20_000, i32Const, 1, jumpIf, 0), []byte{end}, zero)...), 1, nil), "too many blocks and jumps"},
		"a table of jumps": {giving(body(slices.Concat([]byte{block, emptyBlock, i32Const, 1, jumpTable}, leb(100_000), times(100_001, 0), []byte{end}, zero)...), 1, nil),
			"too many blocks and jumps"},
		"blocks of many values": {giving(body(append(times(1000, block, 2, unreachable, end), zero...)...), 1, wideBlock), "too many blocks and jumps"},
		"jumps times variables": {giving(variables(900, slices.Concat([]byte{block, emptyBlock}, times(1000, i32Const, 1, jumpIf, 0), []byte{end}, zero)...), 1, nil), "for its variables"},
		"loops within loops":    {giving(body(append(within(500, []byte{loop, emptyBlock}, nil), zero...)...), 1, nil), "loops within one another"},
		"variables of loops":    {giving(variables(500, append(within(40, []byte{loop, emptyBlock}, nil), zero...)...), 1, nil), "loops within one another"},
		"calls of many values":  {calling(20_000), "too many values"},
		"many such functions":   {manyFunctions(), "its functions have"},
		"many long functions":   {repeated(60, body(append(zero, times(40_000, i32Const, 1, 0x6a)...)...)), "too long together"},
		"many calls":            {repeated(30, body(append(times(9_000, i32Const, 0, i32Const, 0, call, 1, drop), zero...)...)), "of its functions take and give too many values"},
		"very many functions":   {repeated(20_000, body(zero...)), "too many functions"},
		"no instruction":        {giving(body(0xff, 0xff), 1, nil), "an instruction that is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			m := &plan.Module{Export: "f", Memory: 1 << 20, Time: time.Second}
			err := Check(context.Background(), c.code, m, []types.Type{bigint}, bigint)
			runtime.ReadMemStats(&after)
			want := sqlerr.ProgramLimit
			if name == "no instruction" {
				want = sqlerr.InvalidParameter
			}
			if e := sqlerr.From(err); err == nil || e.Code != want || !strings.Contains(e.Message, c.says) {
				t.Errorf("gives %v", err)
			}
			if taken := after.TotalAlloc - before.TotalAlloc; taken > 16<<20 {
				t.Errorf("%d MB were taken", taken>>20)
			}
		})
	}
}

// manyFunctions is a module of functions each of which is within the limits.
func manyFunctions() []byte {
	one := variables(90, slices.Concat([]byte{0x02, emptyBlock}, slices.Repeat([]byte{i32Const, 1, 0x0d, 0}, 1500), []byte{end}, []byte{i32Const, 0})...)
	return repeated(20, one)
}

// repeated is a module with a function so many times.
func repeated(n int, one []byte) []byte {
	numbers, bodies := [][]byte{{0}, {1}}, [][]byte{body(i32Const, 0x80, 0x08), body(i32Const, 0)}
	for range n {
		numbers, bodies = append(numbers, []byte{1}), append(bodies, one)
	}
	return giving(nil, 1, map[byte][]byte{3: list(numbers...), 10: list(bodies...)})
}
