package security

import (
	"encoding/binary"
	"slices"
)

// message is one of the protocol.
func message(kind byte, body ...[]byte) []byte {
	all := slices.Concat(body...)
	return append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(all)+4)), all...)
}

// packet is one of the startup, which have no kind.
func packet(code uint32, body ...[]byte) []byte {
	all := slices.Concat(body...)
	return append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(len(all)+8)), code), all...)
}

// Codes of packets.
const (
	protocol3     = 3 << 16
	sslRequest    = 80877103
	gssRequest    = 80877104
	cancelRequest = 80877102
)

// startup asks for a session of a user.
func startup(user string) []byte {
	return packet(protocol3, []byte("user\x00"+user+"\x00database\x00default\x00\x00"))
}
