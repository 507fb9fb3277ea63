package wasm

// What it takes to compile a function grows faster than the function: with its blocks and jumps times its variables, and most with the
// variables of loops within loops. A body within these limits compiles in well under a second on one core.
const (
	maxControls  = 2000    // blocks, loops, conditions and jumps of one function, each way out of a table of them counted
	maxJoined    = 150_000 // the same times its variables
	maxLoops     = 50      // loops within one another
	maxCarried   = 10_000  // the same times its variables
	maxVariables = 1000    // parameters and locals
	maxPassed    = 100_000 // values that its calls take and give

	// Of all functions together. At each of these limits a module compiles in about a second of one core.
	maxJoinedOfAll = 2_000_000 // blocks and jumps of each function times its variables
	maxPassedOfAll = 500_000   // values that calls take and give
	maxCode        = 2 << 20   // bytes of them
)

// shape is what is known of a module's functions before their bodies.
type shape struct {
	widths    []int    // of each type, how many values it takes and gives
	params    []int    // of each type
	functions []uint32 // of each function, its type; imported ones first
	imported  int
	bodies    int // walked so far
	joined    int // blocks and jumps of these times their variables
	passed    int // values that their calls take and give
	code      int // bytes of them
}

// nextParams are the parameters of the function whose body comes next.
func (s *shape) nextParams() int {
	t := s.typeOf(uint32(s.imported + s.bodies))
	s.bodies++
	if uint64(t) >= uint64(len(s.params)) {
		return 0
	}
	return s.params[t]
}

// width is how many values a function of a type takes and gives. What is not there the compiler will tell.
func (s *shape) width(number uint32) int {
	if uint64(number) >= uint64(len(s.widths)) {
		return 0
	}
	return s.widths[number]
}

func (s *shape) typeOf(function uint32) uint32 {
	if uint64(function) >= uint64(len(s.functions)) {
		return ^uint32(0)
	}
	return s.functions[function]
}

// bodyWalk is one function as it is walked.
type bodyWalk struct {
	*walk
	*shape
	variables               int
	controls, passed, loops int
	isLoop                  []bool // of the blocks around
}

// instructions walks those of a function, up to its end.
func (b *bodyWalk) instructions() {
	for b.fault == "" && len(b.b) > 0 {
		b.instruction(b.byte())
		switch {
		case b.controls > maxControls:
			b.exceeds("a function has too many blocks and jumps")
		case b.controls*b.variables > maxJoined:
			b.exceeds("a function has too many blocks and jumps for its variables")
		case b.loops > maxLoops || b.loops*b.variables > maxCarried:
			b.exceeds("a function has too many loops within one another for its variables")
		case b.joined+b.controls*b.variables > maxJoinedOfAll:
			b.exceeds("its functions have too many blocks and jumps for their variables")
		case b.passed > maxPassed:
			b.exceeds("the calls of a function take and give too many values")
		case b.shape.passed+b.passed > maxPassedOfAll:
			b.exceeds("the calls of its functions take and give too many values")
		}
	}
	b.joined += b.controls * b.variables
	b.shape.passed += b.passed
}

func (b *bodyWalk) instruction(op byte) {
	switch {
	case op >= 0x02 && op <= 0x04: // block, loop, if
		b.opens(op == 0x03)
	case op == 0x0b: // end
		b.closes()
	case op == 0x0c || op == 0x0d: // br, br_if
		b.controls++
		b.number()
	case op == 0x0e: // br_table
		b.each(func() { b.controls++; b.number() })
		b.number()
	case op == 0x10: // call
		b.passed += b.width(b.typeOf(b.number()))
	case op == 0x11: // call_indirect
		b.passed += b.width(b.number())
		b.number()
	case op == 0x1c: // select of a type
		b.each(func() { b.byte() })
	case op >= 0x28 && op <= 0x3e: // memory
		b.number()
		b.number()
	case op == 0xfc:
		b.bulk(b.number())
	default:
		b.plain(op)
	}
}

// opens enters a block, a loop or a condition. What it takes and gives are variables of their own.
func (b *bodyWalk) opens(loop bool) {
	b.controls++
	if kind := b.blockType(); kind >= 0 {
		b.controls += b.width(uint32(kind))
	}
	b.isLoop = append(b.isLoop, loop)
	if loop {
		b.loops++
	}
}

func (b *bodyWalk) closes() {
	if n := len(b.isLoop) - 1; n >= 0 {
		if b.isLoop[n] {
			b.loops--
		}
		b.isLoop = b.isLoop[:n]
	}
}

// blockType is the number of a type; below zero of a block that takes nothing and gives at most one value.
func (b *bodyWalk) blockType() int64 {
	if len(b.b) > 0 && b.b[0]&0xc0 == 0x40 {
		b.byte()
		return -1
	}
	return int64(b.number())
}

// bulk are the instructions behind 0xfc: conversions, and those of whole stretches of memories and tables.
func (b *bodyWalk) bulk(op uint32) {
	switch {
	case op <= 7:
	case op == 9, op == 11, op == 13, op >= 15 && op <= 17:
		b.number()
	case op <= 14:
		b.number()
		b.number()
	default:
		b.fail("it has an instruction that is not known")
	}
}

// plain are instructions that hold at most one number.
func (b *bodyWalk) plain(op byte) {
	switch {
	case op <= 0x01, op == 0x05, op == 0x0f, op == 0x1a, op == 0x1b, op >= 0x45 && op <= 0xc4, op == 0xd1:
	case op >= 0x20 && op <= 0x26, op == 0xd2:
		b.number()
	case op == 0x3f, op == 0x40, op == 0xd0:
		b.byte()
	case op == 0x41, op == 0x42:
		b.signed()
	case op == 0x43:
		b.skip(4)
	case op == 0x44:
		b.skip(8)
	default:
		b.fail("it has an instruction that is not known")
	}
}
