package op

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"sort"

	"slipway/executor/column"
	"slipway/executor/wasm"
	"slipway/sql/sqlerr"
)

// Rows that an aggregate in WebAssembly was not given, since it fails for them, may be taken back later. So where rows are taken back
// the bytes of a group have in front of the module's state which ones are left out: of each the hash of its arguments, and how often. Of rows
// that are equal in these it does not matter which is taken back. The highest bit of a group's number of rows says that such a list is there.

const (
	hasLeftOut   = uint64(1) << 63
	leftOutBytes = leftOutHash + 8
	leftOutHash  = 16
)

// leftOutOf takes the bytes of a group apart.
func leftOutOf(w0 uint64, b []byte) (list, state []byte) {
	if w0&hasLeftOut == 0 {
		return nil, b
	}
	n := 8 + leftOutBytes*binary.LittleEndian.Uint64(b)
	return b[8:n], b[n:]
}

// joinLeftOut puts them together.
func joinLeftOut(dst, list, state []byte) []byte {
	if len(list) > 0 {
		dst = append(binary.LittleEndian.AppendUint64(dst, uint64(len(list)/leftOutBytes)), list...)
	}
	return append(dst, state...)
}

// leftOutPlace is where the entry of a hash is in a list, or would be: they stand in order.
func leftOutPlace(list, hash []byte) (at int, found bool) {
	n := len(list) / leftOutBytes
	i := sort.Search(n, func(i int) bool { return bytes.Compare(list[i*leftOutBytes:i*leftOutBytes+leftOutHash], hash) >= 0 })
	at = i * leftOutBytes
	return at, i < n && bytes.Equal(list[at:at+leftOutHash], hash)
}

// leftOutChanged is a list with one row more or one less that has a hash; ok is false if there is none to take away.
func leftOutChanged(list, hash []byte, by int) (out []byte, ok bool) {
	at, found := leftOutPlace(list, hash)
	if !found {
		if by < 0 {
			return list, false
		}
		out = append(append([]byte(nil), list[:at]...), hash...)
		return append(binary.LittleEndian.AppendUint64(out, 1), list[at:]...), true
	}
	out = bytes.Clone(list)
	count := out[at+leftOutHash : at+leftOutBytes]
	n := binary.LittleEndian.Uint64(count) + uint64(by)
	if n == 0 {
		return append(out[:at], out[at+leftOutBytes:]...), true
	}
	binary.LittleEndian.PutUint64(count, n)
	return out, true
}

// hashOf is that of the arguments of a row of a batch.
func (m *moduleStates) hashOf(vs []*column.Vector, row int) []byte {
	m.key = m.key[:0]
	for _, v := range vs {
		m.key = column.AppendKey(m.key, v, row, column.KeyOrder{})
	}
	sum := sha256.Sum256(m.key)
	return append(m.hash[:0], sum[:leftOutHash]...)
}

// leaveOut notes that a row of a group was left out, where it may be taken back.
func (m *moduleStates) leaveOut(id int32, row int) error {
	if !m.faults.changes {
		return nil
	}
	_, err := m.changeLeftOut(m.table.Write(id)[m.at:], m.hashOf(m.vs, row), 1)
	return err
}

// wasLeftOut tells that a row which is taken back was left out, and forgets it.
func (m *moduleStates) wasLeftOut(id int32, vs []*column.Vector, row int) (bool, error) {
	if m.table.Acc(id)[m.at]&hasLeftOut == 0 {
		return false, nil
	}
	return m.changeLeftOut(m.table.Write(id)[m.at:], m.hashOf(vs, row), -1)
}

func (m *moduleStates) changeLeftOut(w []uint64, hash []byte, by int) (ok bool, err error) {
	list, s := leftOutOf(w[0], m.bytes(w))
	if list, ok = leftOutChanged(list, hash, by); !ok {
		return false, nil
	}
	if len(list) > wasm.MaxState {
		return false, sqlerr.New(sqlerr.ProgramLimit, "more than %d different rows are left out of one group of an aggregate in WebAssembly", wasm.MaxState/leftOutBytes)
	}
	return true, m.keep(w, list, s)
}

// keep writes a list and a state into the words of a group.
func (m *moduleStates) keep(w []uint64, list, s []byte) (err error) {
	m.joined = joinLeftOut(m.joined[:0], list, s)
	w[0] &^= hasLeftOut
	if len(list) > 0 {
		w[0] |= hasLeftOut
	}
	w[1], err = m.table.Put(w[1], m.joined)
	return err
}
