package op

import (
	"hash/maphash"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// matchPath are the rows of a match so far, which DISTINCT looks for equal values in: those up to a node of the buffer, each
// of which is looked at, or the values that were seen where the rows are taken from the first one on.
type matchPath struct {
	buffer *matchBuffer
	states []plan.MatchState
	node   int32
	seen   map[*matchRegister]map[string]struct{} // nil: look at the buffer
	other  map[*matchRegister]*column.Vector
	key    []byte
}

// distinctSeed is of this process: the hashes are not kept.
var distinctSeed = maphash.MakeSeed()

// repeats tells that the value which a register has read has come before; a new one is added to the sum of hashes.
func (p *matchPath) repeats(kept *state.OrderedMap, r *matchRegister, hashes *uint64) bool {
	p.key = column.AppendKey(p.key[:0], r.values, 0, column.KeyOrder{})
	if p.seen != nil {
		return p.remember(r)
	}
	if p.inBuffer(kept, r) {
		return true
	}
	*hashes += maphash.Bytes(distinctSeed, p.key)
	return false
}

func (p *matchPath) remember(r *matchRegister) bool {
	set := p.seen[r]
	if set == nil {
		set = map[string]struct{}{}
		p.seen[r] = set
	}
	_, known := set[string(p.key)]
	if !known {
		set[string(p.key)] = struct{}{}
	}
	return known
}

// inBuffer looks at the rows up to the node, the last one first.
func (p *matchPath) inBuffer(kept *state.OrderedMap, r *matchRegister) bool {
	v := p.other[r]
	if v == nil {
		v = column.NewVector(r.values.Type)
		p.other[r] = v
	}
	for at := p.node; at != noNode; at = p.buffer.nodes[at].prev {
		row := p.buffer.nodes[at].matchRow
		if r.of>>p.states[row.state].Variable&1 == 0 {
			continue
		}
		v.Reset()
		if kept.AppendCell(v, r.column, row.id); !v.Null(0) && r.compare(r.values, 0, v, 0) == 0 {
			return true
		}
	}
	return false
}
