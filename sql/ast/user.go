package ast

import (
	"strconv"
	"strings"
)

// Role names a user or a role: folded to lower case unless it was quoted, as in PostgreSQL.
type Role struct {
	Pos  int
	Name string
	// Current: it was written as CURRENT_USER or its like, and means whoever sends the statement.
	Current bool
}

// Password is what stands behind PASSWORD: a password, or the verifier of one. Nothing prints it.
type Password struct {
	Pos  int
	Text string
	Null bool // PASSWORD NULL: there is none any more
}

// UserOptions are what CREATE and ALTER USER say of one; nil where they say nothing.
type UserOptions struct {
	Login, Superuser *bool
	Password         *Password
	ConnectionLimit  *int // -1: none
	ValidUntil       *string
	ValidUntilPos    int
	// In are the roles that it becomes a member of, Members those that become its members: CREATE alone.
	In, Members []Role
}

// CreateUser is CREATE USER | ROLE | GROUP name [[WITH] option …].
type CreateUser struct {
	Source
	Word        string // USER, ROLE or GROUP: a user may sign in unless NOLOGIN says otherwise
	IfNotExists bool
	Name        Role
	Options     UserOptions
}

// AlterUser is ALTER USER | ROLE name with options, RENAME TO, or SET and RESET of a setting.
type AlterUser struct {
	Source
	Name    Role
	Options UserOptions
	// RenameTo is nil where nothing is renamed.
	RenameTo *Role
	// Set is SET name = value, with the default for RESET; ResetAll takes all settings away.
	Set      *Set
	ResetAll bool
}

// DropUser is DROP USER | ROLE [IF EXISTS] name, ….
type DropUser struct {
	Source
	IfExists bool
	Names    []Role
}

// ReassignOwned is REASSIGN OWNED BY role, … TO role.
type ReassignOwned struct {
	Source
	From []Role
	To   Role
}

// Grant is GRANT right, … ON kind object, … TO role, …, and REVOKE.
type Grant struct {
	Source
	Revoke bool
	// Rights are as they were written, in lower case; "all" is ALL [PRIVILEGES].
	Rights []Ident
	// On is Stream, Database or StreamJob; All: ALL STREAMS | JOBS IN DATABASE, whose names Objects are.
	On      Kind
	All     bool
	Objects []Name
	Roles   []Role
}

// GrantRole is GRANT role, … TO role, …, and REVOKE role, … FROM role, ….
type GrantRole struct {
	Source
	Revoke  bool
	Granted []Role
	Roles   []Role
}

// ShowUsers is SHOW USERS | ROLES [LIKE 's'].
type ShowUsers struct {
	Source
	Like *string
}

// ShowGrants is SHOW GRANTS [FOR role].
type ShowGrants struct {
	Source
	For *Role
}

func (*CreateUser) Tag() string { return "CREATE ROLE" }
func (*AlterUser) Tag() string  { return "ALTER ROLE" }
func (*DropUser) Tag() string   { return "DROP ROLE" }

// Tag is PostgreSQL's.
func (*ReassignOwned) Tag() string { return "REASSIGN OWNED" }

func (s *ReassignOwned) String() string {
	return "REASSIGN OWNED BY " + joined(s.From, Role.String) + " TO " + s.To.String()
}

func (*ShowUsers) Tag() string  { return "SHOW" }
func (*ShowGrants) Tag() string { return "SHOW" }

// Tag is GRANT or REVOKE.
func (s *Grant) Tag() string { return grantTag(s.Revoke) }

// Tag is GRANT ROLE or REVOKE ROLE, as PostgreSQL says it.
func (s *GrantRole) Tag() string { return grantTag(s.Revoke) + " ROLE" }

func grantTag(revoke bool) string {
	if revoke {
		return "REVOKE"
	}
	return "GRANT"
}

// direction stands between what is granted or revoked, and who.
func direction(revoke bool) string {
	if revoke {
		return " FROM "
	}
	return " TO "
}

// HiddenPassword is what statements print in the place of a password.
const HiddenPassword = "******"

func (r Role) String() string {
	switch {
	case r.Current:
		return "CURRENT_USER"
	case r.Name == strings.ToLower(r.Name) && !roleWords[strings.ToUpper(r.Name)]:
		return QuoteName(r.Name)
	}
	return "`" + strings.ReplaceAll(r.Name, "`", "``") + "`"
}

// roleWords mean whoever sends the statement, where a role stands.
var roleWords = wordSet("CURRENT_USER SESSION_USER CURRENT_ROLE USER")

// CurrentRole tells such a word, in capitals.
func CurrentRole(word string) bool { return roleWords[word] && word != "USER" }

func (o UserOptions) String() string {
	var b strings.Builder
	flag := func(on *bool, yes, no string) {
		if on != nil && *on {
			b.WriteString(" " + yes)
		} else if on != nil {
			b.WriteString(" " + no)
		}
	}
	flag(o.Superuser, "SUPERUSER", "NOSUPERUSER")
	flag(o.Login, "LOGIN", "NOLOGIN")
	if p := o.Password; p != nil && p.Null {
		b.WriteString(" PASSWORD NULL")
	} else if p != nil {
		b.WriteString(" PASSWORD " + QuoteString(HiddenPassword))
	}
	if o.ConnectionLimit != nil {
		b.WriteString(" CONNECTION LIMIT " + strconv.Itoa(*o.ConnectionLimit))
	}
	if o.ValidUntil != nil {
		b.WriteString(" VALID UNTIL " + QuoteString(*o.ValidUntil))
	}
	b.WriteString(optional(o.In != nil, " IN ROLE "+joined(o.In, Role.String)))
	b.WriteString(optional(o.Members != nil, " ROLE "+joined(o.Members, Role.String)))
	return b.String()
}

func (s *CreateUser) String() string {
	return "CREATE " + s.Word + " " + optional(s.IfNotExists, "IF NOT EXISTS ") + s.Name.String() + s.Options.String()
}

func (s *AlterUser) String() string {
	head := "ALTER USER " + s.Name.String()
	switch {
	case s.RenameTo != nil:
		return head + " RENAME TO " + s.RenameTo.String()
	case s.ResetAll:
		return head + " RESET ALL"
	case s.Set != nil:
		return head + " " + s.Set.String()
	}
	return head + s.Options.String()
}

func (s *DropUser) String() string {
	return "DROP USER " + optional(s.IfExists, "IF EXISTS ") + joined(s.Names, Role.String)
}

func (s *Grant) String() string {
	on := string(s.On)
	if s.All {
		on = map[Kind]string{Stream: "ALL STREAMS IN DATABASE", StreamJob: "ALL STREAMJOBS IN DATABASE"}[s.On]
	}
	rights := joined(s.Rights, func(i Ident) string { return strings.ToUpper(i.Name) })
	return grantTag(s.Revoke) + " " + rights + " ON " + on + " " + joined(s.Objects, Name.String) + direction(s.Revoke) + joined(s.Roles, Role.String)
}

func (s *GrantRole) String() string {
	return grantTag(s.Revoke) + " " + joined(s.Granted, Role.String) + direction(s.Revoke) + joined(s.Roles, Role.String)
}

func (s *ShowUsers) String() string {
	if s.Like != nil {
		return "SHOW USERS LIKE " + QuoteString(*s.Like)
	}
	return "SHOW USERS"
}

func (s *ShowGrants) String() string {
	if s.For != nil {
		return "SHOW GRANTS FOR " + s.For.String()
	}
	return "SHOW GRANTS"
}
