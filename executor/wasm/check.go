package wasm

import (
	"slipway/sql/sqlerr"
)

// A decoder makes room for as many things as a module says it has. So before a module is compiled it is walked once, and
// what says more than its bytes can hold, or asks for more than a function needs, is refused here.
const (
	maxBody      = 128 << 10 // bytes of one function: what it takes to compile one grows faster than it
	maxElements  = 100_000   // functions that can be called by number
	maxFunctions = 20_000
	maxParams    = 100
)

// Sections of a module, by number.
const (
	customSection   = 0
	typeSection     = 1
	importSection   = 2
	functionSection = 3
	tableSection    = 4
	memorySection   = 5
	globalSection   = 6
	exportSection   = 7
	elemSection     = 9
	codeSection     = 10
	dataSection     = 11
)

var magic = []byte{0, 'a', 's', 'm', 1, 0, 0, 0}

// walk goes through the bytes of a module; the first fault ends it.
type walk struct {
	b     []byte
	fault string
	limit bool // the fault is that something is too large
	shape *shape
	// growing: some table says no bound, so nothing may be in the module that makes one larger.
	growing bool
}

// stripped checks a module, and gives it without what only debuggers read. growing: tables must not grow.
func stripped(code []byte) (out []byte, growing bool, err error) {
	if len(code) > MaxModule {
		return nil, false, sqlerr.New(sqlerr.ProgramLimit, "the module has %d bytes, at most %d are taken", len(code), MaxModule)
	}
	if len(code) < len(magic) || string(code[:len(magic)]) != string(magic) {
		return nil, false, invalid("it does not begin like one")
	}
	w := &walk{b: code[len(magic):], shape: &shape{}}
	out = append(out, magic...)
	for len(w.b) > 0 && w.fault == "" {
		from := w.b
		id := w.byte()
		size := int(w.number())
		if w.fault != "" || size > len(w.b) {
			w.fail("a section is cut off")
			break
		}
		section := &walk{b: w.b[:size], shape: w.shape}
		w.b = w.b[size:]
		if id == customSection {
			continue
		}
		section.section(id)
		w.fault, w.limit, w.growing = section.fault, section.limit, w.growing || section.growing
		out = append(out, from[:len(from)-len(w.b)]...)
	}
	if w.limit {
		return nil, false, sqlerr.New(sqlerr.ProgramLimit, "the module is too much to compile: %s", w.fault)
	}
	if w.fault != "" {
		return nil, false, invalid(w.fault)
	}
	return out, w.growing, nil
}

func invalid(why string) error {
	return sqlerr.New(sqlerr.InvalidParameter, "this is no WebAssembly module that can be run: %s", why)
}

func (w *walk) fail(why string) {
	if w.fault == "" {
		w.fault = why
	}
	w.b = nil
}

// exceeds refuses what is too large.
func (w *walk) exceeds(why string) {
	w.limit = w.limit || w.fault == ""
	w.fail(why)
}

func (w *walk) byte() byte {
	if len(w.b) == 0 {
		w.fail("it is cut off")
		return 0
	}
	x := w.b[0]
	w.b = w.b[1:]
	return x
}

// number reads a LEB128 of at most 32 bits without sign.
func (w *walk) number() uint32 {
	var out uint64
	for shift := 0; shift < 35; shift += 7 {
		x := w.byte()
		out |= uint64(x&0x7f) << shift
		if x < 0x80 {
			return uint32(out)
		}
	}
	w.fail("a number is too long")
	return 0
}

// signed passes over a LEB128 of at most 64 bits.
func (w *walk) signed() {
	for range 10 {
		if w.byte() < 0x80 {
			return
		}
	}
	w.fail("a number is too long")
}

func (w *walk) skip(n uint32) {
	if uint64(n) > uint64(len(w.b)) {
		w.fail("it is cut off")
		return
	}
	w.b = w.b[n:]
}

// count reads how many things follow, each of which takes a byte at least.
func (w *walk) count() int {
	n := w.number()
	if uint64(n) > uint64(len(w.b)) {
		w.fail("a list is longer than its bytes")
		return 0
	}
	return int(n)
}

// each reads a list.
func (w *walk) each(read func()) {
	for n := w.count(); n > 0 && w.fault == ""; n-- {
		read()
	}
}

func (w *walk) section(id byte) {
	switch id {
	case typeSection:
		w.each(w.functionType)
	case importSection:
		w.each(w.imported)
	case tableSection:
		w.each(w.table)
	case memorySection:
		w.each(w.limits)
	case globalSection:
		w.each(func() { w.skip(2); w.constant() })
	case exportSection:
		w.each(func() { w.skip(w.number()); w.byte(); w.number() })
	case elemSection:
		w.each(w.element)
	case codeSection:
		w.each(w.body)
	case dataSection:
		w.each(w.data)
	case functionSection:
		if w.each(func() { w.shape.functions = append(w.shape.functions, w.number()) }); len(w.shape.functions) > maxFunctions {
			w.exceeds("it has too many functions")
		}
	case 8, 12: // what runs first, how many pieces of data
	default:
		w.fail("it has a section that is not known")
	}
}

func (w *walk) functionType() {
	if w.byte() != 0x60 {
		w.fail("a type is none of a function")
	}
	var counts [2]int
	for i := range counts {
		counts[i] = w.count()
		if counts[i] > maxParams {
			w.exceeds("a function takes or gives too many values")
		}
		w.skip(uint32(counts[i]))
	}
	w.shape.params, w.shape.widths = append(w.shape.params, counts[0]), append(w.shape.widths, counts[0]+counts[1])
}

// imported passes over an import; load says which there may be, all of them functions.
func (w *walk) imported() {
	w.skip(w.number())
	w.skip(w.number())
	if w.byte() != 0 {
		w.fail("it imports more than functions")
	}
	w.shape.functions = append(w.shape.functions, w.number())
	w.shape.imported++
}

// limits reads how large something is at least, and how large it may become; -1 where that is not said.
func (w *walk) limits() { w.bounds() }

func (w *walk) bounds() (least uint32, most int64) {
	flags := w.byte()
	least, most = w.number(), -1
	switch flags {
	case 0:
	case 1:
		most = int64(w.number())
	default:
		w.fail("a memory is shared or has 64 bits")
	}
	return least, most
}

func (w *walk) table() {
	w.byte()
	least, most := w.bounds()
	if least > maxElements {
		w.exceeds("a table is too large")
	}
	w.growing = w.growing || most < 0 || most > maxElements
}

// constant passes over the expression by which something begins.
func (w *walk) constant() {
	for w.fault == "" {
		switch op := w.byte(); op {
		case 0x0b: // end
			return
		case 0x41, 0x42: // i32.const, i64.const
			w.signed()
		case 0x43:
			w.skip(4)
		case 0x44:
			w.skip(8)
		case 0x23, 0xd2: // global.get, ref.func
			w.number()
		case 0xd0: // ref.null
			w.byte()
		default:
			w.fail("something begins with an expression that is not known")
		}
	}
}

// element passes over a piece of a table.
func (w *walk) element() {
	flags := w.number()
	if flags > 7 {
		w.fail("a piece of a table is not known")
		return
	}
	if flags&1 == 0 {
		if flags&2 != 0 {
			w.number()
		}
		w.constant()
	}
	if flags&3 != 0 {
		w.byte() // of functions, or of which type
	}
	if flags&4 != 0 {
		w.each(w.constant)
		return
	}
	w.each(func() { w.number() })
}

func (w *walk) data() {
	switch w.number() {
	case 0:
		w.constant()
	case 1:
	case 2:
		w.number()
		w.constant()
	default:
		w.fail("a piece of data is not known")
	}
	w.skip(w.number())
}

// body looks at what a function says of its locals, and at what its instructions take to compile; whether they are right is the compiler's to check.
func (w *walk) body() {
	size := w.number()
	if size > maxBody {
		w.exceeds("a function is too long")
		return
	}
	if uint64(size) > uint64(len(w.b)) {
		w.fail("a function is cut off")
		return
	}
	if w.shape.code += int(size); w.shape.code > maxCode {
		w.exceeds("its functions are too long together")
		return
	}
	in := &walk{b: w.b[:size]}
	locals := uint64(w.shape.nextParams())
	in.each(func() {
		locals += uint64(in.number())
		in.byte()
	})
	if locals > maxVariables {
		in.exceeds("a function has too many variables")
	}
	(&bodyWalk{walk: in, shape: w.shape, variables: int(min(locals, maxVariables))}).instructions()
	if in.fault != "" {
		w.limit = in.limit
		w.fail(in.fault)
		return
	}
	w.b = w.b[size:]
}
