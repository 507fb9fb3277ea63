package value

import "encoding/json"

// ReadJSON takes a text that is JSON by RFC 8259, as it is but for the blanks around it.
func ReadJSON(b []byte) ([]byte, Fault) {
	b = trim(b)
	if !json.Valid(b) {
		return nil, Malformed
	}
	return b, OK
}
