package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/conf"
)

// ParseOptions validates the properties that a statement gives for a relation. What belongs
// to another connector or format than the relation's is refused by that name.
func ParseOptions(all map[string]Connector, r *Relation, given []conf.Property) ([]conf.Notice, error) {
	d := DeclarationOf(all, r)
	f := d.FormatOf(r)
	scope := d.Scope(f)
	for _, p := range given {
		if scope.Find(p.Key) != nil {
			continue
		}
		if whose := owners(all, d, p.Key); whose != "" {
			message := fmt.Sprintf("option %s belongs to %s; %s has %s", p.Key, whose, r.FullName(), d.describe(f, whose))
			return nil, &conf.Error{Key: p.Key, Pos: p.KeyPos, Message: message}
		}
	}
	if err := refuseHidden(scope, given); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		other := all[name].Declaration()
		scope = scope.Beside(other.Own(nil)...)
		for _, f := range other.Formats {
			scope = scope.Beside(f.Options...)
		}
	}
	_, notices, err := scope.Parse(given)
	return notices, err
}

// describe names what a relation has in the place of an option's owner.
func (d *Declaration) describe(f *FormatTraits, whose string) string {
	if f != nil && strings.HasPrefix(whose, "format") {
		return fmt.Sprintf("format %q", f.Name)
	}
	return fmt.Sprintf("connector %q", d.Name)
}

// owners names the formats of a connector, else the connectors, that have an option.
func owners(all map[string]Connector, own *Declaration, key string) string {
	if names := formatsWith(own.Formats, key); len(names) > 0 {
		return list("format", names)
	}
	var connectors, formats []string
	for name, c := range all {
		d := c.Declaration()
		if has(d.Own(nil), key) {
			connectors = append(connectors, name)
		}
		formats = append(formats, formatsWith(d.Formats, key)...)
	}
	if len(connectors) > 0 {
		return list("connector", connectors)
	}
	if len(formats) > 0 {
		return list("format", formats)
	}
	return ""
}

func formatsWith(formats []*FormatTraits, key string) (names []string) {
	for _, f := range formats {
		if has(f.Options, key) {
			names = append(names, f.Name)
		}
	}
	return names
}

func has(options []*conf.Setting, key string) bool {
	return conf.Scope{}.With(options...).Find(key) != nil
}

func list(what string, names []string) string {
	slices.Sort(names)
	names = slices.Compact(names)
	for i, n := range names {
		names[i] = fmt.Sprintf("%q", n)
	}
	if len(names) > 1 {
		what += "s"
	}
	return what + " " + strings.Join(names, ", ")
}

// refuseHidden refuses what is printed in place of a secret, and an address that holds one: it would be shown with the address.
func refuseHidden(scope conf.Scope, given []conf.Property) error {
	for _, p := range given {
		switch d := scope.Find(p.Key); {
		case d == nil || d.Open:
		case conf.IsHidden(p.Value):
			return &conf.Error{Key: p.Key, Pos: p.ValuePos, Message: fmt.Sprintf("property %q is %s, which is printed in place of a secret", p.Key, conf.Hidden),
				Hint: "Give the value, or secret('name') of what CREATE SECRET name AS '…' has made."}
		case !d.Hides(p.Key) && conf.HoldsPassword(p.Value):
			return &conf.Error{Key: p.Key, Pos: p.ValuePos, Message: fmt.Sprintf("property %q tells a password, and is shown to everybody", p.Key),
				Hint: "Give user and password by properties of their own, the password as secret('name')."}
		}
	}
	return nil
}
