package op

import (
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// ARRAY_AGG is the values of a group as an array, NULLs too, and NULL of no rows; COLLECT_LIST
// leaves NULLs out, and is empty where there is nothing else.
func init() {
	for of, list := range map[string]listKind{"": listOfArrivals, "_OF_CHANGES": listOfChanges} {
		kernels["ARRAY_AGG"+plan.AggKind(of)] = func(types.Type, types.Type) kernel {
			k := valuesKernel(readArray(false), list)
			k.nulls = true
			return k
		}
		kernels["COLLECT_LIST"+plan.AggKind(of)] = func(types.Type, types.Type) kernel { return valuesKernel(readArray(true), list) }
	}
}

// readArray gives of no values an empty array, or NULL.
func readArray(empty bool) reader {
	return func(_ *accumulator, s *orderedValues, m *state.OrderedMap, key int32, _ []uint64, v *column.Vector) {
		if key == state.Absent && !empty {
			v.AppendNull()
			return
		}
		elements := v.Kids[0]
		off := elements.Len()
		for id := first(m, key); id != state.Absent; id = m.Next(id) {
			for range m.Count(id) {
				m.AppendCell(elements, s.layout.Sort+1, id)
			}
		}
		elements.Present()
		v.AppendElements(off, elements.Len()-off)
	}
}

func first(m *state.OrderedMap, key int32) int32 {
	if key == state.Absent {
		return state.Absent
	}
	return m.First(key)
}
