package engine

import (
	"regexp"

	"slipway/server/pgcatalog/syntax"
)

// conditions splits a condition at its ANDs.
func (b *binding) conditions(what string, x syntax.Expr, s *scope) []condition {
	if and, ok := x.(*syntax.Binary); ok && and.Op == "AND" {
		return append(b.conditions(what, and.L, s), b.conditions(what, and.R, s)...)
	}
	n := b.bound(x, s)
	needs, outside := n.needs, n.outside
	n = b.conditionOf(what, n, x)
	n.needs, n.outside = needs, outside
	return []condition{{node: n, equals: b.equalities(x, s)}}
}

// equalities finds column = value in a condition, both ways round.
func (b *binding) equalities(x syntax.Expr, s *scope) (out []equality) {
	eq, ok := x.(*syntax.Binary)
	if ok && eq.Op == "~" {
		eq, ok = wholeName(eq)
	}
	if !ok || eq.Op != "=" {
		return nil
	}
	for _, pair := range [][2]syntax.Expr{{eq.L, eq.R}, {eq.R, eq.L}} {
		c, ok := pair[0].(*syntax.Column)
		if !ok {
			continue
		}
		p, found := s.column(c)
		if !found || p.up > 0 {
			continue
		}
		v := b.bound(pair[1], s)
		needs, outside := v.needs, v.outside
		if v = b.as(v, p.typ); comparable(v.typ) != comparable(p.typ) || needs&only(p.source) != 0 {
			continue
		}
		v.needs, v.outside = needs, outside
		out = append(out, equality{p.source, p.column, v})
	}
	return out
}

// plainName finds patterns of psql that only one name fits: that of \d name.
var plainName = regexp.MustCompile(`^\^\(([a-z0-9_]+)\)\$$`)

// wholeName is a pattern that only one name fits as a comparison with that.
func wholeName(match *syntax.Binary) (*syntax.Binary, bool) {
	pattern, ok := match.R.(*syntax.Literal)
	if !ok || pattern.Kind != syntax.Text {
		return nil, false
	}
	name := plainName.FindStringSubmatch(pattern.Text)
	if name == nil {
		return nil, false
	}
	return &syntax.Binary{At: match.At, Op: "=", L: match.L, R: &syntax.Literal{At: pattern.At, Kind: syntax.Text, Text: name[1]}}, true
}
