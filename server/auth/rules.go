package auth

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Rule says how clients of some addresses, databases and users sign in. It is a line of
// PostgreSQL's pg_hba.conf: [host|hostssl|hostnossl] database user address method.
type Rule struct {
	TLS       *bool          // nil: with and without
	Databases []string       // nil: all
	Users     []string       // nil: all
	Addresses []netip.Prefix // nil: all
	Method    Method
	text      string
}

// Rules are tried in order; the first that fits decides.
type Rules []Rule

// ParseRules reads rules with line breaks or semicolons between them; # begins a comment.
func ParseRules(text string) (Rules, error) {
	var out Rules
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == ';' }) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		r, err := parseRule(words)
		if err != nil {
			return nil, fmt.Errorf("rule %q: %w", strings.Join(words, " "), err)
		}
		out = append(out, r)
	}
	return out, nil
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

var methods = map[string]Method{"trust": Trust, "scram": Scram, "scram-sha-256": Scram, "cert": Cert, "reject": Reject}

func parseRule(words []string) (r Rule, err error) {
	r.text = strings.Join(words, " ")
	switch words[0] {
	case "hostssl", "hostnossl":
		with := words[0] == "hostssl"
		r.TLS = &with
		words = words[1:]
	case "host":
		words = words[1:]
	}
	if len(words) != 4 {
		return r, fmt.Errorf("it must read [host|hostssl|hostnossl] database user address method")
	}
	r.Databases, r.Users = names(words[0]), names(words[1])
	if r.Addresses, err = prefixes(words[2]); err != nil {
		return r, err
	}
	var ok bool
	if r.Method, ok = methods[words[3]]; !ok {
		return r, fmt.Errorf("unknown method %q: trust, scram, cert and reject are there", words[3])
	}
	if r.Method == Trust && !within(r.Addresses, loopback) {
		return r, fmt.Errorf("trust is for loopback addresses alone (loopback, 127.0.0.1, ::1)")
	}
	return r, nil
}

// names reads a list with commas; all is nil.
func names(word string) []string {
	list := strings.Split(word, ",")
	if slices.Contains(list, "all") {
		return nil
	}
	return list
}

func prefixes(word string) (out []netip.Prefix, err error) {
	for item := range strings.SplitSeq(word, ",") {
		switch item {
		case "all":
			return nil, nil
		case "loopback":
			out = append(out, loopback...)
			continue
		}
		p, err := netip.ParsePrefix(item)
		if err != nil {
			a, err := netip.ParseAddr(item)
			if err != nil {
				return nil, fmt.Errorf("address %q: all, loopback, an address, or one with the length of its prefix, as 10.0.0.0/8", item)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// within tells whether each prefix lies in one of some others.
func within(list, others []netip.Prefix) bool {
	for _, p := range list {
		if !slices.ContainsFunc(others, func(o netip.Prefix) bool { return o.Bits() <= p.Bits() && o.Contains(p.Addr()) }) {
			return false
		}
	}
	return len(list) > 0
}

func (r Rule) fits(at Attempt) bool {
	return (r.TLS == nil || *r.TLS == at.TLS) &&
		(r.Databases == nil || slices.Contains(r.Databases, at.Database)) &&
		(r.Users == nil || slices.Contains(r.Users, at.User)) &&
		(r.Addresses == nil || slices.ContainsFunc(r.Addresses, func(p netip.Prefix) bool { return p.Contains(at.Address) }))
}

// first gives the rule that decides about an attempt.
func (r Rules) first(at Attempt) (Rule, bool) {
	i := slices.IndexFunc(r, func(r Rule) bool { return r.fits(at) })
	if i < 0 {
		return Rule{}, false
	}
	return r[i], true
}

// Uses tells whether a rule has a method.
func (r Rules) Uses(m Method) bool {
	return slices.ContainsFunc(r, func(r Rule) bool { return r.Method == m })
}
