package op

import (
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// Words of accumulators that are read from values: how many there are, and of a list in the order of
// arrival how many have come.
const (
	valuesCount  = 0
	valuesSerial = 1
)

// LISTAGG is the texts of a group with a text between them.
func init() {
	kernels["LISTAGG"] = func(types.Type, types.Type) kernel { return valuesKernel(readList(), listOfArrivals) }
	kernels["LISTAGG_OF_CHANGES"] = func(types.Type, types.Type) kernel { return valuesKernel(readList(), listOfChanges) }
}

// valuesKernel counts the values, and reads the result from them.
func valuesKernel(read reader, list listKind) kernel {
	nothing := func(*state.Table, int, [][]uint64, *column.Vector) {}
	return kernel{words: 2, add: countRows, change: countChanges, emit: nothing, read: read, list: list}
}

func readFirstOfList(_ *accumulator, s *orderedValues, m *state.OrderedMap, key int32, _ []uint64, v *column.Vector) {
	if key == state.Absent {
		v.AppendNull()
	} else {
		m.AppendCell(v, s.layout.Sort+1, m.First(key))
	}
}

func readLastOfList(_ *accumulator, s *orderedValues, m *state.OrderedMap, key int32, _ []uint64, v *column.Vector) {
	if key == state.Absent {
		v.AppendNull()
	} else {
		m.AppendCell(v, s.layout.Sort+1, m.Last(key))
	}
}

// readFirstOfLast reads of the values that tie for the last place the one that came first.
func readFirstOfLast(_ *accumulator, s *orderedValues, m *state.OrderedMap, key int32, _ []uint64, v *column.Vector) {
	if key == state.Absent {
		v.AppendNull()
	} else {
		m.AppendCell(v, s.layout.Sort+1, m.Ceil(key, state.Bound{Bytes: m.SortBytes(m.Last(key))}))
	}
}

func readList() reader {
	var text []byte
	return func(a *accumulator, s *orderedValues, m *state.OrderedMap, key int32, _ []uint64, v *column.Vector) {
		if key == state.Absent {
			v.AppendNull()
			return
		}
		text = text[:0]
		first := true
		for id := m.First(key); id != state.Absent; id = m.Next(id) {
			s.value.Reset()
			m.AppendCell(s.value, s.layout.Sort+1, id)
			for range m.Count(id) {
				if !first {
					text = append(text, a.Param...)
				}
				first = false
				text = append(text, s.value.Bytes(0)...)
			}
		}
		v.AppendBytes(text)
	}
}
