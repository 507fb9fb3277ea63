package pgwire

import (
	"encoding/binary"
	"strings"

	"slipway/sql/sqlerr"
)

// maxDimensions is PostgreSQL's MAXDIM.
const maxDimensions = 6

// arrayText gives an array in the form of array_send as text: how many dimensions, whether there are NULLs, the
// type of the elements, of each dimension its length and its first index, and each element with its length.
func arrayText(b []byte, element uint32) (string, error) {
	wrong := sqlerr.New("22P03", "incorrect binary data format of a parameter that is an array")
	if len(b) < 12 || binary.BigEndian.Uint32(b[8:]) != element {
		return "", wrong
	}
	dimensions := int(binary.BigEndian.Uint32(b))
	if dimensions > maxDimensions || len(b) < 12+8*dimensions {
		return "", wrong
	}
	r := arrayReader{rest: b[12+8*dimensions:], element: element}
	all := uint64(1)
	for d := range dimensions {
		n := binary.BigEndian.Uint32(b[12+8*d:])
		r.lengths = append(r.lengths, n)
		if all *= uint64(n); all > uint64(len(b)) { // of four bytes at least each
			return "", wrong
		}
	}
	if all == 0 || dimensions == 0 {
		return "{}", nil
	}
	if !r.array(r.lengths) {
		if r.err != nil {
			return "", r.err
		}
		return "", wrong
	}
	if len(r.rest) > 0 {
		return "", wrong
	}
	return string(r.out), nil
}

// arrayReader reads elements one behind the other.
type arrayReader struct {
	rest    []byte
	element uint32
	lengths []uint32
	out     []byte
	err     error // of an element
}

// array reads an array of such lengths.
func (r *arrayReader) array(lengths []uint32) bool {
	r.out = append(r.out, '{')
	for i := range lengths[0] {
		if i > 0 {
			r.out = append(r.out, ',')
		}
		if len(lengths) > 1 && !r.array(lengths[1:]) || len(lengths) == 1 && !r.one() {
			return false
		}
	}
	r.out = append(r.out, '}')
	return true
}

func (r *arrayReader) one() bool {
	if len(r.rest) < 4 {
		return false
	}
	length := int64(int32(binary.BigEndian.Uint32(r.rest)))
	if r.rest = r.rest[4:]; length < 0 {
		r.out = append(r.out, "NULL"...)
		return true
	}
	if length > int64(len(r.rest)) {
		return false
	}
	var text string
	text, r.err = fromBinary(r.rest[:length], r.element)
	r.out = append(append(append(r.out, '"'), quotes.Replace(text)...), '"')
	r.rest = r.rest[length:]
	return r.err == nil
}

var quotes = strings.NewReplacer(`"`, `\"`, `\`, `\\`)
