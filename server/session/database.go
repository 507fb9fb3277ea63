package session

import (
	"context"
	"errors"
	"time"

	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

var (
	_ = register(statement[*ast.CreateDatabase]{right: administer,
		needs: superuser[*ast.CreateDatabase]("create database"), changes: true, do: (*session).createDatabase})
	_ = register(statement[*ast.DropDatabase]{right: define, needs: (*session).dropDatabaseNeeds, changes: true, do: (*session).dropDatabase})
	_ = register(statement[*ast.UseDatabase]{right: ownSession,
		needs: nothing[*ast.UseDatabase], do: func(s *session, _ context.Context, d *ast.UseDatabase) error { return s.use(d.Name) }})
)

func (s *session) createDatabase(ctx context.Context, d *ast.CreateDatabase) error {
	_, err := s.Catalog.Apply(ctx, catalog.Change{PutDatabase: &catalog.Database{Name: d.Name.Name, Owner: s.maker(), Created: time.Now().UTC()}, NeedOID: true})
	if errors.Is(err, catalog.ErrExists) {
		return s.unless(d.IfNotExists, sqlerr.At(d.Name.Pos, sqlerr.DuplicateDatabase, "database %q already exists", d.Name.Name))
	}
	return err
}

func (s *session) dropDatabase(ctx context.Context, d *ast.DropDatabase) error {
	snapshot := s.everything()
	if snapshot.Databases[d.Name.Name] == nil {
		return s.unless(d.IfExists, sqlerr.At(d.Name.Pos, sqlerr.UndefinedDatabase, "database %q does not exist", d.Name.Name))
	}
	if d.Name.Name == catalog.DefaultDatabase {
		return sqlerr.At(d.Name.Pos, sqlerr.FeatureNotSupported, "database %q cannot be dropped", d.Name.Name)
	}
	if d.Cascade {
		if err := s.cascade(ctx, d, snapshot); err != nil {
			return err
		}
		_, err := s.Catalog.Apply(ctx, catalog.Change{DropDatabase: d.Name.Name})
		return err
	}
	if list := relationsOf(snapshot, d.Name.Name); len(list) > 0 {
		return sqlerr.At(d.Name.Pos, sqlerr.DependentObjects, "database %q is not empty: it holds %s", d.Name.Name, list[0]).
			WithHint("DROP DATABASE %s CASCADE drops what it holds.", ast.QuoteName(d.Name.Name))
	}
	for _, f := range snapshot.Functions {
		if f.Database == d.Name.Name {
			return sqlerr.At(d.Name.Pos, sqlerr.DependentObjects, "database %q is not empty: it holds function %s", d.Name.Name, f.Signature()).
				WithHint("DROP DATABASE %s CASCADE drops what it holds.", ast.QuoteName(d.Name.Name))
		}
	}
	for _, j := range s.allJobs() {
		if j.Job.Database == d.Name.Name {
			return sqlerr.At(d.Name.Pos, sqlerr.DependentObjects, "database %q is not empty: it holds stream job %s", d.Name.Name, j.Job.FullName())
		}
	}
	_, err := s.Catalog.Apply(ctx, catalog.Change{DropDatabase: d.Name.Name})
	return err
}

func (s *session) dropDatabaseNeeds(d *ast.DropDatabase) ([]need, error) {
	return s.inDatabaseNamed(catalog.Own, d.Name), nil
}

// use is USE and SET search_path.
func (s *session) use(n ast.Ident) error {
	snapshot := s.Catalog.Snapshot()
	if snapshot.Databases[n.Name] == nil {
		if n.Name == "public" || n.Name == "pg_catalog" || n.Name == "$user" { // names that clients send by themselves
			return nil
		}
		return sqlerr.At(n.Pos, sqlerr.UndefinedDatabase, "database %q does not exist", n.Name)
	}
	if n.Name != s.database {
		s.application = defaultApplication // applications belong to their database
	}
	s.database = n.Name
	return nil
}

var _ = describe(described{chapter: "Databases and applications", place: 1, form: `CREATE DATABASE | SCHEMA [IF NOT EXISTS] name`,
	text:    "A place for names. PostgreSQL clients see it as a schema.",
	example: `CREATE DATABASE IF NOT EXISTS shop;`}, of[*ast.CreateDatabase]())

var _ = describe(described{chapter: "Databases and applications", place: 2, form: `USE name`,
	text: "Makes it the one that names without a database are of. Clients connect to one with `dbname=name`.",
	example: `USE shop;
USE default;`}, of[*ast.UseDatabase]())

var _ = describe(described{chapter: "Databases and applications", place: 3, form: `DROP DATABASE | SCHEMA [IF EXISTS] name [CASCADE | RESTRICT]`,
	text:    "CASCADE drops what is in it too, jobs first.",
	example: `DROP DATABASE shop CASCADE;`}, of[*ast.DropDatabase]())
