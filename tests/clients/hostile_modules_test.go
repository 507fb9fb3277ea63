package clients

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"slices"
)

// Modules in WebAssembly, of a memory, slipway_alloc and a function f.
const (
	endlessModule = "AGFzbQEAAAABDwNgAX8Bf2ACf38Bf2AAAAMDAgABBQMBAAEHHgMGbWVtb3J5AgANc2xpcHdheV9hbGxvYwAAAWYAAQoRAgUAQYAICwkAA0AMAAtBAAs="
	deepModule    = "AGFzbQEAAAABDwNgAX8Bf2ACf38Bf2AAAAMDAgABBQMBAAEHHgMGbWVtb3J5AgANc2xpcHdheV9hbGxvYwAAAWYAAQoQAgUAQYAICwgAIAAgARABCw=="
	growsModule   = "AGFzbQEAAAABDwNgAX8Bf2ACf38Bf2AAAAMDAgABBQMBAAEHHgMGbWVtb3J5AgANc2xpcHdheV9hbGxvYwAAAWYAAQoWAgUAQYAICw4AA0BBEEAAGgwAC0EACw=="
	beginsModule  = "AGFzbQEAAAABDwNgAX8Bf2ACf38Bf2AAAAMEAwABAgUDAQABBx4DBm1lbW9yeQIADXNsaXB3YXlfYWxsb2MAAAFmAAEIAQIKFAMFAEGACAsEAEEACwcAA0AMAAsL"
)

// modules are functions in WebAssembly that are refused before they run.
func modules() []hostile {
	declare := func(code []byte) string {
		return "CREATE FUNCTION m(x BIGINT) RETURNS BIGINT LANGUAGE wasm AS '" + base64.StdEncoding.EncodeToString(code) + `' WITH ("export"="f", "time.limit"="100 ms")`
	}
	zero, blocks := []byte{0x41, 0}, slices.Concat(bytes.Repeat([]byte{0x02, 0x40}, 30_000), bytes.Repeat([]byte{0x0b}, 30_000))
	plain := wasmBody(append(slices.Clone(zero), bytes.Repeat([]byte{0x41, 1, 0x6a}, 40_000)...)...)
	return []hostile{
		{"wasm of many long functions", declare(wasmModule(4, 1, plain)), ""},
		{"wasm of very many functions", declare(wasmModule(30_000, 1, wasmBody(zero...))), "54000"},
		{"wasm of a huge memory", declare(wasmModule(1, 60_000, wasmBody(zero...))), "22023"},
		{"wasm of blocks within blocks", declare(wasmModule(1, 1, wasmBody(slices.Concat(blocks, zero)...))), "54000"},
		{"no wasm", declare(bytes.Repeat([]byte{0xff}, 500_000)), "22023"},
	}
}

// wasmModule is a module whose function f, so many times, has a body, with a memory of some pages.
func wasmModule(times, pages int, f []byte) []byte {
	leb := func(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }
	list := func(parts ...[]byte) []byte { return append(leb(len(parts)), slices.Concat(parts...)...) }
	section := func(id byte, content []byte) []byte { return slices.Concat([]byte{id}, leb(len(content)), content) }
	types, bodies := [][]byte{{0}}, [][]byte{wasmBody(0x41, 0x80, 0x08)}
	for range times {
		types, bodies = append(types, []byte{1}), append(bodies, f)
	}
	exports := list([]byte("\x06memory\x02\x00"), []byte("\x0dslipway_alloc\x00\x00"), []byte("\x01f\x00\x01"))
	signatures := list([]byte{0x60, 1, 0x7f, 1, 0x7f}, []byte{0x60, 2, 0x7f, 0x7f, 1, 0x7f})
	return slices.Concat([]byte("\x00asm\x01\x00\x00\x00"), section(1, signatures), section(3, list(types...)),
		section(5, list(append([]byte{0}, leb(pages)...))), section(7, exports), section(10, list(bodies...)))
}

// wasmBody is a function of instructions, without variables.
func wasmBody(instructions ...byte) []byte {
	code := append(append([]byte{0}, instructions...), 0x0b)
	return append(binary.AppendUvarint(nil, uint64(len(code))), code...)
}
