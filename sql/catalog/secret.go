package catalog

import (
	"slices"
	"strings"
	"time"

	"slipway/conf"
)

// Secret is what CREATE SECRET declares: a name for a value that nobody is shown. Exactly one of
// Sealed, Environment and File is set.
type Secret struct {
	Name string `json:"name"` // lower case
	// Sealed is the value, encrypted with the server's key.
	Sealed string `json:"sealed,omitempty"`
	// Environment is the variable, and File the file, that hold it on the server that runs a job.
	Environment string    `json:"environment,omitempty"`
	File        string    `json:"file,omitempty"`
	Owner       uint32    `json:"owner,omitempty"` // as Relation.Owner
	Created     time.Time `json:"created"`
	Changed     time.Time `json:"changed"`
}

// UsersOf are the full names of the relations whose properties name a secret, in order.
func (s *Snapshot) UsersOf(secret string) (names []string) {
	for name, r := range s.Relations {
		if slices.ContainsFunc(r.Properties, func(p Property) bool { n, ok := conf.ReferenceName(p.Value); return ok && n == secret }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// SealedPrefix begins every value that is stored encrypted with the server's key.
const SealedPrefix = "sealed:"

// holdsSecrets tells that there is what a server of an earlier format would lose, or take for the value.
func (s *Snapshot) holdsSecrets() bool {
	if len(s.Secrets) > 0 {
		return true
	}
	for _, r := range s.Relations {
		if slices.ContainsFunc(r.Properties, func(p Property) bool { return conf.IsReference(p.Value) || strings.HasPrefix(p.Value, SealedPrefix) }) {
			return true
		}
	}
	return false
}

// Sealed are all values that are stored encrypted.
func (s *Snapshot) Sealed() (list []string) {
	for _, k := range s.Secrets {
		if k.Sealed != "" {
			list = append(list, k.Sealed)
		}
	}
	for _, r := range s.Relations {
		for _, p := range r.Properties {
			if strings.HasPrefix(p.Value, SealedPrefix) {
				list = append(list, p.Value)
			}
		}
	}
	return list
}

// Hides tells whether a property of a relation is a secret.
func (d *Declaration) Hides(r *Relation, key string) bool {
	s := d.Scope(d.FormatOf(r)).Find(key)
	return s != nil && s.Hides(key)
}

// secrets makes the change of secrets in a snapshot that nobody reads yet.
func (s *Snapshot) secrets(c Change) error {
	if s.Secrets == nil { // one that was stored before there were any
		s.Secrets = map[string]*Secret{}
	}
	if k := c.PutSecret; k != nil {
		if err := put(s.Secrets, k.Name, k, c.ReplaceIfExisting); err != nil {
			return err
		}
	}
	return drop(s.Secrets, c.DropSecret)
}
