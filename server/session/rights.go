package session

import (
	"cmp"
	"context"
	"slices"

	"slipway/checkpoint"
	"slipway/ha"
	"slipway/server/auth"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// Rights hold at four places, of which each statement passes all:
//
//   - what a statement does with objects that it names needs rights on them (statement.needs), before anything runs;
//   - relations that a query names are looked at where the analyzer finds them (sql.Compiler.Access);
//   - Parts.Catalog and Parts.Jobs show only what the client sees: the rest is not there for it;
//   - what is decided is auth.Subject's.
//
// s.everything and s.allJobs are for what must hold for objects that the client does not see: whether a name is taken, and who uses
// what is dropped.

// need is a right that a statement needs on an object, and the place of its name.
type need struct {
	right  catalog.Right
	object auth.Object
	pos    int
}

// nothing is needed by statements about the client's own session, by those that list what the client sees, and by those whose
// relations the analyzer finds.
func nothing[S ast.Statement](*session, S) ([]need, error) { return nil, nil }

// superuser is needed by what concerns the whole server.
func superuser[S ast.Statement](what string) func(*session, S) ([]need, error) {
	return func(s *session, _ S) ([]need, error) { return nil, s.subject().AllowsServer(what) }
}

// onJob is a right on one job.
func onJob[S ast.Statement](right catalog.Right, name func(S) (ast.Name, bool)) func(*session, S) ([]need, error) {
	return func(s *session, st S) ([]need, error) {
		n, named := name(st)
		if !named {
			return nil, nil
		}
		if o, err := s.jobNamed(n); err == nil {
			return []need{{right, o, n.Pos}}, nil
		}
		return nil, nil // there is none, or none for this client: the statement says so
	}
}

// maybe is a name that may be left out.
func maybe(n *ast.Name) (ast.Name, bool) {
	if n == nil {
		return ast.Name{}, false
	}
	return *n, true
}

// onRelations is a right on some relations.
func onRelations[S ast.Statement](right catalog.Right, names func(S) []ast.Name) func(*session, S) ([]need, error) {
	return func(s *session, st S) (out []need, _ error) {
		for _, n := range names(st) {
			if o, err := s.relationNamed(n); err == nil {
				out = append(out, need{right, o, n.Pos})
			}
		}
		return out, nil
	}
}

// inDatabase is the right to make something in a database; empty: the session's.
func inDatabase[S ast.Statement](name func(S) ast.Name) func(*session, S) ([]need, error) {
	return func(s *session, st S) ([]need, error) { return s.createNeeds(name(st)) }
}

func (s *session) createNeeds(n ast.Name) ([]need, error) {
	return s.inDatabaseNamed(catalog.Create, ast.Ident{Pos: n.Pos, Name: cmp.Or(n.DB, s.database)}), nil
}

// inDatabaseNamed is a right on a database; that there is none is for the statement to say.
func (s *session) inDatabaseNamed(right catalog.Right, n ast.Ident) []need {
	o, err := s.databaseObject(n)
	if err != nil {
		return nil
	}
	return []need{{right, o, n.Pos}}
}

// allows refuses a statement that the client has no right to.
func (s *session) allows(l line, st ast.Statement) error {
	if s.subject().Super {
		return nil
	}
	list, err := l.needs(s, st)
	if err != nil {
		return err
	}
	for _, n := range list {
		if err := s.subject().Allows(n.right, n.object); err != nil {
			e := *sqlerr.From(err)
			e.Position = n.pos + 1
			return &e
		}
	}
	return nil
}

// identity is who the client is.
func (s *session) identity() auth.Identity {
	return s.startup.Identity
}

// subject is what the client may do by the catalog as it is now.
func (s *session) subject() *auth.Subject {
	now := s.everything()
	if s.rights.of != now || s.rights.subject == nil {
		s.rights.of, s.rights.subject, s.rights.visible = now, auth.SubjectOf(s.identity(), now.Users), nil
	}
	return s.rights.subject
}

// known are a session's rights by a snapshot of the catalog.
type known struct {
	of, visible *catalog.Snapshot
	subject     *auth.Subject
}

// guard puts what the client sees in the place of what there is.
func (s *session) guard(p Parts) {
	s.stored, s.supervised, s.Parts = p.Catalog, p.Jobs, p
	s.Catalog, s.Jobs = visibleCatalog{p.Catalog, s}, visibleJobs{p.Jobs, s}
	compiler := *p.Compiler
	compiler.Access = s.access
	s.Compiler = &compiler
}

// everything is the catalog with what the client does not see.
func (s *session) everything() *catalog.Snapshot { return s.stored.Snapshot() }

// allJobs are the jobs with those that the client does not see.
func (s *session) allJobs() []ha.Status { return s.supervised.List() }

// unrestricted compiles what is stored, which was allowed to who made it.
func (s *session) unrestricted() *sql.Compiler {
	compiler := *s.Compiler
	compiler.Access = nil
	return &compiler
}

// access is whether a relation may be read or written; catalog.ErrMissing: it is not there for this client.
func (s *session) access(r *catalog.Relation, write bool) error {
	o, who, right := s.relationObject(r), s.subject(), catalog.Read
	if write {
		right = catalog.Write
	}
	if !who.Sees(o) {
		return catalog.ErrMissing
	}
	if right == catalog.Read && !slices.Contains(s.read, r) {
		s.read = append(s.read, r)
	}
	return who.Allows(right, o)
}

// maker is whom a new object belongs to; 0: there are no users.
func (s *session) maker() uint32 {
	if u := s.everything().User(s.identity().User); u != nil {
		return u.OID
	}
	return 0
}

// stillReads refuses to go on with rows that the client may not read any more.
func (s *session) stillReads(list []*catalog.Relation) error {
	for _, r := range list {
		if err := s.subject().Allows(catalog.Read, s.relationObject(r)); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) relationObject(r *catalog.Relation) auth.Object {
	return auth.Object{Kind: catalog.OnStream, ID: catalog.ObjectID(r.OID), Name: r.FullName(), Owner: r.Owner, Database: s.everything().Databases[r.Database]}
}

func (s *session) jobObject(j *ha.Job) auth.Object {
	return auth.Object{Kind: catalog.OnJob, ID: j.ID, Name: j.FullName(), Owner: j.Owner, Database: s.everything().Databases[j.Database]}
}

func (s *session) functionObject(f *catalog.Function) auth.Object {
	return auth.Object{Kind: auth.OnFunction, Name: f.Signature(), Owner: f.Owner, Database: s.everything().Databases[f.Database]}
}

func (s *session) applicationObject(a *catalog.Application) auth.Object {
	return auth.Object{Kind: auth.OnApplication, Name: a.Name, Owner: a.Owner, Database: s.everything().Databases[a.Database]}
}

// databaseObject finds a database.
func (s *session) databaseObject(n ast.Ident) (auth.Object, error) {
	d := s.everything().Databases[n.Name]
	if d == nil {
		return auth.Object{}, sqlerr.At(n.Pos, sqlerr.UndefinedDatabase, "database %q does not exist", n.Name)
	}
	return auth.Object{Kind: catalog.OnDatabase, ID: catalog.ObjectID(d.OID), Name: d.Name, Owner: d.Owner, Database: d}, nil
}

// relationNamed finds a relation that the client sees.
func (s *session) relationNamed(n ast.Name) (auth.Object, error) {
	r := s.Catalog.Snapshot().Relations[s.fullName(n)]
	if r == nil {
		return auth.Object{}, sqlerr.At(n.Pos, sqlerr.UndefinedTable, "stream or table %q does not exist", s.fullName(n))
	}
	return s.relationObject(r), nil
}

// jobNamed finds a job that the client sees.
func (s *session) jobNamed(n ast.Name) (auth.Object, error) {
	st, err := s.status(n)
	if err != nil {
		return auth.Object{}, err
	}
	return s.jobObject(&st.Job), nil
}

// may is whether somebody, perhaps not the client, has a right on what has a number.
func (s *session) may(user string, kind catalog.ObjectKind, oid uint32, right catalog.Right) bool {
	now, who := s.everything(), s.subject()
	if user != who.Name {
		who = auth.SubjectOf(auth.Identity{User: user}, now.Users)
	}
	for _, d := range now.Databases {
		if kind == catalog.OnDatabase && d.OID == oid {
			return who.Has(right, auth.Object{Kind: kind, ID: catalog.ObjectID(oid), Owner: d.Owner, Database: d})
		}
	}
	for _, r := range now.Relations {
		if kind == catalog.OnStream && r.OID == oid {
			return who.Has(right, s.relationObject(r))
		}
	}
	return who.Super || right == catalog.Read // the catalog's own tables
}

// visibleCatalog is the catalog without the relations that the client does not see.
type visibleCatalog struct {
	catalog.Store
	s *session
}

// Snapshot implements catalog.Store.
func (v visibleCatalog) Snapshot() *catalog.Snapshot {
	s := v.s
	who := s.subject()
	if who.Super {
		return s.rights.of
	}
	if s.rights.visible == nil {
		next := *s.rights.of
		next.Relations = make(map[string]*catalog.Relation)
		for name, r := range s.rights.of.Relations {
			if who.Sees(s.relationObject(r)) {
				next.Relations[name] = r
			}
		}
		s.rights.visible = &next
	}
	return s.rights.visible
}

// visibleJobs are the jobs that the client sees.
type visibleJobs struct {
	Jobs
	s *session
}

// List implements Jobs.
func (v visibleJobs) List() []ha.Status {
	if v.s.subject().Super {
		return v.Jobs.List()
	}
	return slices.DeleteFunc(slices.Clone(v.Jobs.List()), func(st ha.Status) bool { return !v.s.subject().Sees(v.s.jobObject(&st.Job)) })
}

// allowed is nil for who has a right on a job; ha.ErrNoJob: it is not there for the client. What a statement needs was asked for
// before: here it holds for every way to a job that there is or will be.
func (v visibleJobs) allowed(name string, right catalog.Right) error {
	st, err := v.Status(name)
	if err != nil {
		return err
	}
	return v.s.subject().Allows(right, v.s.jobObject(&st.Job))
}

// Create implements Jobs.
func (v visibleJobs) Create(ctx context.Context, j *ha.Job) (warning string, err error) {
	if runs(j) {
		if err := v.s.checkJobs(j.Owner); err != nil {
			return "", err
		}
	}
	return v.Jobs.Create(ctx, j)
}

// Start implements Jobs.
func (v visibleJobs) Start(ctx context.Context, name string, from ha.StartFrom) (already bool, warning string, err error) {
	if err := v.allowed(name, catalog.Operate); err != nil {
		return false, "", err
	}
	if st, err := v.Status(name); err == nil && !st.State.Active() {
		if err := v.s.checkJobs(st.Job.Owner); err != nil {
			return false, "", err
		}
	}
	return v.Jobs.Start(ctx, name, from)
}

// Stop implements Jobs.
func (v visibleJobs) Stop(ctx context.Context, name, savepoint string) (already bool, warning string, err error) {
	if err := v.allowed(name, catalog.Operate); err != nil {
		return false, "", err
	}
	return v.Jobs.Stop(ctx, name, savepoint)
}

// Savepoint implements Jobs.
func (v visibleJobs) Savepoint(ctx context.Context, name, savepoint string) (checkpoint.ID, error) {
	if err := v.allowed(name, catalog.Operate); err != nil {
		return 0, err
	}
	return v.Jobs.Savepoint(ctx, name, savepoint)
}

// DropSavepoint implements Jobs.
func (v visibleJobs) DropSavepoint(ctx context.Context, name, savepoint string) error {
	if err := v.allowed(name, catalog.Operate); err != nil {
		return err
	}
	return v.Jobs.DropSavepoint(ctx, name, savepoint)
}

// Drop implements Jobs.
func (v visibleJobs) Drop(ctx context.Context, name string) error {
	if err := v.allowed(name, catalog.Own); err != nil {
		return err
	}
	return v.Jobs.Drop(ctx, name)
}

// Alter implements Jobs.
func (v visibleJobs) Alter(ctx context.Context, name string, change func(*ha.Job)) error {
	if err := v.allowed(name, catalog.Own); err != nil {
		return err
	}
	return v.Jobs.Alter(ctx, name, change)
}

// Rename implements Jobs.
func (v visibleJobs) Rename(ctx context.Context, name, to string) error {
	if err := v.allowed(name, catalog.Own); err != nil {
		return err
	}
	return v.Jobs.Rename(ctx, name, to)
}

// Status implements Jobs.
func (v visibleJobs) Status(name string) (ha.Status, error) {
	st, err := v.Jobs.Status(name)
	if err == nil && !v.s.subject().Sees(v.s.jobObject(&st.Job)) {
		return ha.Status{}, ha.ErrNoJob
	}
	return st, err
}
