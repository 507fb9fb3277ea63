package auth

import (
	"strings"

	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// Object is what a right is needed on.
type Object struct {
	// Kind is OnDatabase, OnStream or OnJob, or what has an owner and no grants: a function, an application.
	Kind catalog.ObjectKind
	// ID is how grants name it, Name how people do.
	ID, Name string
	// Owner is the OID of who made it; 0: nobody.
	Owner uint32
	// Database is the database that it is in, or is.
	Database *catalog.Database
}

// Kinds of objects that have an owner and no grants.
const (
	OnFunction    catalog.ObjectKind = "function"
	OnApplication catalog.ObjectKind = "application"
	OnSecret      catalog.ObjectKind = "secret"
)

// rights is a set of them.
type rights uint8

const (
	mayRead rights = 1 << iota
	mayWrite
	mayOperate
	mayCreate
	mayOwn
	mayAll = mayRead | mayWrite | mayOperate | mayCreate | mayOwn
)

var bits = map[catalog.Right]rights{catalog.Read: mayRead, catalog.Write: mayWrite, catalog.Operate: mayOperate, catalog.Create: mayCreate, catalog.Own: mayAll}

// granted is what grants are found by.
type granted struct {
	kind catalog.ObjectKind
	id   string
}

// Subject is who asks, with all that its roles were granted. It holds for the snapshot that it was made of.
type Subject struct {
	Name string
	// Super: it may do everything.
	Super  bool
	known  bool
	owners map[uint32]bool // itself and the roles that it is a member of
	given  map[granted]rights
	roles  map[string]bool
}

// SubjectOf brings together what an identity may do by the users that there are now. A user that was dropped while it was
// signed in may do nothing.
func SubjectOf(id Identity, users map[string]*catalog.User) *Subject {
	s := &Subject{Name: id.User, owners: map[uint32]bool{}, given: map[granted]rights{}, roles: map[string]bool{}}
	u := users[id.User]
	if u == nil {
		s.Super = id.Owner // of a server that had no users when it came
		s.known = s.Super
		return s
	}
	s.Super, s.known = u.Superuser, true
	s.add(u, users)
	if p := users[catalog.Public]; p != nil {
		s.add(p, users)
	}
	return s
}

// add takes a role in, and those that it is a member of.
func (s *Subject) add(u *catalog.User, users map[string]*catalog.User) {
	if s.owners[u.OID] {
		return
	}
	s.owners[u.OID], s.roles[u.Name] = true, true
	for _, g := range u.Grants {
		s.given[granted{g.Kind, g.Object}] |= bits[g.Right]
	}
	for _, name := range u.MemberOf {
		if r := users[name]; r != nil {
			s.add(r, users)
		}
	}
}

// Member tells that the subject is a role, or has its rights.
func (s *Subject) Member(role string) bool { return s.Super || s.roles[role] }

// on is all that the subject may do with an object.
func (s *Subject) on(o Object) rights {
	if s.Super || o.Owner != 0 && s.owners[o.Owner] {
		return mayAll
	}
	has := s.given[granted{o.Kind, o.ID}]
	if d := o.Database; d != nil {
		id := catalog.ObjectID(d.OID)
		all := s.given[granted{catalog.OnDatabase, id}]
		if all&mayOwn != 0 || d.Owner != 0 && s.owners[d.Owner] {
			return mayAll
		}
		switch o.Kind {
		case catalog.OnStream:
			has |= all&(mayRead|mayWrite) | s.given[granted{catalog.OnStreams, id}]
		case catalog.OnJob:
			has |= all&(mayRead|mayOperate) | s.given[granted{catalog.OnJobs, id}]
		}
	}
	if o.Kind == catalog.OnJob && has&mayOperate != 0 {
		has |= mayRead
	}
	return has
}

// Has tells whether the subject has a right on an object.
func (s *Subject) Has(right catalog.Right, o Object) bool {
	want := bits[right]
	return s.on(o)&want == want
}

// Sees tells whether an object is there for the subject: it has some right on it. Databases, functions and applications are
// there for everybody who is.
func (s *Subject) Sees(o Object) bool {
	switch o.Kind {
	case catalog.OnStream, catalog.OnJob, OnSecret:
		return s.on(o) != 0
	}
	return s.known
}

// Allows is nil if the subject has a right on an object, else 42501 with what is missing.
func (s *Subject) Allows(right catalog.Right, o Object) error {
	if s.Has(right, o) {
		return nil
	}
	e := sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied for %s %s", word(o.Kind), o.Name)
	if !s.known {
		return e.WithDetail("There is no user %q any more.", s.Name)
	}
	e = e.WithDetail("User %q needs the right %s on it.", s.Name, right)
	switch o.Kind {
	case catalog.OnStream, catalog.OnJob, catalog.OnDatabase:
		return e.WithHint("Its owner or a superuser gives it: GRANT %s ON %s %s TO %s", strings.ToUpper(string(right)), strings.ToUpper(word(o.Kind)), o.Name, quoted(s.Name))
	}
	if o.Kind == OnSecret {
		return e.WithHint("Who made it and superusers have it.")
	}
	return e.WithHint("Who made it, who owns its database, and superusers have it.")
}

// Allows is the one decision: whether an identity has a right on an object, by the users that there are.
func Allows(id Identity, users map[string]*catalog.User, right catalog.Right, o Object) error {
	return SubjectOf(id, users).Allows(right, o)
}

// AllowsServer is nil for who may administer the whole server.
func (s *Subject) AllowsServer(what string) error {
	if s.Super {
		return nil
	}
	return sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied to %s", what).WithDetail("Only superusers may; user %q is none.", s.Name)
}

// word is how statements call a kind of object.
func word(k catalog.ObjectKind) string {
	if k == catalog.OnJob {
		return "streamjob"
	}
	return string(k)
}

// quoted is a role as a statement names it.
func quoted(name string) string {
	if strings.IndexFunc(name, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }) < 0 {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
