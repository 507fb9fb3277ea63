package expr

import (
	"net/netip"
	"strconv"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
)

// Addresses of networks: MySQL's numbers and bytes, PostgreSQL's parts of an inet.

func init() {
	kernels(map[string]kernel{
		"inet_aton": inetNumber, "inet_ntoa": text(inetText), "inet6_aton": text(inetBytes), "inet6_ntoa": text(inetOfBytes),
		"host": ofInet(func(dst []byte, p netip.Prefix) []byte { return appendAddress(dst, p.Addr()) }),
		"network": ofInet(func(dst []byte, p netip.Prefix) []byte {
			return strconv.AppendInt(append(appendAddress(dst, p.Masked().Addr()), '/'), int64(p.Bits()), 10)
		}),
		"netmask": ofInet(func(dst []byte, p netip.Prefix) []byte { return appendAddress(dst, lastAddress(p, true)) }),
		"broadcast": ofInet(func(dst []byte, p netip.Prefix) []byte {
			dst = appendAddress(dst, lastAddress(p, false))
			if p.IsSingleIP() {
				return dst
			}
			return strconv.AppendInt(append(dst, '/'), int64(p.Bits()), 10)
		}),
		"masklen": numberOfInet(netip.Prefix.Bits), "family": numberOfInet(func(p netip.Prefix) int {
			if p.Addr().Is4() {
				return 4
			}
			return 6
		}),
	})
	withNulls["is_ipv4"] = isAddress(netip.Addr.Is4)
	withNulls["is_ipv6"] = isAddress(func(a netip.Addr) bool { return a.Is6() && a.Zone() == "" })
}

// inetNumber is INET_ATON, which takes short forms: 127.1 is 127.0.0.1.
func inetNumber(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	sum, part, dots, last := int64(0), int64(0), 0, byte('.')
	for _, c := range vs[0].Bytes(i) {
		switch last = c; {
		case c == '.':
			sum, part, dots = sum<<8+part, 0, dots+1
		case c < '0' || c > '9':
			return false, nil
		default:
			part = part*10 + int64(c-'0')
		}
		if part > 255 || dots > 3 {
			return false, nil
		}
	}
	if last == '.' {
		return false, nil
	}
	if dots == 1 || dots == 2 {
		sum <<= 8 * (3 - dots)
	}
	out.Ints[i] = sum<<8 + part
	return true, nil
}

func inetText(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	n := vs[0].Ints[i]
	if n < 0 || n > 1<<32-1 {
		return dst, false
	}
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}).AppendTo(dst), true
}

// address reads an address without allocating for texts that are too long to be one.
func address(b []byte) (netip.Addr, bool) {
	if len(b) > 45 {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(string(b))
	return a, err == nil && a.Zone() == ""
}

func isAddress(is func(netip.Addr) bool) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Bools[i] = false
		if !vs[0].Null(i) {
			a, ok := address(vs[0].Bytes(i))
			out.Bools[i] = ok && is(a)
		}
		return true, nil
	}
}

func inetBytes(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	a, ok := address(vs[0].Bytes(i))
	switch {
	case !ok:
		return dst, false
	case a.Is4():
		b := a.As4()
		return append(dst, b[:]...), true
	}
	b := a.As16()
	return append(dst, b[:]...), true
}

func inetOfBytes(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	a, ok := netip.AddrFromSlice(vs[0].Bytes(i))
	if !ok {
		return dst, false
	}
	return appendAddress(dst, a), true
}

// appendAddress writes an address as the servers do: one of IPv6 that stands for one of IPv4 ends like it.
func appendAddress(dst []byte, a netip.Addr) []byte {
	if a.Is6() && !a.Is4In6() {
		b := a.As16()
		if [12]byte(b[:12]) == [12]byte{} && (b[12] != 0 || b[13] != 0) {
			return netip.AddrFrom4([4]byte(b[12:])).AppendTo(append(dst, "::"...))
		}
	}
	return a.AppendTo(dst)
}

// inetOf reads an address with or without the length of its network, or 22P02.
func inetOf(b []byte) (netip.Prefix, error) {
	bad := func() (netip.Prefix, error) {
		return netip.Prefix{}, sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type inet: %.100q", b)
	}
	if len(b) > 50 {
		return bad()
	}
	s := string(b)
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return bad()
	}
	return p, nil
}

func ofInet(f func(dst []byte, p netip.Prefix) []byte) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		p, err := inetOf(vs[0].Bytes(i))
		if err != nil {
			return false, err
		}
		off := len(out.Slab)
		out.Slab = f(out.Slab, p)
		out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
		return true, nil
	}
}

func numberOfInet(f func(netip.Prefix) int) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		p, err := inetOf(vs[0].Bytes(i))
		out.Ints[i] = int64(f(p))
		return err == nil, err
	}
}

// lastAddress is that of a network; its mask if only that is wanted.
func lastAddress(p netip.Prefix, mask bool) netip.Addr {
	b := p.Addr().AsSlice()
	for k := range b {
		ones := min(max(p.Bits()-8*k, 0), 8)
		network := byte(0xFF << (8 - ones))
		if b[k] |= ^network; mask {
			b[k] = network
		}
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}
