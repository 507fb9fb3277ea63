package session

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"slipway/conf"
	"slipway/server/auth"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// Secrets keeps values sealed; secrets.Vault implements it. Safe for concurrent use.
type Secrets interface {
	// Seal gives a value as the catalog stores it; an error where there is no key to seal with.
	Seal(s conf.Secret) (string, error)
	// Value reads a secret where it is, on this server.
	Value(k *catalog.Secret) (conf.Secret, error)
}

var (
	_ = register(statement[*ast.CreateSecret]{right: define, changes: true, do: (*session).createSecret,
		needs: (*session).newSecretNeeds})
	_ = register(statement[*ast.AlterSecret]{right: define, changes: true, do: (*session).alterSecret,
		needs: func(s *session, d *ast.AlterSecret) ([]need, error) { return s.secretNeeds(d.Is, d.Name) }})
	_ = register(statement[*ast.DropSecret]{right: define, changes: true, do: (*session).dropSecrets,
		needs: func(s *session, d *ast.DropSecret) ([]need, error) {
			return s.secretNeeds(ast.SecretSource{}, d.Names...)
		}})
	_ = register(statement[*ast.ShowSecrets]{right: inspect, needs: nothing[*ast.ShowSecrets], tag: "SHOW SECRETS", list: (*session).showSecrets,
		names: []string{"name", "source", "place", "owner", "used_by", "created", "changed"}})
)

var _ = showsTable("secrets", &ast.ShowSecrets{})

// secretNeeds: who made a secret may change it. What is read of the server's own environment and files is a superuser's to say.
func (s *session) secretNeeds(is ast.SecretSource, names ...ast.Ident) (list []need, err error) {
	for _, n := range names {
		if k := s.everything().Secrets[n.Name]; k != nil {
			list = append(list, need{catalog.Own, secretObject(k), n.Pos})
		}
	}
	if is.From == ast.SecretEnvironment || is.From == ast.SecretFile {
		err = s.subject().AllowsServer("read secrets of the server's " + string(is.From))
	}
	return list, err
}

// newSecretNeeds: a secret is for those who declare streams; it is of no database, and so the session's counts.
func (s *session) newSecretNeeds(d *ast.CreateSecret) ([]need, error) {
	if _, err := s.secretNeeds(d.Is); err != nil {
		return nil, err
	}
	return s.createNeeds(ast.Name{Pos: d.Name.Pos})
}

func secretObject(k *catalog.Secret) auth.Object {
	return auth.Object{Kind: auth.OnSecret, Name: k.Name, Owner: k.Owner}
}

func (s *session) createSecret(ctx context.Context, d *ast.CreateSecret) error {
	if s.everything().Secrets[d.Name.Name] != nil {
		return s.secretExists(d)
	}
	now := time.Now().UTC()
	k, err := s.secretOf(d.Name.Name, d.Is)
	if err != nil {
		return err
	}
	k.Owner, k.Created, k.Changed = s.maker(), now, now
	_, err = s.Catalog.Apply(ctx, catalog.Change{PutSecret: k})
	if errors.Is(err, catalog.ErrExists) {
		return s.secretExists(d)
	}
	return err
}

func (s *session) secretExists(d *ast.CreateSecret) error {
	return s.unless(d.IfNotExists, sqlerr.At(d.Name.Pos, sqlerr.DuplicateObject, "secret %q already exists", d.Name.Name).
		WithHint("ALTER SECRET %s AS '…' gives it another value.", d.Name))
}

// secretOf is what is stored of a secret; one that this server cannot read is refused.
func (s *session) secretOf(name string, is ast.SecretSource) (*catalog.Secret, error) {
	k := &catalog.Secret{Name: name}
	switch is.From {
	case ast.SecretEnvironment:
		k.Environment = is.Place
	case ast.SecretFile:
		k.File = is.Place
	default:
		var err error
		if k.Sealed, err = s.Secrets.Seal(is.Value); err != nil {
			return nil, sqlerr.At(is.Pos, sqlerr.ObjectNotReady, "the value cannot be sealed: %v", err).
				WithHint("server.secret.key.file names a file with a key, the same on every server; FROM ENVIRONMENT and FROM FILE need none.")
		}
		return k, nil
	}
	if _, err := s.Secrets.Value(k); err != nil {
		return nil, sqlerr.At(is.Pos, sqlerr.InvalidParameter, "the secret cannot be read: %v", err)
	}
	return k, nil
}

func (s *session) alterSecret(ctx context.Context, d *ast.AlterSecret) error {
	snapshot := s.everything()
	old := snapshot.Secrets[d.Name.Name]
	if old == nil {
		return noSecret(snapshot, d.Name)
	}
	k, err := s.secretOf(d.Name.Name, d.Is)
	if err != nil {
		return err
	}
	k.Owner, k.Created, k.Changed = old.Owner, old.Created, time.Now().UTC()
	if _, err := s.Catalog.Apply(ctx, catalog.Change{PutSecret: k, ReplaceIfExisting: true}); err != nil {
		return err
	}
	if running := s.runningWith(snapshot, d.Name.Name); len(running) > 0 {
		s.notice("stream job %s %s the former value until %s", strings.Join(running, ", "), plural(len(running), "keeps", "keep"),
			plural(len(running), "it starts again", "they start again"))
	}
	return nil
}

// runningWith are the jobs that run and read or write a relation that names a secret.
func (s *session) runningWith(snapshot *catalog.Snapshot, secret string) (names []string) {
	for _, relation := range snapshot.UsersOf(secret) {
		jobs, _ := s.users(snapshot.Relations[relation])
		for _, j := range jobs {
			if j.State.Active() && !slices.Contains(names, j.Job.FullName()) {
				names = append(names, j.Job.FullName())
			}
		}
	}
	slices.Sort(names)
	return names
}

func (s *session) dropSecrets(ctx context.Context, d *ast.DropSecret) error {
	for _, n := range d.Names {
		if err := s.dropSecret(ctx, d, n); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) dropSecret(ctx context.Context, d *ast.DropSecret, n ast.Ident) error {
	snapshot := s.everything()
	if snapshot.Secrets[n.Name] == nil {
		e := noSecret(snapshot, n)
		return s.unless(d.IfExists, e)
	}
	if users := s.secretUsers(snapshot, n.Name); len(users) > 0 {
		return sqlerr.At(n.Pos, sqlerr.DependentObjects, "cannot drop secret %q: it is in use", n.Name).WithDetail("By %s.", strings.Join(users, ", ")).
			WithHint("ALTER … SET gives the property another value, or DROP what uses it first.")
	}
	_, err := s.Catalog.Apply(ctx, catalog.Change{DropSecret: n.Name})
	return err
}

// secretUsers names the relations and the settings of the server that name a secret.
func (s *session) secretUsers(snapshot *catalog.Snapshot, secret string) (users []string) {
	for _, name := range snapshot.UsersOf(secret) {
		users = append(users, snapshot.Relations[name].FullName())
	}
	for _, p := range s.Server.Properties() {
		if name, ok := conf.ReferenceName(p.Value); ok && name == secret {
			users = append(users, "the server's setting "+p.Key)
		}
	}
	return users
}

func noSecret(snapshot *catalog.Snapshot, n ast.Ident) *sqlerr.Error {
	e := sqlerr.At(n.Pos, sqlerr.UndefinedObject, "secret %q does not exist", n.Name)
	if len(snapshot.Secrets) > 0 {
		return e.WithHint("SHOW SECRETS lists those that do.")
	}
	return e.WithHint("CREATE SECRET %s AS '…' makes it.", n)
}

// showSecrets lists secrets; nothing gives a value.
func (s *session) showSecrets(_ context.Context, st *ast.ShowSecrets, t *table) error {
	snapshot, match := s.everything(), like(st.Like)
	var names []string
	for name := range snapshot.Secrets {
		if match(name) && s.subject().Sees(secretObject(snapshot.Secrets[name])) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		k := snapshot.Secrets[name]
		source, place := ast.SecretValue, ""
		if k.Environment != "" {
			source, place = ast.SecretEnvironment, k.Environment
		} else if k.File != "" {
			source, place = ast.SecretFile, k.File
		}
		t.add(name, string(source), orNull(place), orNull(ownerName(snapshot, k)), orNull(strings.Join(s.secretUsers(snapshot, name), ", ")), at(k.Created), at(k.Changed))
	}
	return nil
}

// ownerName is who made a secret.
func ownerName(snapshot *catalog.Snapshot, k *catalog.Secret) string {
	if u := snapshot.UserByOID(k.Owner); u != nil {
		return u.Name
	}
	return ""
}

// checkSecrets refuses properties that name a secret that is not there, or another user's.
func (s *session) checkSecrets(given []ast.Property) error {
	snapshot := s.everything()
	for _, p := range given {
		name, ok := conf.ReferenceName(p.Value)
		if !ok {
			continue
		}
		k := snapshot.Secrets[name]
		if k == nil {
			return noSecret(snapshot, ast.Ident{Pos: p.ValuePos, Name: name})
		}
		if err := s.subject().Allows(catalog.Own, secretObject(k)); err != nil {
			e := *sqlerr.From(err)
			e.Position = p.ValuePos + 1
			return &e
		}
	}
	return nil
}

// sealed gives the properties of a relation as the catalog stores them: what is a secret is not
// readable there. Where there is no key they stay as they are.
func (s *session) sealed(r *catalog.Relation, list []catalog.Property) []catalog.Property {
	d := catalog.DeclarationOf(s.Compiler.Connectors, r)
	var plain []string
	out := slices.Clone(list)
	clear := false
	for i, p := range out {
		if !d.Hides(r, p.Key) || p.Value == "" || conf.IsReference(p.Value) || strings.HasPrefix(p.Value, catalog.SealedPrefix) {
			continue
		}
		plain = append(plain, p.Key)
		text, err := s.Secrets.Seal(conf.NewSecret(p.Value))
		if err != nil {
			clear = true
			continue
		}
		out[i].Value = text
	}
	s.noticePlain(plain, clear)
	return out
}

// noticePlain tells of secrets that stood in the statement.
func (s *session) noticePlain(keys []string, clear bool) {
	if len(keys) == 0 {
		return
	}
	e := sqlerr.Notice("%s stood in the statement, and so in the client's history", strings.Join(keys, ", ")).
		WithHint("CREATE SECRET name AS '…', or FROM ENVIRONMENT or FILE, and %q = secret('name') keep it out of statements.", keys[0])
	if clear {
		e.Message += "; the catalog holds it unsealed, since server.secret.key.file is not set"
	}
	s.tell(e, "notice")
}

var _ = describe(described{chapter: "Secrets", place: 1, form: `CREATE SECRET [IF NOT EXISTS] name AS 'value' | FROM ENVIRONMENT 'NAME' | FROM FILE '/path'`,
	text: "Gives a name to a value that nobody is shown: `\"password\" = secret('name')` in TBLPROPERTIES uses it, as a whole value. AS stores it encrypted (AES-256-GCM, key from `server.secret.key.file`); ENVIRONMENT and FILE are read where a job runs, when " +
		"it starts, and the file must be readable by its owner alone (0600). What cannot be read is refused. [security.md](../security.md) says more.",
	example: `CREATE SECRET kafka_password AS 'a password';`}, of[*ast.CreateSecret]())

var _ = describe(described{chapter: "Secrets", place: 2, form: `ALTER SECRET name AS 'value' | FROM ENVIRONMENT 'NAME' | FROM FILE '/path'`,
	text:    "Gives it another value. Jobs that run keep the former one until they start again; a NOTICE names them.",
	example: `ALTER SECRET kafka_password AS 'another password';`}, of[*ast.AlterSecret]())

var _ = describe(described{chapter: "Secrets", place: 3, form: `SHOW SECRETS [LIKE 's']`,
	text:    "Lists them: where the value is, who made it and what uses it. Nothing gives a value.",
	example: `SHOW SECRETS;`}, of[*ast.ShowSecrets]())

var _ = describe(described{chapter: "Secrets", place: 4, form: `DROP SECRET [IF EXISTS] name, …`,
	text:    "What a stream, a table or a setting of the server names cannot be dropped (2BP01 says which).",
	example: `DROP SECRET IF EXISTS kafka_password;`}, of[*ast.DropSecret]())
