package pgcatalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/server/pgcatalog/engine"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// bootstrap is whom belongs what nobody made: the client itself where it needs no name, else a role that nobody signs in as.
func (w *World) bootstrap() *catalog.User {
	if w.Declared.Users[w.User] == nil {
		return &catalog.User{OID: superuser, Name: w.User, Superuser: true, Login: true}
	}
	return &catalog.User{OID: superuser, Name: OwnSchema, Superuser: true}
}

// users are the roles in order of name, without PUBLIC, behind that of the server itself.
func (w *World) users() []*catalog.User {
	out := []*catalog.User{w.bootstrap()}
	for _, name := range slices.Sorted(maps.Keys(w.Declared.Users)) {
		if name != catalog.Public {
			out = append(out, w.Declared.Users[name])
		}
	}
	return out
}

// ownerOID is who owns what a role made.
func ownerOID(made uint32) value {
	if made == 0 {
		return integer(superuser)
	}
	return integer(made)
}

// userNamed gives the name of a role; empty if there is none of the number.
func (w *World) userNamed(oid int64) string {
	for _, u := range w.users() {
		if int64(u.OID) == oid {
			return u.Name
		}
	}
	return ""
}

// ownerName is the name of who owns what a role made.
func (w *World) ownerName(made uint32) string { return w.userNamed(engine.Whole(ownerOID(made))) }

// userOID gives the number of a role.
func (w *World) userOID(name string) (int64, bool) {
	for _, u := range w.users() {
		if u.Name == name {
			return int64(u.OID), true
		}
	}
	return 0, false
}

// hiddenPassword is what PostgreSQL shows of every password.
const hiddenPassword = "********"

func connectionLimit(u *catalog.User) value {
	if u.ConnectionLimit == nil {
		return integer(-1)
	}
	return integer(*u.ConnectionLimit)
}

// configuration are the settings of ALTER USER … SET; NULL if there are none.
func configuration(u *catalog.User) value {
	if len(u.Settings) == 0 {
		return nil
	}
	out := make(engine.Array, len(u.Settings))
	for i, p := range u.Settings {
		out[i] = p.Key + "=" + p.Value
	}
	return out
}

func roles(d *definition) func(*World) rows {
	make := d.maker("rolname", "rolsuper", "rolinherit", "rolcreaterole", "rolcreatedb", "rolcanlogin", "rolreplication", "rolconnlimit", "rolpassword", "rolvaliduntil", "rolbypassrls", "rolconfig", "oid")
	return func(w *World) (out rows) {
		for _, u := range w.users() {
			out = append(out, make(u.Name, u.Superuser, true, u.Superuser, u.Superuser, u.Login, false, connectionLimit(u), hiddenPassword, moment(u.ValidUntil), u.Superuser, configuration(u), integer(u.OID)))
		}
		return out
	}
}

// authIDs are the roles without what is kept of their passwords.
func authIDs(d *definition) func(*World) rows {
	make := d.maker("oid", "rolname", "rolsuper", "rolinherit", "rolcreaterole", "rolcreatedb", "rolcanlogin", "rolreplication", "rolbypassrls", "rolconnlimit", "rolvaliduntil")
	return func(w *World) (out rows) {
		for _, u := range w.users() {
			out = append(out, make(integer(u.OID), u.Name, u.Superuser, true, u.Superuser, u.Superuser, u.Login, false, u.Superuser, connectionLimit(u), moment(u.ValidUntil)))
		}
		return out
	}
}

func users(d *definition) func(*World) rows {
	make := d.maker("usename", "usesysid", "usecreatedb", "usesuper", "userepl", "usebypassrls", "passwd", "valuntil", "useconfig")
	return func(w *World) (out rows) {
		for _, u := range w.users() {
			if u.Login {
				out = append(out, make(u.Name, integer(u.OID), u.Superuser, u.Superuser, false, u.Superuser, hiddenPassword, moment(u.ValidUntil), configuration(u)))
			}
		}
		return out
	}
}

func members(d *definition) func(*World) rows {
	make := d.maker("roleid", "member", "grantor", "admin_option")
	return func(w *World) (out rows) {
		for _, u := range w.users() {
			for _, of := range u.MemberOf {
				if r := w.Declared.Users[of]; r != nil {
					out = append(out, make(integer(r.OID), integer(u.OID), integer(superuser), false))
				}
			}
		}
		return out
	}
}

// letters are the rights of an access list: those that PostgreSQL has beside READ, WRITE and CREATE, and all.
var letters = map[catalog.Right]string{catalog.Read: "r", catalog.Write: "a", catalog.Operate: "X", catalog.Create: "C", catalog.Own: "arwdDxtCX"}

// accessList is relacl and its like: NULL where nothing was granted.
func (w *World) accessList(kind catalog.ObjectKind, oid uint32) value {
	if w.granted == nil {
		w.granted = w.accessLists()
	}
	if list := w.granted[catalog.Grant{Kind: kind, Object: catalog.ObjectID(oid)}]; list != nil {
		return list
	}
	return nil
}

// accessLists are those of all objects, by their kinds and numbers.
func (w *World) accessLists() map[catalog.Grant]engine.Array {
	out := map[catalog.Grant]engine.Array{}
	for _, name := range slices.Sorted(maps.Keys(w.Declared.Users)) {
		has := map[catalog.Grant]string{}
		for _, g := range w.Declared.Users[name].Grants {
			has[catalog.Grant{Kind: g.Kind, Object: g.Object}] += letters[g.Right]
		}
		grantee := engine.QuoteIdent(name)
		if name == catalog.Public {
			grantee = ""
		}
		for on, rights := range has {
			out[on] = append(out[on], grantee+"="+rights+"/"+engine.QuoteIdent(w.bootstrap().Name))
		}
	}
	return out
}

// privilegeRights are the words of has_table_privilege and its like.
var privilegeRights = map[string]catalog.Right{
	"SELECT": catalog.Read, "READ": catalog.Read, "INSERT": catalog.Write, "WRITE": catalog.Write, "OPERATE": catalog.Operate, "CREATE": catalog.Create, "OWN": catalog.Own,
	"UPDATE": catalog.Own, "DELETE": catalog.Own, "TRUNCATE": catalog.Own, "REFERENCES": catalog.Own, "TRIGGER": catalog.Own,
}

// privilege answers has_…_privilege([user, ] object, rights): true if one of the rights is there.
func privilege(kind catalog.ObjectKind) func(w *World, a []value) value {
	return func(w *World, a []value) value {
		who := w.User
		if len(a) == 3 {
			who, a = w.roleOf(a[0]), a[1:]
		}
		oid, ok := w.objectOID(kind, a[0])
		if !ok {
			return nil
		}
		for _, p := range strings.Split(a[1].(string), ",") {
			p = strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(p)), " WITH GRANT OPTION")
			right, known := privilegeRights[p]
			switch {
			case p == "USAGE" || p == "CONNECT" || p == "TEMPORARY" || p == "TEMP":
				return true
			case !known:
				engine.Fail(sqlerr.New(sqlerr.InvalidParameter, "unrecognized privilege type: %q", p))
			case w.May == nil || w.May(who, kind, uint32(oid), right):
				return true
			}
		}
		return false
	}
}

// objectOID finds a relation or a schema by its name or number; false if nothing has the number.
func (w *World) objectOID(kind catalog.ObjectKind, v value) (int64, bool) {
	name, isText := v.(string)
	if !isText {
		oid := engine.Whole(v)
		return oid, kind == catalog.OnDatabase && w.schemaName(oid) != "" || w.className(oid) != ""
	}
	if kind == catalog.OnDatabase {
		if n := w.schemaOID(name); n != 0 {
			return n, true
		}
		engine.Fail(sqlerr.New(sqlerr.UndefinedSchema, "schema %q does not exist", name))
	}
	n, ok := w.find(name, engine.Regclass)
	if !ok {
		engine.Fail(sqlerr.New(sqlerr.UndefinedTable, "relation %q does not exist", name))
	}
	return n, true
}

// roleOf finds a role by its name or number.
func (w *World) roleOf(v value) string {
	name, isText := v.(string)
	if !isText {
		return w.userNamed(engine.Whole(v))
	}
	if _, ok := w.userOID(name); !ok && name != catalog.Public {
		engine.Fail(sqlerr.New(sqlerr.UndefinedObject, "role %q does not exist", name))
	}
	return name
}

// hasRole answers pg_has_role([user, ] role, right).
func hasRole(w *World, a []value) value {
	who := w.User
	if len(a) == 3 {
		who, a = w.roleOf(a[0]), a[1:]
	}
	return w.memberOf(who, w.roleOf(a[0]), map[string]bool{})
}

func (w *World) memberOf(who, role string, seen map[string]bool) bool {
	u := w.Declared.Users[who]
	if who == role || who == w.bootstrap().Name && w.bootstrap().Login || u != nil && u.Superuser {
		return true
	}
	if u == nil || seen[who] {
		return false
	}
	seen[who] = true
	return slices.ContainsFunc(u.MemberOf, func(m string) bool { return w.memberOf(m, role, seen) })
}

// privileges are the functions that tell of rights.
func privileges() (list []*engine.Function) {
	either := func(name string, f func(*World, []value) value) {
		list = append(list, of(name, engine.Bool, f, engine.AnyType, engine.Text), of(name, engine.Bool, f, engine.AnyType, engine.AnyType, engine.Text))
	}
	either("has_table_privilege", privilege(catalog.OnStream))
	either("has_any_column_privilege", privilege(catalog.OnStream))
	either("has_schema_privilege", privilege(catalog.OnDatabase))
	either("has_database_privilege", privilege(catalog.OnDatabase))
	either("pg_has_role", hasRole)
	for _, name := range []string{"has_function_privilege", "has_sequence_privilege"} {
		list = append(list, always(name, engine.Bool, true, engine.AnyType, engine.Text), always(name, engine.Bool, true, engine.AnyType, engine.AnyType, engine.Text))
	}
	return list
}

// userByID is pg_get_userbyid.
func userByID(w *World, a []value) value {
	if name := w.userNamed(engine.Whole(a[0])); name != "" {
		return name
	}
	return fmt.Sprintf("unknown (OID=%d)", engine.Whole(a[0]))
}
