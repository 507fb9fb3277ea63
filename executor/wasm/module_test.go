package wasm

import (
	"encoding/binary"
	"slices"
)

// Modules of tests are put together here, of instructions by their bytes.

func leb(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

func list(parts ...[]byte) []byte { return append(leb(len(parts)), slices.Concat(parts...)...) }

func name(s string) []byte { return append(leb(len(s)), s...) }

func section(id byte, content []byte) []byte {
	return slices.Concat([]byte{id}, leb(len(content)), content)
}

// body is a function of instructions, end behind them.
func body(instructions ...byte) []byte {
	code := append(append([]byte{0}, instructions...), 0x0b)
	return append(leb(len(code)), code...)
}

// Instructions.
const (
	unreachable = 0x00
	loop        = 0x03
	branch      = 0x0c
	end         = 0x0b
	call        = 0x10
	drop        = 0x1a
	localGet    = 0x20
	i32Store    = 0x36
	grow        = 0x40
	i32Const    = 0x41
	emptyBlock  = 0x40
)

// giving is a module whose function f has a body, with a memory of some pages; more are further sections by their numbers.
func giving(f []byte, pages int, more map[byte][]byte) []byte {
	const i32 = 0x7f
	sections := map[byte][]byte{
		1:  list([]byte{0x60, 1, i32, 1, i32}, []byte{0x60, 2, i32, i32, 1, i32}, []byte{0x60, 0, 0}),
		3:  list([]byte{0}, []byte{1}),
		5:  list(append([]byte{0}, leb(pages)...)),
		7:  list(append(name("memory"), 2, 0), append(name(allocate), 0, 0), append(name("f"), 0, 1)),
		10: list(body(i32Const, 0x80, 0x08), f), // 1024
	}
	for id, content := range more {
		sections[id] = content
	}
	out := slices.Clone(magic)
	for _, id := range []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11} {
		if sections[id] != nil {
			out = append(out, section(id, sections[id])...)
		}
	}
	return out
}
