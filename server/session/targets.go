package session

import (
	"strings"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// checkTargets refuses properties that lead where only a superuser may lead the server.
func (s *session) checkTargets(r *catalog.Relation, given []ast.Property) error {
	if s.subject().Super {
		return nil
	}
	d := catalog.DeclarationOf(s.Compiler.Connectors, r)
	scope := d.Scope(d.FormatOf(r))
	for _, p := range given {
		if p.Value == "" {
			continue
		}
		if err := s.checkTarget(scope.Find(p.Key), p); err != nil {
			e := *sqlerr.From(err)
			e.Position = p.ValuePos + 1
			return &e
		}
	}
	return nil
}

// storedProperties are those of a statement as a relation has them.
func storedProperties(given []ast.Property) (out []catalog.Property) {
	for _, p := range given {
		out = append(out, catalog.Property{Key: p.Key, Value: p.Value})
	}
	return out
}

func (s *session) checkTarget(d *conf.Setting, p ast.Property) error {
	if d == nil {
		return nil // refused elsewhere, by its name
	}
	switch d.Leads(p.Key) {
	case conf.TargetHosts:
		for _, host := range strings.Split(p.Value, ",") {
			if err := s.Targets.Host(host); err != nil {
				return err
			}
		}
	case conf.TargetURL:
		return s.Targets.URL(p.Value)
	case conf.TargetFile:
		return s.Targets.File(p.Value)
	}
	return nil
}
