package session

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"slipway/server/auth"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

var (
	_ = register(statement[*ast.Grant]{right: define, changes: true, do: (*session).grant, needs: (*session).grantNeeds})
	_ = register(statement[*ast.GrantRole]{right: administer, changes: true, do: (*session).grantRole, needs: superuser[*ast.GrantRole]("grant roles")})
	_ = register(statement[*ast.ShowGrants]{right: inspect, tag: "SHOW GRANTS", list: (*session).showGrants, needs: nothing[*ast.ShowGrants],
		names: []string{"role", "right", "on", "object", "granted_by"}})
)

// kindRights are the rights that there are on a kind of object.
var kindRights = map[ast.Kind][]catalog.Right{
	ast.Stream: {catalog.Read, catalog.Write, catalog.Own}, ast.StreamJob: {catalog.Read, catalog.Operate, catalog.Own},
	ast.Database: {catalog.Read, catalog.Write, catalog.Operate, catalog.Create, catalog.Own},
}

// synonyms are PostgreSQL's words for rights.
var synonyms = map[string]catalog.Right{
	"read": catalog.Read, "select": catalog.Read, "write": catalog.Write, "insert": catalog.Write, "operate": catalog.Operate, "create": catalog.Create,
	"own": catalog.Own, "all": catalog.Own,
}

// needless are rights of PostgreSQL's that everybody has here.
var needless = map[string]bool{"usage": true, "connect": true, "temporary": true, "temp": true, "references": true, "trigger": true, "execute": true}

// grantedRights are those that a statement names.
func (s *session) grantedRights(d *ast.Grant) (out []catalog.Right, err error) {
	known := kindRights[d.On]
	for _, r := range d.Rights {
		if needless[r.Name] {
			s.notice("%s is not needed: everybody has it, or nobody can use it", strings.ToUpper(r.Name))
			continue
		}
		right, ok := synonyms[r.Name]
		if !ok || !slices.Contains(known, right) {
			list := make([]string, len(known))
			for i, k := range known {
				list[i] = strings.ToUpper(string(k))
			}
			return nil, sqlerr.At(r.Pos, sqlerr.InvalidGrant, "invalid privilege type %s for %s", strings.ToUpper(r.Name), strings.ToLower(string(d.On))).
				WithHint("There are %s and ALL.", strings.Join(list, ", "))
		}
		if !slices.Contains(out, right) {
			out = append(out, right)
		}
		if r.Name == "all" && d.Revoke { // all that there are, not only the right to own
			out = known
		}
	}
	return out, nil
}

// grantObjects are what a statement names.
func (s *session) grantObjects(d *ast.Grant) (out []auth.Object, err error) {
	for _, n := range d.Objects {
		var o auth.Object
		switch {
		case d.All || d.On == ast.Database:
			o, err = s.databaseObject(ast.Ident{Pos: n.Pos, Name: n.Name})
		case d.On == ast.StreamJob:
			o, err = s.jobNamed(n)
		default:
			o, err = s.relationNamed(n)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// grantNeeds: who owns an object gives rights on it.
func (s *session) grantNeeds(d *ast.Grant) ([]need, error) {
	objects, err := s.grantObjects(d)
	out := make([]need, len(objects))
	for i, o := range objects {
		out[i] = need{catalog.Own, o, d.Objects[i].Pos}
	}
	return out, err
}

func (s *session) grant(ctx context.Context, d *ast.Grant) error {
	rights, err := s.grantedRights(d)
	if err != nil {
		return err
	}
	objects, err := s.grantObjects(d)
	if err != nil {
		return err
	}
	var list []catalog.Grant
	for _, o := range objects {
		kind := o.Kind
		if d.All {
			kind = map[ast.Kind]catalog.ObjectKind{ast.Stream: catalog.OnStreams, ast.StreamJob: catalog.OnJobs}[d.On]
		}
		for _, r := range rights {
			list = append(list, catalog.Grant{Right: r, Kind: kind, Object: o.ID, By: s.startup.User})
		}
	}
	return s.editUsers(ctx, func(now *catalog.Snapshot) (put []*catalog.User, _ []string, err error) {
		for _, r := range d.Roles {
			u, err := s.grantee(now, r)
			if err != nil {
				return nil, nil, err
			}
			next := *u
			if next.Grants = withGrants(u.Grants, list, d.Revoke); next.OID != 0 || !d.Revoke {
				put = append(put, &next)
			}
		}
		return put, nil, nil
	})
}

// grantee is who gets rights; PUBLIC is made when it first does.
func (s *session) grantee(now *catalog.Snapshot, r ast.Role) (*catalog.User, error) {
	if r.Name != catalog.Public {
		return s.findRole(now, r)
	}
	if p := now.User(catalog.Public); p != nil {
		return p, nil
	}
	return &catalog.User{Name: catalog.Public, Created: time.Now().UTC()}, nil
}

// withGrants puts rights to those that a role has, or takes them away.
func withGrants(has, list []catalog.Grant, revoke bool) []catalog.Grant {
	out := slices.Clone(has)
	for _, g := range list {
		at := slices.IndexFunc(out, g.Same)
		switch {
		case revoke && at >= 0:
			out = slices.Delete(out, at, at+1)
		case !revoke && at < 0:
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b catalog.Grant) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Object, b.Object), cmp.Compare(a.Right, b.Right))
	})
	return out
}

func (s *session) grantRole(ctx context.Context, d *ast.GrantRole) error {
	return s.editUsers(ctx, func(now *catalog.Snapshot) (put []*catalog.User, _ []string, err error) {
		for _, r := range d.Roles {
			u, err := s.findRole(now, r)
			if err != nil {
				return nil, nil, err
			}
			next := *u
			for _, g := range d.Granted {
				if err := s.membership(now, &next, g, d.Revoke); err != nil {
					return nil, nil, err
				}
			}
			put = append(put, &next)
		}
		return put, nil, nil
	})
}

// membership makes a role a member of another, or not any more.
func (s *session) membership(now *catalog.Snapshot, u *catalog.User, of ast.Role, revoke bool) error {
	g, err := s.findRole(now, of)
	switch {
	case err != nil:
		return err
	case revoke:
		u.MemberOf = slices.DeleteFunc(slices.Clone(u.MemberOf), func(n string) bool { return n == g.Name })
	case memberOf(now, g.Name, u.Name):
		return sqlerr.At(of.Pos, sqlerr.InvalidGrant, "role %q is a member of role %q", u.Name, g.Name).WithDetail("Memberships cannot go in a circle.")
	default:
		u.MemberOf = withName(u.MemberOf, g.Name)
	}
	return nil
}

// memberOf tells that a role is another, or a member of it, by whatever way.
func memberOf(now *catalog.Snapshot, name, of string) bool {
	if name == of {
		return true
	}
	u := now.User(name)
	return u != nil && slices.ContainsFunc(u.MemberOf, func(m string) bool { return memberOf(now, m, of) })
}

// showGrants lists rights and memberships: of one role, or of all that the client may see.
func (s *session) showGrants(_ context.Context, st *ast.ShowGrants, t *table) error {
	snapshot := s.Catalog.Snapshot()
	only := ""
	if st.For != nil {
		if only = s.roleName(*st.For); only != catalog.Public {
			if _, err := s.findRole(snapshot, *st.For); err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(snapshot.Users)) {
		if only != "" && name != only {
			continue
		}
		u := snapshot.Users[name]
		for _, m := range u.MemberOf {
			t.add(name, "member", "role", m, null)
		}
		for _, g := range u.Grants {
			if object := s.grantName(snapshot, g); object != "" {
				t.add(name, string(g.Right), string(g.Kind), object, orNull(g.By))
			}
		}
	}
	return nil
}

// grantName is the name of what a right is given on; empty if the client does not see it.
func (s *session) grantName(snapshot *catalog.Snapshot, g catalog.Grant) string {
	switch g.Kind {
	case catalog.OnStream:
		for _, r := range snapshot.Relations {
			if catalog.ObjectID(r.OID) == g.Object {
				return r.FullName()
			}
		}
	case catalog.OnJob:
		for _, j := range s.Jobs.List() {
			if j.Job.ID == g.Object {
				return j.Job.FullName()
			}
		}
	default:
		for _, d := range snapshot.Databases {
			if catalog.ObjectID(d.OID) == g.Object {
				return d.Name
			}
		}
	}
	return ""
}

var _ = describe(described{chapter: "Users and rights", place: 4, form: `GRANT right, … | ALL ON [STREAM | TABLE | VIEW] name, … TO role, …
GRANT right, … | ALL ON STREAMJOB name, … | DATABASE name, … TO role, …
GRANT right, … | ALL ON ALL STREAMS | STREAMJOBS IN DATABASE name, … TO role, …`,
	text: "Rights on streams, tables and views: READ (SELECT), WRITE (INSERT), OWN (ALL). On stream jobs: READ (what is known of it), OPERATE, OWN. On databases: all these, for whatever is in it now or later, and CREATE. Who owns an object may grant. " +
		"Without any right on it an object is not there. PUBLIC is everybody. [security.md](../security.md) has the table.",
	example: `GRANT READ ON STREAM clicks TO readers;
GRANT SELECT, INSERT ON per_page TO ann;
GRANT OPERATE ON DATABASE default TO ann;`}, of[*ast.Grant]())

var _ = describe(described{chapter: "Users and rights", place: 5, form: `REVOKE right, … | ALL ON … FROM role, …
GRANT role, … TO role, …
REVOKE role, … FROM role, …`,
	text: "A member of a role has its rights. What is revoked ends with the next statement, also in sessions that are open; jobs that run go on with what their maker was allowed when they were made.",
	example: `REVOKE INSERT ON per_page FROM ann;
GRANT readers TO ann;
REVOKE readers FROM ann;`}, of[*ast.GrantRole]())

var _ = describe(described{chapter: "Users and rights", place: 6, form: `SHOW GRANTS [FOR role]`,
	text:    "Lists rights and memberships, those on what the client sees.",
	example: `SHOW GRANTS FOR ann;`}, of[*ast.ShowGrants]())
