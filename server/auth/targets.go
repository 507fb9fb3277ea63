package auth

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"strings"

	"slipway/sql/sqlerr"
)

// Targets are the hosts and folders that those may name in properties who are no superusers. What
// names a host is compared as it is written: an allowed name is trusted to lead where it leads.
type Targets struct {
	hosts   []hostRule
	folders []string
}

// hostRule is a name, all names below one, a network, or everything; port is empty for any.
type hostRule struct {
	name, below, port string
	network           netip.Prefix
	all               bool
}

// never are addresses that hand out a machine's own credentials, or lead to its neighbours without a route: nobody who is no
// superuser names them, whatever is allowed.
var never = []netip.Prefix{netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("fd00:ec2::254/128"),
	netip.MustParsePrefix("100.100.100.200/32"), netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("::/128")}

// neverNames are those of such addresses.
var neverNames = []string{"metadata", "metadata.google.internal", "instance-data", "instance-data.ec2.internal"}

// ParseTargets reads a list with commas between: db.example.org, *.example.org, 10.1.0.0/16, each with :port, * and /folder/.
func ParseTargets(text string) (t Targets, err error) {
	for _, w := range strings.Split(text, ",") {
		if w = strings.TrimSpace(w); w == "" {
			continue
		}
		if strings.HasPrefix(w, "/") {
			t.folders = append(t.folders, strings.TrimSuffix(path.Clean(w), "/")+"/")
			continue
		}
		rule, err := parseHost(w)
		if err != nil {
			return t, err
		}
		t.hosts = append(t.hosts, rule)
	}
	return t, nil
}

func parseHost(w string) (r hostRule, err error) {
	if r.network, err = netip.ParsePrefix(w); err == nil {
		r.network = r.network.Masked()
		return r, nil
	}
	host, port := splitHost(w)
	if at, bits, ok := strings.Cut(host, "/"); ok {
		if r.network, err = netip.ParsePrefix(at + "/" + bits); err != nil {
			return r, fmt.Errorf("server.allowed.targets: %q is no host, no network and no folder", w)
		}
		r.network, r.port = r.network.Masked(), port
		return r, nil
	}
	r.port = port
	if a, err := netip.ParseAddr(host); err == nil {
		r.network = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())
		return r, nil
	}
	switch below, wild := strings.CutPrefix(host, "*."); {
	case host == "*":
		r.all = true
	case wild:
		r.below = "." + below
	default:
		r.name = host
	}
	if !hostName.MatchString(strings.TrimPrefix(r.name+r.below, ".")) && !r.all || !portNumber.MatchString(port) {
		return r, fmt.Errorf("server.allowed.targets: %q is no host, no network and no folder", w)
	}
	return r, nil
}

var (
	hostName   = regexp.MustCompile(`^[\p{L}\p{N}_]([\p{L}\p{N}_.-]*[\p{L}\p{N}_])?$`)
	portNumber = regexp.MustCompile(`^[0-9]*$`)
	// numericName is an address in a form that resolvers read and netip does not: 2130706433, 0x7f.1.
	numericName = regexp.MustCompile(`^(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*$`)
)

// splitHost takes host:port apart, in small letters, without the brackets of IPv6, its zone, and a dot at the end.
func splitHost(text string) (host, port string) {
	host = strings.ToLower(strings.TrimSpace(text))
	if h, p, err := net.SplitHostPort(host); err == nil {
		host, port = h, p
	}
	host = strings.Trim(host, "[]")
	host, _, _ = strings.Cut(host, "%")
	return strings.TrimSuffix(host, "."), port
}

// Host is nil if a host may be named.
func (t Targets) Host(hostPort string) error {
	host, port := splitHost(hostPort)
	a, err := netip.ParseAddr(host)
	isAddress := err == nil
	a = a.Unmap()
	for _, p := range never {
		if isAddress && p.Contains(a) {
			return refusedTarget("host", host, "link-local addresses, and those of metadata services, are never allowed")
		}
	}
	for _, n := range neverNames {
		if host == n {
			return refusedTarget("host", host, "metadata services are never allowed")
		}
	}
	if !isAddress && (numericName.MatchString(host) || !hostName.MatchString(host)) {
		return refusedTarget("host", host, "it is neither a name nor an address in its usual form")
	}
	for _, r := range t.hosts {
		if (r.port == "" || r.port == port) && r.fits(host, a, isAddress) {
			return nil
		}
	}
	return refusedTarget("host", host, "server.allowed.targets does not list it")
}

func (r hostRule) fits(host string, a netip.Addr, isAddress bool) bool {
	switch {
	case r.all:
		return true
	case r.network.IsValid():
		return isAddress && r.network.Contains(a)
	case isAddress:
		return false
	}
	return r.name != "" && host == r.name || r.below != "" && strings.HasSuffix(host, r.below)
}

// URL is nil if the hosts of a URL may be named, and the hosts and files in its parameters.
func (t Targets) URL(text string) error {
	u, err := url.Parse(strings.TrimPrefix(strings.TrimSpace(text), "jdbc:"))
	if err != nil || u.Host == "" {
		return refusedTarget("URL", "", "it has no host")
	}
	for _, host := range strings.Split(u.Host, ",") {
		if err := t.Host(host); err != nil {
			return err
		}
	}
	for key, values := range u.Query() {
		for _, v := range values {
			if err := t.parameter(strings.ToLower(key), v); err != nil {
				return err
			}
		}
	}
	return nil
}

// parameter is nil if the parameter of a connection leads nowhere else than is allowed.
func (t Targets) parameter(key, value string) error {
	switch {
	case strings.Contains(key, "host"):
		return t.Host(value)
	case strings.HasSuffix(key, "cert"), strings.HasSuffix(key, "key"), strings.Contains(key, "file"), strings.HasPrefix(value, "/"):
		return t.File(value)
	case key == "service":
		return refusedTarget("parameter", key, "it names a host that stands elsewhere")
	}
	return nil
}

// File is nil if a file may be named: a path, or a URL of one. It must lie below an allowed folder once its .. are resolved.
func (t Targets) File(name string) error {
	at := name
	if u, err := url.Parse(name); err == nil && u.Scheme != "" {
		if u.Scheme != "file" {
			return refusedTarget("file", name, "it is no path")
		}
		at = u.Path
	}
	if !strings.HasPrefix(at, "/") || strings.ContainsRune(at, 0) {
		return refusedTarget("file", name, "it is no path from the root")
	}
	at = path.Clean(at)
	for _, f := range t.folders {
		if strings.HasPrefix(at, f) {
			return nil
		}
	}
	return refusedTarget("file", name, "server.allowed.targets has no folder that it is in")
}

// With allows some hosts more, as they are written.
func (t Targets) With(hosts string) Targets {
	for _, h := range strings.Split(hosts, ",") {
		if r, err := parseHost(strings.TrimSpace(h)); err == nil && strings.TrimSpace(h) != "" {
			t.hosts = append(t.hosts[:len(t.hosts):len(t.hosts)], r)
		}
	}
	return t
}

func refusedTarget(what, name, why string) error {
	return sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied for %s %q", what, name).
		WithDetail("Others than superusers may not name it: %s.", why).WithHint("A superuser declares it, or adds it to the setting server.allowed.targets.")
}
