package column

import (
	"encoding/binary"
	"errors"
)

// A key is bytes whose order is that of the values: an ordered map of bytes is one of rows. A
// key is a sequence of columns, each
//
//	1 byte: 0 or 2 NULL (in front of the values or behind them), 1 present
//	the value, all its bits turned round where the order is descending:
//	  BOOLEAN        1 byte
//	  64-bit         8 bytes, the highest first, the sign bit turned round; FLOAT and DOUBLE
//	                 below zero all bits turned round
//	  long DECIMAL   16 bytes, likewise
//	  INTERVAL       as 64-bit what it is compared by
//	  bytes          the bytes, 0 written as 00 FF, then 00 01
//	  ARRAY, MAP     for each element (of a MAP key and value) as a column with NULL behind the values, then 00
//	  STRUCT         for each field as a column with NULL behind the values
//
// No key is the beginning of another one of the same columns. -0 and NaN lose what tells them
// from 0 and NaN, and an INTERVAL its months.

// KeyOrder is the order of one column of a key.
type KeyOrder struct{ Desc, NullsFirst bool }

const (
	keyEnd       = 0 // of a list
	keyNullFirst = 0
	keyPresent   = 1
	keyNullLast  = 2
)

// ErrMalformed: bytes that are no value, row or batch of the type.
var ErrMalformed = errors.New("malformed bytes of a value")

// AppendKey writes row i of v as a column of a key.
func AppendKey(dst []byte, v *Vector, i int, o KeyOrder) []byte {
	if v.Null(i) {
		if o.NullsFirst {
			return append(dst, keyNullFirst)
		}
		return append(dst, keyNullLast)
	}
	at := len(dst) + 1
	dst = v.held.appendKey(append(dst, keyPresent), v, i)
	if o.Desc {
		for n := range dst[at:] {
			dst[at+n] ^= 0xFF
		}
	}
	return dst
}

// ReadKey appends the value of a column of a key to v and gives what follows it. After an error
// v is to be reset.
func ReadKey(v *Vector, src []byte, o KeyOrder) (rest []byte, err error) {
	flip := byte(0)
	if o.Desc {
		flip = 0xFF
	}
	switch {
	case len(src) > 0 && src[0] == keyPresent:
		if rest, ok := v.held.readKey(v, src[1:], flip); ok {
			return rest, nil
		}
	case len(src) > 0 && (src[0] == keyNullFirst && o.NullsFirst || src[0] == keyNullLast && !o.NullsFirst):
		v.AppendNull()
		return src[1:], nil
	}
	return nil, ErrMalformed
}

// appendKeyPart writes a row of a child vector.
func appendKeyPart(dst []byte, v *Vector, i int) []byte { return AppendKey(dst, v, i, KeyOrder{}) }

func readKeyPart(v *Vector, src []byte, flip byte) (rest []byte, ok bool) {
	if len(src) == 0 {
		return nil, false
	}
	switch src[0] ^ flip {
	case keyPresent:
		return v.held.readKey(v, src[1:], flip)
	case keyNullLast:
		v.AppendNull()
		return src[1:], true
	}
	return nil, false
}

func readKeyWord(src []byte, flip byte) (x uint64, rest []byte, ok bool) {
	if len(src) < 8 {
		return 0, nil, false
	}
	x = binary.BigEndian.Uint64(src)
	if flip != 0 {
		x = ^x
	}
	return x, src[8:], true
}

func appendKeyBytes(dst, b []byte) []byte {
	for _, c := range b {
		if dst = append(dst, c); c == 0 {
			dst = append(dst, 0xFF)
		}
	}
	return append(dst, 0, 1)
}

// readKeyBytes appends the bytes to dst.
func readKeyBytes(dst, src []byte, flip byte) (out, rest []byte, ok bool) {
	for i := 0; i < len(src); i++ {
		c := src[i] ^ flip
		if c != 0 {
			dst = append(dst, c)
			continue
		}
		if i++; i == len(src) {
			break
		}
		switch src[i] ^ flip {
		case 1:
			return dst, src[i+1:], true
		case 0xFF:
			dst = append(dst, 0)
		default:
			return nil, nil, false
		}
	}
	return nil, nil, false
}
