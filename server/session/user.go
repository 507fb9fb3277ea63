package session

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"slipway/conf"
	"slipway/ha"
	"slipway/server/auth"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
	"slipway/sql/value"
)

var (
	_ = register(statement[*ast.CreateUser]{right: administer, needs: superuser[*ast.CreateUser]("create role"), changes: true, do: (*session).createUser})
	_ = register(statement[*ast.AlterUser]{right: administer, needs: (*session).alterUserNeeds, changes: true, do: (*session).alterUser})
	_ = register(statement[*ast.DropUser]{right: administer, needs: superuser[*ast.DropUser]("drop role"), changes: true, do: (*session).dropUsers})
	_ = register(statement[*ast.ReassignOwned]{right: administer, changes: true, do: (*session).reassignOwned, needs: superuser[*ast.ReassignOwned]("reassign objects")})
	_ = register(statement[*ast.ShowUsers]{right: inspect, needs: nothing[*ast.ShowUsers], tag: "SHOW USERS", list: (*session).showUsers,
		names: []string{"name", "login", "superuser", "member_of", "connection_limit", "password", "valid_until:timestamp", "settings", "created:timestamp"}})
)

// roleName is the name that a statement means.
func (s *session) roleName(r ast.Role) string {
	if r.Current {
		return s.startup.User
	}
	return r.Name
}

func noRole(r ast.Role, name string) *sqlerr.Error {
	return sqlerr.At(r.Pos, sqlerr.UndefinedObject, "role %q does not exist", name).WithHint("SHOW USERS lists them.")
}

// findRole is a role among those that there are.
func (s *session) findRole(now *catalog.Snapshot, r ast.Role) (*catalog.User, error) {
	name := s.roleName(r)
	if u := now.User(name); u != nil && name != catalog.Public {
		return u, nil
	}
	return nil, noRole(r, name)
}

// editUsers changes roles; edit looks at them as they are when the change is made.
func (s *session) editUsers(ctx context.Context, edit func(now *catalog.Snapshot) (put []*catalog.User, drop []string, err error)) error {
	_, err := s.Catalog.Apply(ctx, catalog.Change{EditUsers: func(now *catalog.Snapshot) ([]*catalog.User, []string, error) {
		put, drop, err := edit(now)
		if err == nil {
			err = keepsSuperuser(now, put, drop)
		}
		return put, drop, err
	}})
	return err
}

// keepsSuperuser refuses to leave users behind of whom none may do everything.
func keepsSuperuser(now *catalog.Snapshot, put []*catalog.User, drop []string) error {
	after := map[uint32]*catalog.User{}
	for name, u := range now.Users {
		if !slices.Contains(drop, name) {
			after[u.OID] = u
		}
	}
	users, super := false, false
	for _, u := range put {
		if users, super = users || u.Login, super || u.Login && u.Superuser; u.OID != 0 {
			after[u.OID] = u
		}
	}
	for _, u := range after {
		users, super = users || u.Login, super || u.Login && u.Superuser
	}
	switch {
	case !users || super:
		return nil
	case !now.HasUsers():
		return sqlerr.New(sqlerr.ObjectNotReady, "the first user must be a superuser").WithHint("CREATE USER name SUPERUSER PASSWORD '…': nobody could administer the server otherwise.")
	}
	return sqlerr.New(sqlerr.ObjectNotReady, "the last superuser must stay").WithHint("Make another one first: ALTER USER name SUPERUSER.")
}

// applyOptions changes a user as a statement says.
func (s *session) applyOptions(u *catalog.User, o ast.UserOptions) error {
	if o.Login != nil {
		u.Login = *o.Login
	}
	if o.Superuser != nil {
		u.Superuser = *o.Superuser
	}
	if n := o.ConnectionLimit; n != nil && *n < 0 {
		u.ConnectionLimit = nil
	} else if n != nil {
		u.ConnectionLimit = n
	}
	if o.ValidUntil != nil {
		until, err := s.until(*o.ValidUntil, o.ValidUntilPos)
		if err != nil {
			return err
		}
		u.ValidUntil = until
	}
	return nil
}

// until reads a time in the session's time zone; the zero time is never.
func (s *session) until(text string, at int) (time.Time, error) {
	if strings.EqualFold(text, "infinity") {
		return time.Time{}, nil
	}
	micros, _, fault := value.ReadMoment([]byte(text), 6, s.location())
	if fault != value.OK {
		return time.Time{}, sqlerr.At(at, sqlerr.InvalidDatetime, "invalid input syntax for type timestamp with time zone: %q", text).
			WithHint("Write it as '2027-01-31 12:00:00+00', or 'infinity'.")
	}
	return time.UnixMicro(micros).UTC(), nil
}

// verifier is what is kept of a password; of a verifier that is the text itself.
func verifier(p *ast.Password) (string, error) {
	switch {
	case p.Null:
		return "", nil
	case strings.HasPrefix(p.Text, "SCRAM-SHA-256$"):
		if _, err := auth.ParseVerifier(p.Text); err != nil {
			return "", sqlerr.At(p.Pos, sqlerr.InvalidParameter, "the verifier is malformed: %v", err)
		}
		return p.Text, nil
	case len(p.Text) == 35 && strings.HasPrefix(p.Text, "md5"):
		return "", sqlerr.At(p.Pos, sqlerr.FeatureNotSupported, "md5 passwords are not supported").WithHint("Give the password itself, or let psql make a verifier: SET password_encryption = 'scram-sha-256'; \\password")
	case p.Text == "":
		return "", sqlerr.At(p.Pos, sqlerr.InvalidParameter, "the password is empty").WithHint("PASSWORD NULL takes a password away.")
	}
	return auth.MakeVerifier(p.Text).String(), nil
}

// verifierOf is nil where a statement says nothing of a password.
func verifierOf(o ast.UserOptions) (*string, error) {
	if o.Password == nil {
		return nil, nil
	}
	v, err := verifier(o.Password)
	return &v, err
}

func (s *session) createUser(ctx context.Context, d *ast.CreateUser) error {
	u := &catalog.User{Name: d.Name.Name, Login: d.Word == "USER", Created: time.Now().UTC()}
	if err := s.applyOptions(u, d.Options); err != nil {
		return err
	}
	v, err := verifierOf(d.Options)
	if err != nil {
		return err
	}
	if v != nil {
		u.Verifier = *v
	}
	exists := false
	err = s.editUsers(ctx, func(now *catalog.Snapshot) ([]*catalog.User, []string, error) {
		if exists = now.User(u.Name) != nil; exists {
			return nil, nil, s.unless(d.IfNotExists, sqlerr.At(d.Name.Pos, sqlerr.DuplicateObject, "role %q already exists", u.Name))
		}
		next := *u
		put, err := s.memberships(now, &next, d.Options)
		return append(put, &next), nil, err
	})
	if err == nil && !exists {
		s.noticeUser(u)
	}
	return err
}

// memberships makes a new role a member of others, and gives those that become its members.
func (s *session) memberships(now *catalog.Snapshot, u *catalog.User, o ast.UserOptions) (put []*catalog.User, err error) {
	for _, r := range o.In {
		in, err := s.findRole(now, r)
		if err != nil {
			return nil, err
		}
		u.MemberOf = withName(u.MemberOf, in.Name)
	}
	for _, r := range o.Members {
		member, err := s.findRole(now, r)
		if err != nil {
			return nil, err
		}
		next := *member
		next.MemberOf = withName(member.MemberOf, u.Name)
		put = append(put, &next)
	}
	return put, nil
}

// withName is a list of names in order with one more, once.
func withName(list []string, name string) []string {
	if slices.Contains(list, name) {
		return list
	}
	list = append(slices.Clone(list), name)
	slices.Sort(list)
	return list
}

// noticeUser tells what keeps a new user from signing in.
func (s *session) noticeUser(u *catalog.User) {
	if u.Login && u.Verifier == "" {
		s.notice("user %q has no password, so that only a certificate or a rule that trusts lets it in; ALTER USER %s PASSWORD … gives it one", u.Name, ast.Role{Name: u.Name})
	}
}

func (s *session) alterUser(ctx context.Context, d *ast.AlterUser) error {
	v, err := verifierOf(d.Options)
	if err != nil {
		return err
	}
	return s.editUsers(ctx, func(now *catalog.Snapshot) ([]*catalog.User, []string, error) {
		u, err := s.findRole(now, d.Name)
		if err != nil {
			return nil, nil, err
		}
		next := *u
		if err := s.alteredUser(now, &next, d); err != nil {
			return nil, nil, err
		}
		if v != nil {
			next.Verifier = *v
		}
		return []*catalog.User{&next}, nil, nil
	})
}

// alterUserNeeds: everybody may change the own password.
func (s *session) alterUserNeeds(d *ast.AlterUser) ([]need, error) {
	only := ast.UserOptions{Password: d.Options.Password, ValidUntilPos: d.Options.ValidUntilPos}
	if s.roleName(d.Name) == s.identity().User && d.RenameTo == nil && d.Set == nil && !d.ResetAll && reflect.DeepEqual(d.Options, only) {
		return nil, nil
	}
	return nil, s.subject().AllowsServer("alter role")
}

// alteredUser makes one of the changes of ALTER USER.
func (s *session) alteredUser(now *catalog.Snapshot, u *catalog.User, d *ast.AlterUser) error {
	switch {
	case d.RenameTo != nil:
		if now.User(d.RenameTo.Name) != nil {
			return sqlerr.At(d.RenameTo.Pos, sqlerr.DuplicateObject, "role %q already exists", d.RenameTo.Name)
		}
		u.Name = d.RenameTo.Name
		return nil
	case d.ResetAll:
		u.Settings = nil
		return nil
	case d.Set != nil:
		return s.userSetting(u, d.Set)
	}
	return s.applyOptions(u, d.Options)
}

func (s *session) dropUsers(ctx context.Context, d *ast.DropUser) error {
	return s.editUsers(ctx, func(now *catalog.Snapshot) (_ []*catalog.User, drop []string, err error) {
		for _, r := range d.Names {
			u, err := s.findRole(now, r)
			if err != nil {
				if err := s.unless(d.IfExists, err.(*sqlerr.Error)); err != nil {
					return nil, nil, err
				}
				continue
			}
			if u.Name == s.startup.User {
				return nil, nil, sqlerr.At(r.Pos, sqlerr.ObjectInUse, "current user cannot be dropped")
			}
			if owned := s.owned(now, u); len(owned) > 0 {
				return nil, nil, sqlerr.At(r.Pos, sqlerr.DependentObjects, "role %q cannot be dropped because some objects depend on it", u.Name).
					WithDetail("It owns %s.", strings.Join(owned, ", ")).WithHint("REASSIGN OWNED BY %s TO another role.", r)
			}
			if !slices.Contains(drop, u.Name) {
				drop = append(drop, u.Name)
			}
		}
		return nil, drop, nil
	})
}

// owned names what a role owns, in order.
func (s *session) owned(now *catalog.Snapshot, u *catalog.User) (list []string) {
	for _, d := range now.Databases {
		if d.Owner == u.OID {
			list = append(list, "database "+d.Name)
		}
	}
	for _, r := range now.Relations {
		if r.Owner == u.OID {
			list = append(list, kindName(r)+" "+r.FullName())
		}
	}
	for _, f := range now.Functions {
		if f.Owner == u.OID {
			list = append(list, "function "+f.Signature())
		}
	}
	for name, a := range now.Applications {
		if a.Owner == u.OID {
			list = append(list, "application "+name)
		}
	}
	for _, k := range now.Secrets {
		if k.Owner == u.OID {
			list = append(list, "secret "+k.Name)
		}
	}
	for _, j := range s.allJobs() {
		if j.Job.Owner == u.OID {
			list = append(list, "stream job "+j.Job.FullName())
		}
	}
	slices.Sort(list)
	return list
}

// showUsers lists users and roles. What is known of a password is only that there is one.
func (s *session) showUsers(_ context.Context, st *ast.ShowUsers, t *table) error {
	match, snapshot := like(st.Like), s.Catalog.Snapshot()
	for _, name := range slices.Sorted(maps.Keys(snapshot.Users)) {
		u := snapshot.Users[name]
		if name == catalog.Public || !match(name) {
			continue
		}
		limit, password := null, "none"
		if u.ConnectionLimit != nil {
			limit = itoa(int64(*u.ConnectionLimit))
		}
		if u.Verifier != "" {
			password = "set"
		}
		t.add(name, yes(u.Login), yes(u.Superuser), orNull(strings.Join(u.MemberOf, ", ")), limit, password, at(u.ValidUntil), orNull(settingList(u)), at(u.Created))
	}
	return nil
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func settingList(u *catalog.User) string {
	list := make([]string, len(u.Settings))
	for i, p := range u.Settings {
		list[i] = p.Key + "=" + p.Value
	}
	return strings.Join(list, ", ")
}

// userSetting is ALTER USER … SET and RESET.
func (s *session) userSetting(u *catalog.User, set *ast.Set) error {
	u.Settings = slices.DeleteFunc(slices.Clone(u.Settings), func(p catalog.Property) bool { return p.Key == set.Name })
	if set.Default {
		return nil
	}
	if err := s.checkSetting(set); err != nil {
		return err
	}
	u.Settings = append(u.Settings, catalog.Property{Key: set.Name, Value: strings.Join(set.Values, ", ")})
	slices.SortFunc(u.Settings, func(a, b catalog.Property) int { return cmp.Compare(a.Key, b.Key) })
	return nil
}

// checkSetting refuses a setting that no session has, or a value that it cannot have.
func (s *session) checkSetting(set *ast.Set) error {
	text := strings.Join(set.Values, ", ")
	if v, ok := variables[set.Name]; ok {
		if v.fixed {
			return sqlerr.At(set.Pos, "55P02", "parameter %q cannot be changed", set.Name)
		}
		if v.check == nil {
			return nil
		}
		if _, ok := v.check(text); !ok {
			return sqlerr.At(set.ValuePos, sqlerr.InvalidParameter, "invalid value for parameter %q: %q", set.Name, text)
		}
		return nil
	}
	level := conf.Session
	if conf.Of(conf.User).Find(set.Name) != nil {
		level = conf.User
	}
	_, _, err := conf.Parse(level, []conf.Property{{Key: set.Name, Value: text, KeyPos: set.Pos, ValuePos: set.ValuePos}})
	return settingFault(err, set.Name)
}

// reassignOwned gives what some roles have made to another. Jobs follow one by one: sent again, it goes on.
func (s *session) reassignOwned(ctx context.Context, d *ast.ReassignOwned) error {
	now := s.everything()
	to, err := s.findRole(now, d.To)
	if err != nil {
		return err
	}
	from := map[uint32]uint32{}
	for _, r := range d.From {
		u, err := s.findRole(now, r)
		if err != nil {
			return err
		}
		from[u.OID] = to.OID
	}
	if _, err := s.Catalog.Apply(ctx, catalog.Change{Reassign: from}); err != nil {
		return err
	}
	for _, j := range s.allJobs() {
		if from[j.Job.Owner] == 0 {
			continue
		}
		if err := s.Jobs.Alter(ctx, j.Job.FullName(), func(j *ha.Job) { j.Owner = to.OID }); err != nil {
			return err
		}
	}
	return nil
}

var _ = describe(described{chapter: "Users and rights", place: 7, form: `REASSIGN OWNED BY role, … TO role`,
	text: "What these roles have made, of all databases, is the other's.",
	example: `CREATE ROLE leaver;
REASSIGN OWNED BY leaver TO ann;`}, of[*ast.ReassignOwned]())

var _ = describe(described{chapter: "Users and rights", place: 1, form: `CREATE USER | ROLE [IF NOT EXISTS] name [WITH] [PASSWORD 's'] [SUPERUSER] [LOGIN | NOLOGIN]
  [CONNECTION LIMIT n] [VALID UNTIL 'time'] [IN ROLE role, …] [ROLE member, …]`,
	text: "A user may sign in, a role is a name for rights that others are given together (it is a user with NOLOGIN). A superuser (also OWNER) may do everything; the first user must be one. Of a password a verifier is kept (SCRAM-SHA-256), " +
		"which may stand in its place. [security.md](../security.md) has who may do what.",
	example: `CREATE USER root SUPERUSER PASSWORD 'correct horse';
CREATE ROLE readers;
CREATE USER ann PASSWORD 'battery staple' CONNECTION LIMIT 20 IN ROLE readers;`}, of[*ast.CreateUser]())

var _ = describe(described{chapter: "Users and rights", place: 2, form: `ALTER USER | ROLE name [WITH] option …
ALTER USER | ROLE name RENAME TO name
ALTER USER | ROLE name SET setting = value | RESET setting | RESET ALL`,
	text: "Options are those of CREATE USER; PASSWORD NULL takes a password away. Everybody may change the own password (psql: `\\password`). What is SET holds for sessions of the user's that begin later, but for limits (`slipway.limit.…`), which hold at once.",
	example: `ALTER USER ann PASSWORD 'paper clip' VALID UNTIL '2030-01-01';
ALTER USER ann SET slipway.select.rows = 1000;`}, of[*ast.AlterUser]())

var _ = describe(described{chapter: "Users and rights", place: 3, form: `SHOW USERS | ROLES [LIKE 's']`,
	text:    "Lists users and roles, whether they may sign in, and whether they have a password.",
	example: `SHOW USERS;`}, of[*ast.ShowUsers]())

var _ = describe(described{chapter: "Users and rights", place: 8, form: `DROP USER | ROLE [IF EXISTS] name, …`,
	text: "Who owns something cannot be dropped, nor can the last superuser.",
	example: `CREATE ROLE nobody;
DROP ROLE nobody;`}, of[*ast.DropUser]())
