package catalog

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// NewSnapshot is the catalog before anything was declared.
func NewSnapshot() Snapshot {
	return Snapshot{Databases: map[string]*Database{}, Relations: map[string]*Relation{}, Applications: map[string]*Application{}, Functions: map[string]*Function{}, Users: map[string]*User{}, Secrets: map[string]*Secret{}}
}

// With gives the snapshot after a change, leaving s as it was; every Store applies
// changes through it. nextOID is called when the change asks for a number. The new
// Version is the store's to set.
func (s *Snapshot) With(c Change, nextOID func() uint32) (*Snapshot, error) {
	next := &Snapshot{Databases: maps.Clone(s.Databases), Relations: maps.Clone(s.Relations), Applications: maps.Clone(s.Applications), Functions: maps.Clone(s.Functions), Users: cloneUsers(s.Users), Secrets: maps.Clone(s.Secrets)}
	if d := c.PutDatabase; d != nil {
		if c.NeedOID {
			copied := *d
			copied.OID = nextOID()
			d = &copied
		}
		if err := put(next.Databases, d.Name, d, c.ReplaceIfExisting); err != nil {
			return nil, err
		}
	}
	if r := c.PutRelation; r != nil {
		if c.NeedOID {
			copied := *r
			if old := next.Relations[r.FullName()]; old != nil { // what is replaced stays what it is for who knows its number
				copied.OID, copied.Owner = old.OID, old.Owner
			} else {
				copied.OID = nextOID()
			}
			r = &copied
		}
		if err := put(next.Relations, r.FullName(), r, c.ReplaceIfExisting); err != nil {
			return nil, err
		}
	}
	if err := alter(next.Relations, c); err != nil {
		return nil, err
	}
	if a := c.PutApplication; a != nil {
		if err := put(next.Applications, a.Database+"."+a.Name, a, c.ReplaceIfExisting); err != nil {
			return nil, err
		}
	}
	if err := cmp.Or(next.functions(c), next.users(c, nextOID)); err != nil {
		return nil, err
	}
	if err := next.secrets(c); err != nil {
		return nil, err
	}
	next.forgetDropped(s, c)
	next.reassign(c.Reassign)
	if err := drop(next.Databases, c.DropDatabase); err != nil {
		return nil, err
	}
	if err := drop(next.Relations, c.DropRelation); err != nil {
		return nil, err
	}
	return next, drop(next.Applications, c.DropApplication)
}

// functions makes the change of functions in a snapshot that nobody reads yet.
func (s *Snapshot) functions(c Change) error {
	if s.Functions == nil { // one that was stored before there were any
		s.Functions = map[string]*Function{}
	}
	if f := c.PutFunction; f != nil {
		if err := put(s.Functions, f.Key(), f, c.ReplaceIfExisting); err != nil {
			return err
		}
	}
	return drop(s.Functions, c.DropFunction)
}

// alter puts changed copies in the place of relations: others still read the old ones.
func alter(m map[string]*Relation, c Change) error {
	if c.AlterRelation != "" {
		r := m[c.AlterRelation]
		if r == nil {
			return fmt.Errorf("%s: %w", c.AlterRelation, ErrMissing)
		}
		m[c.AlterRelation] = r.With(c.SetProperties, c.ReplacedProperties)
	}
	if c.RenameRelation == "" {
		return nil
	}
	r := m[c.RenameRelation]
	if r == nil {
		return fmt.Errorf("%s: %w", c.RenameRelation, ErrMissing)
	}
	renamed := *r
	renamed.Name = c.NewName
	if m[renamed.FullName()] != nil {
		return fmt.Errorf("%s: %w", renamed.FullName(), ErrExists)
	}
	delete(m, c.RenameRelation)
	m[renamed.FullName()] = &renamed
	return nil
}

// With is a copy of r with properties put in the place of those that are replaced and of
// those with the same keys.
func (r *Relation) With(list []Property, replaced []string) *Relation {
	out := *r
	out.Properties = nil
	for _, p := range r.Properties {
		same := func(key string) bool { return strings.EqualFold(key, p.Key) }
		if !slices.ContainsFunc(replaced, same) && !slices.ContainsFunc(list, func(n Property) bool { return same(n.Key) }) {
			out.Properties = append(out.Properties, p)
		}
	}
	out.Properties = append(out.Properties, list...)
	return &out
}

func put[T any](m map[string]*T, name string, v *T, replace bool) error {
	if m[name] != nil && !replace {
		return fmt.Errorf("%s: %w", name, ErrExists)
	}
	m[name] = v
	return nil
}

func drop[T any](m map[string]*T, name string) error {
	if name == "" {
		return nil
	}
	if m[name] == nil {
		return fmt.Errorf("%s: %w", name, ErrMissing)
	}
	delete(m, name)
	return nil
}
