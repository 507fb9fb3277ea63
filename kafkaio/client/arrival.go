package client

import (
	"net"
	"syscall"
)

// waitBytes is how many bytes of an answer are waited for before they are read.
const waitBytes = 1 << 20

// arrival is when a connection wakes the one who reads it: with so many bytes, not with each packet.
// The zero value leaves it as it is. socket(7), SO_RCVLOWAT; Linux makes room for them.
type arrival struct {
	raw   syscall.RawConn
	bytes int
}

func arrivalOf(c net.Conn) arrival {
	if s, ok := c.(syscall.Conn); ok {
		if raw, err := s.SyscallConn(); err == nil {
			return arrival{raw: raw}
		}
	}
	return arrival{}
}

// await makes the connection wait for so many bytes, which must come, or its end. A system that cannot lets it be.
func (a *arrival) await(bytes int) {
	bytes = min(bytes, waitBytes)
	if a.raw == nil || a.bytes == bytes {
		return
	}
	a.bytes = bytes
	a.raw.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, bytes) })
}
