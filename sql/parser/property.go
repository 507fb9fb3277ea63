package parser

import (
	"slices"
	"strings"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// properties reads ( key = value, … ). Keys and values may be quoted either way, or bare.
func (c *cursor) properties() ([]ast.Property, error) {
	if err := c.expect("("); err != nil {
		return nil, err
	}
	if c.accept(")") {
		return []ast.Property{}, nil
	}
	var list []ast.Property
	for {
		p, err := c.property()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(list, func(q ast.Property) bool { return strings.EqualFold(p.Key, q.Key) }) {
			return nil, sqlerr.At(p.Pos, sqlerr.InvalidParameter, "property \"%s\" is given twice", p.Key)
		}
		list = append(list, p)
		if c.accept(",") {
			if c.peek().is(")") {
				return nil, c.unexpected().WithHint("There is a comma too many before it.")
			}
			continue
		}
		if !c.peek().is(")") {
			return nil, c.unexpected().WithHint("Expected , or ) here.")
		}
		c.i++
		return list, nil
	}
}

func (c *cursor) property() (p ast.Property, err error) {
	p.Pos = c.pos()
	if p.Key, err = c.propertyKey(); err != nil {
		return p, err
	}
	if !c.accept("=") && !c.accept(":") {
		return p, c.unexpected().WithHint("Expected = and the value of %q here.", p.Key)
	}
	p.ValuePos = c.pos()
	if p.Secret = c.peek().is("SECRET") && c.ahead(1).is("("); p.Secret {
		p.Value, err = c.reference()
		return p, err
	}
	p.Value, err = c.propertyValue()
	if err == nil && conf.IsReference(p.Value) {
		err = sqlerr.At(p.ValuePos, sqlerr.InvalidParameter, "secret(…) stands without quotes around it").WithHint("Write %q = %s.", p.Key, p.Value)
	}
	return p, err
}

// propertyKey reads 'k', "k", `k` or bare a.b.c.
func (c *cursor) propertyKey() (string, error) {
	t := c.peek()
	if t.kind == stringToken || t.kind == identToken {
		c.i++
		return t.value, nil
	}
	key := ""
	for {
		t := c.peek()
		if t.kind != wordToken {
			return "", c.unexpected().WithHint("Expected the key of a property here: \"key\"=\"value\".")
		}
		c.i++
		key += t.value
		if !c.accept(".") {
			return key, nil
		}
		key += "."
	}
}

// propertyValue reads a string, a number or a bare word.
func (c *cursor) propertyValue() (string, error) {
	sign := ""
	if c.accept("-") {
		sign = "-"
	}
	t := c.peek()
	switch {
	case t.kind == numberToken, sign == "" && (t.isString() || t.kind == wordToken):
		c.i++
		return sign + t.value, nil
	}
	return "", c.unexpected().WithHint("Expected the value of the property in quotes here.")
}
