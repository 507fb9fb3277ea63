package parser

import (
	"regexp"
	"strings"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// createSecret reads CREATE SECRET behind these words.
func (c *cursor) createSecret() (*ast.CreateSecret, error) {
	s := &ast.CreateSecret{}
	var err error
	if s.IfNotExists, err = c.ifNotExists(); err != nil {
		return nil, err
	}
	if s.Name, err = c.secretName(); err == nil {
		s.Is, err = c.secretSource()
	}
	return s, err
}

// alterSecret reads ALTER SECRET behind these words.
func (c *cursor) alterSecret() (*ast.AlterSecret, error) {
	s := &ast.AlterSecret{}
	var err error
	if s.Name, err = c.secretName(); err == nil {
		s.Is, err = c.secretSource()
	}
	return s, err
}

// dropSecret reads DROP SECRET behind these words.
func (c *cursor) dropSecret() (s *ast.DropSecret, err error) {
	s = &ast.DropSecret{IfExists: c.ifExists()}
	s.Names, err = dropped(c, c.secretName)
	return s, err
}

// secretNames are those of secrets: they stand in quotes within secret('name').
var secretNames = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// secretName reads the name of a secret, folded to lower case.
func (c *cursor) secretName() (ast.Ident, error) {
	name, err := c.folded()
	if err == nil && !secretNames.MatchString(name.Name) {
		err = sqlerr.At(name.Pos, sqlerr.InvalidName, "the name of a secret has letters, digits, _, . and -, and begins with a letter")
	}
	return name, err
}

// secretSource reads AS 'value' | FROM ENVIRONMENT 'NAME' | FROM FILE '/path'.
func (c *cursor) secretSource() (s ast.SecretSource, err error) {
	switch {
	case c.accept("AS"):
		s.From = ast.SecretValue
	case c.acceptAll("FROM", "ENVIRONMENT"):
		s.From = ast.SecretEnvironment
	case c.acceptAll("FROM", "FILE"):
		s.From = ast.SecretFile
	default:
		return s, c.unexpected().WithHint("Expected AS 'value', FROM ENVIRONMENT 'NAME' or FROM FILE '/path' here.")
	}
	t := c.peek()
	if t.kind != stringToken {
		return s, c.unexpected().WithHint("Expected a text in single quotes here.")
	}
	s.Pos = c.pos()
	c.i++
	switch {
	case t.value == "":
		return s, sqlerr.At(s.Pos, sqlerr.InvalidParameter, "a secret cannot be empty")
	case s.From != ast.SecretValue:
		s.Place = t.value
	case conf.IsHidden(t.value):
		return s, sqlerr.At(s.Pos, sqlerr.InvalidParameter, "%s is what is printed in place of a secret", conf.Hidden).WithHint("Give the value itself.")
	default:
		s.Value = conf.NewSecret(t.value)
	}
	return s, nil
}

// reference reads secret('name') as the value of a property.
func (c *cursor) reference() (string, error) {
	c.i += 2 // secret (
	t := c.peek()
	if t.kind != stringToken {
		return "", c.unexpected().WithHint("Expected the name of a secret in single quotes here.")
	}
	if !secretNames.MatchString(t.value) {
		return "", sqlerr.At(c.pos(), sqlerr.InvalidName, "this is no name of a secret").WithHint("SHOW SECRETS lists them.")
	}
	c.i++
	if err := c.expect(")"); err != nil {
		return "", err
	}
	return conf.Reference(strings.ToLower(t.value)), nil
}
