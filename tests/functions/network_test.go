package functions

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

func init() {
	v4 := func(r *rand.Rand) string {
		return fmt.Sprintf("%d.%d.%d.%d", r.IntN(260), r.IntN(256), r.IntN(256), r.IntN(256))
	}
	v6 := func(r *rand.Rand) string {
		group := func() int { return r.IntN(0x10000) * r.IntN(2) }
		return fmt.Sprintf("%x:%x:%x:%x:%x:%x:%x:%x", group(), group(), group(), group(), group(), group(), group(), group())
	}
	either := func(r *rand.Rand) string { return []func(*rand.Rand) string{v4, v6}[r.IntN(2)](r) }
	addresses := []string{"10.0.5.9", "127.1", "1.2.3", "255.255.255.255", "0.0.0.0", "256.1.1.1", "1.2.3.4.5", "1.2.3.", "", "abc", "::1", "::", "fe80::1", "::ffff:1.2.3.4", "::1.2.3.4", "1::2::3", "2001:db8::ff00:42:8329", "1:2:3:4:5:6:7:8", "1:2:3"}
	generate("ip", generator{kind: text, edges: addresses, random: either})
	generate("inet", generator{kind: text, edges: []string{"10.0.5.9/24", "10.0.5.9", "10.0.5.9/0", "10.0.5.9/32", "10.0.5.9/33", "::1", "::1/64", "2001:db8::1/32", "::ffff:1.2.3.4/96", "abc", "", "10.0.5.9/x", "fe80::1/10"},
		random: func(r *rand.Rand) string { return fmt.Sprintf("%s/%d", either(r), r.IntN(33)) }})
	generate("number", generator{kind: bigint, edges: []string{"0", "1", "4294967295", "4294967296", "-1", "167773449"}, random: func(r *rand.Rand) string { return fmt.Sprint(r.Int64N(1 << 32)) }})
	add(
		line{name: "inet_aton", ours: "inet_aton({ip})", mariadb: same, gives: bigint, differs: inMariaDB(func(c call) bool { return strings.Count(c.args["ip"].text, ".") > 3 })},
		line{name: "inet_ntoa", ours: "inet_ntoa({number})", mariadb: same, gives: text},
		line{name: "inet6_aton", ours: "hex(inet6_aton({ip}))", mariadb: same, gives: text},
		line{name: "inet6_ntoa", ours: "inet6_ntoa(inet6_aton({ip}))", mariadb: same, gives: text, differs: singleZero},
		line{name: "is_ipv4", ours: "is_ipv4({ip})", mariadb: same, gives: boolean},
		line{name: "is_ipv6", ours: "is_ipv6({ip})", mariadb: same, gives: boolean},
	)
	for _, f := range []string{"host", "network", "netmask", "broadcast"} {
		add(line{name: f, ours: f + "({inet})", postgres: f + "({inet}::inet)", gives: text})
	}
	for _, f := range []string{"masklen", "family"} {
		add(line{name: f, ours: f + "({inet})", postgres: f + "({inet}::inet)", gives: bigint})
	}
}
