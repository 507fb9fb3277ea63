package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Public is the role that everybody is a member of. It is stored once something was granted to it.
const Public = "public"

// User is a role: somebody who signs in, or a name for rights that others are given together. It is never changed after it was stored.
type User struct {
	// OID is the number by which objects name their owner, of the same series as those of relations.
	OID   uint32 `json:"oid"`
	Name  string `json:"name"` // as PostgreSQL folds it: lower case unless it was quoted
	Login bool   `json:"login,omitempty"`
	// Superuser: may do everything.
	Superuser bool `json:"superuser,omitempty"`
	// Verifier tells a password: SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey, empty where there is none. The password itself is not stored.
	Verifier string `json:"verifier,omitempty"`
	// ConnectionLimit is how many connections there may be at a time; nil: no limit of this user's.
	ConnectionLimit *int `json:"connection_limit,omitempty"`
	// ValidUntil is when the password ends; the zero time: never.
	ValidUntil time.Time `json:"valid_until,omitzero"`
	// MemberOf are the names of the roles whose rights are this one's, too, in order.
	MemberOf []string `json:"member_of,omitempty"`
	// Grants are the rights that were given to this role itself, in order of kind, object and right.
	Grants []Grant `json:"grants,omitempty"`
	// Settings are those of ALTER USER … SET: what a session of the user's begins with, and its limits.
	Settings []Property `json:"settings,omitempty"`
	Created  time.Time  `json:"created"`
}

// Right is what a role may do with an object.
type Right string

// The rights that can be granted. Own has the others in it.
const (
	Read    Right = "read"    // the rows of a relation; what is known of a job
	Write   Right = "write"   // rows into a relation
	Operate Right = "operate" // start and stop a job, and what it has stored
	Create  Right = "create"  // new objects in a database
	Own     Right = "own"     // all of it, and alter, rename, drop, grant
)

// ObjectKind is what rights are given on.
type ObjectKind string

// The kinds of objects. Streams and Jobs are all of a database, also those that come later.
const (
	OnDatabase ObjectKind = "database"
	OnStream   ObjectKind = "stream" // also a table or a view
	OnJob      ObjectKind = "job"
	OnStreams  ObjectKind = "streams"
	OnJobs     ObjectKind = "jobs"
)

// Grant is one right on one object. Objects are named by what never changes and is never used twice, so that one that is
// renamed keeps its grants, and a new one of an old name has none.
type Grant struct {
	Right Right      `json:"right"`
	Kind  ObjectKind `json:"on"`
	// Object is the OID of a relation or a database, the id of a job.
	Object string `json:"object"`
	By     string `json:"by,omitempty"` // who gave it
}

// Same tells the same right on the same object, whoever gave it.
func (g Grant) Same(o Grant) bool {
	return g.Right == o.Right && g.Kind == o.Kind && g.Object == o.Object
}

// ObjectID is how a grant names what has an OID.
func ObjectID(oid uint32) string { return strconv.FormatUint(uint64(oid), 10) }

// User finds a role by its name, or gives nil.
func (s *Snapshot) User(name string) *User { return s.Users[name] }

// UserByOID finds a role by its number, or gives nil.
func (s *Snapshot) UserByOID(oid uint32) *User {
	for _, u := range s.Users {
		if u.OID == oid {
			return u
		}
	}
	return nil
}

// HasUsers tells that somebody can sign in: without users the server has one owner, who needs no name.
func (s *Snapshot) HasUsers() bool {
	for _, u := range s.Users {
		if u.Login {
			return true
		}
	}
	return false
}

// users makes the change of roles in a snapshot that nobody reads yet.
func (s *Snapshot) users(c Change, nextOID func() uint32) error {
	if c.EditUsers == nil {
		return nil
	}
	changed, dropped, err := c.EditUsers(s)
	if err != nil {
		return err
	}
	for _, u := range changed {
		if u.OID == 0 {
			if s.Users[u.Name] != nil {
				return fmt.Errorf("%s: %w", u.Name, ErrExists)
			}
			numbered := *u
			numbered.OID = nextOID()
			u = &numbered
		} else if old := s.UserByOID(u.OID); old == nil {
			return fmt.Errorf("%s: %w", u.Name, ErrMissing)
		} else if err := s.renameUser(old.Name, u.Name); err != nil {
			return err
		}
		s.Users[u.Name] = u
	}
	for _, name := range dropped {
		if err := drop(s.Users, name); err != nil {
			return err
		}
		s.eachUser(func(u *User) { u.MemberOf = without(u.MemberOf, name) })
	}
	return nil
}

// renameUser takes a role off its old name; those who are its members are members of the new one.
func (s *Snapshot) renameUser(from, to string) error {
	if from == to {
		return nil
	}
	if s.Users[to] != nil {
		return fmt.Errorf("%s: %w", to, ErrExists)
	}
	delete(s.Users, from)
	s.eachUser(func(u *User) {
		if slices.Contains(u.MemberOf, from) {
			u.MemberOf = append(without(u.MemberOf, from), to)
			slices.Sort(u.MemberOf)
		}
	})
	return nil
}

// eachUser puts copies, changed, in the place of the roles that change alters.
func (s *Snapshot) eachUser(change func(*User)) {
	for name, u := range s.Users {
		next := *u
		if change(&next); !slices.Equal(next.MemberOf, u.MemberOf) || !slices.Equal(next.Grants, u.Grants) {
			s.Users[name] = &next
		}
	}
}

// forget takes away the grants on what is not there any more.
func (s *Snapshot) forget(gone func(Grant) bool) {
	s.eachUser(func(u *User) { u.Grants = slices.DeleteFunc(slices.Clone(u.Grants), gone) })
}

// forgetDropped takes away the grants on what a change has dropped, of which before is the catalog as it was.
func (s *Snapshot) forgetDropped(before *Snapshot, c Change) {
	var ids []string
	if r := before.Relations[c.DropRelation]; r != nil {
		ids = append(ids, ObjectID(r.OID))
	}
	if d := before.Databases[c.DropDatabase]; d != nil {
		ids = append(ids, ObjectID(d.OID))
	}
	if c.DroppedJob != "" {
		ids = append(ids, c.DroppedJob)
	}
	if len(ids) > 0 && len(s.Users) > 0 {
		s.forget(func(g Grant) bool { return slices.Contains(ids, g.Object) })
	}
}

func without(list []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(n string) bool { return n == name })
}

// cloneUsers is the map of a snapshot that nobody reads yet; one that was stored before there were users has none.
func cloneUsers(m map[string]*User) map[string]*User {
	if m == nil {
		return map[string]*User{}
	}
	return maps.Clone(m)
}

// reassign puts copies with other owners in the place of what changes hands.
func (s *Snapshot) reassign(to map[uint32]uint32) {
	if len(to) == 0 {
		return
	}
	for name, r := range s.Relations {
		if owner := to[r.Owner]; owner != 0 {
			next := *r
			next.Owner, s.Relations[name] = owner, &next
		}
	}
	for name, d := range s.Databases {
		if owner := to[d.Owner]; owner != 0 {
			next := *d
			next.Owner, s.Databases[name] = owner, &next
		}
	}
	for name, f := range s.Functions {
		if owner := to[f.Owner]; owner != 0 {
			next := *f
			next.Owner, s.Functions[name] = owner, &next
		}
	}
	for name, a := range s.Applications {
		if owner := to[a.Owner]; owner != 0 {
			next := *a
			next.Owner, s.Applications[name] = owner, &next
		}
	}
}
