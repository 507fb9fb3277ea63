package pgwire

import (
	"encoding/binary"
	"strings"

	"slipway/sql/sqlerr"
)

// arrayText gives an array in the form of array_send as text: dimensions, whether there are NULLs, the
// type of the elements, of the dimension their number and the first one's, and each with its length.
func arrayText(b []byte, element uint32) (string, error) {
	wrong := sqlerr.New("22P03", "incorrect binary data format of a parameter that is an array")
	if len(b) < 12 || binary.BigEndian.Uint32(b[8:]) != element {
		return "", wrong
	}
	switch dimensions := binary.BigEndian.Uint32(b); {
	case dimensions == 0:
		return "{}", nil
	case dimensions > 1:
		return "", sqlerr.New(sqlerr.FeatureNotSupported, "a parameter that is an array of several dimensions is not supported").
			WithHint("Give it as text: {{1,2},{3,4}}.")
	case len(b) < 20:
		return "", wrong
	}
	count, rest := binary.BigEndian.Uint32(b[12:]), b[20:]
	if uint64(count)*4 > uint64(len(rest)) {
		return "", wrong
	}
	out := []byte{'{'}
	for i := range count {
		if i > 0 {
			out = append(out, ',')
		}
		if len(rest) < 4 {
			return "", wrong
		}
		length := int64(int32(binary.BigEndian.Uint32(rest)))
		if rest = rest[4:]; length < 0 {
			out = append(out, "NULL"...)
			continue
		}
		if length > int64(len(rest)) {
			return "", wrong
		}
		text, err := fromBinary(rest[:length], element)
		if err != nil {
			return "", err
		}
		out = append(append(append(out, '"'), quotes.Replace(text)...), '"')
		rest = rest[length:]
	}
	if len(rest) > 0 {
		return "", wrong
	}
	return string(append(out, '}')), nil
}

var quotes = strings.NewReplacer(`"`, `\"`, `\`, `\\`)
