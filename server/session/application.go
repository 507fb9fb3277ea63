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
	_ = register(statement[*ast.CreateApplication]{right: define,
		needs: inDatabase(func(*ast.CreateApplication) ast.Name { return ast.Name{} }), changes: true, do: (*session).createApplication})
	_ = register(statement[*ast.DropApplication]{right: define, needs: (*session).dropApplicationNeeds, changes: true, do: (*session).dropApplication})
	_ = register(statement[*ast.UseApplication]{right: ownSession, needs: nothing[*ast.UseApplication], do: (*session).useApplication})
	_ = register(statement[*ast.DescribeApplication]{right: inspect,
		needs: nothing[*ast.DescribeApplication], tagOf: (*ast.DescribeApplication).Tag, names: []string{"property", "value"}, list: (*session).describeApplication})
)

// defaultApplication is there in every database.
const defaultApplication = "default"

func (s *session) createApplication(ctx context.Context, d *ast.CreateApplication) error {
	a := &catalog.Application{Database: s.database, Name: d.Name.Name, Owner: s.maker(), Created: time.Now().UTC()}
	_, err := s.Catalog.Apply(ctx, catalog.Change{PutApplication: a})
	if errors.Is(err, catalog.ErrExists) {
		return s.unless(d.IfNotExists, sqlerr.At(d.Name.Pos, sqlerr.DuplicateObject, "application %q already exists", d.Name.Name))
	}
	return err
}

func (s *session) dropApplication(ctx context.Context, d *ast.DropApplication) error {
	if d.Name.Name == defaultApplication {
		return sqlerr.At(d.Name.Pos, sqlerr.DependentObjects, "application %q is always there", d.Name.Name).WithHint("STOP STREAMJOBS stops its jobs, DROP STREAMJOB name drops one.")
	}
	for _, j := range s.allJobs() {
		if j.Job.Database == s.database && j.Job.Application == d.Name.Name {
			return sqlerr.At(d.Name.Pos, sqlerr.DependentObjects, "application %q is not empty: it holds stream job %s", d.Name.Name, j.Job.FullName())
		}
	}
	_, err := s.Catalog.Apply(ctx, catalog.Change{DropApplication: s.database + "." + d.Name.Name})
	if errors.Is(err, catalog.ErrMissing) {
		return s.unless(d.IfExists, noApplication(d.Name))
	}
	if err == nil && s.application == d.Name.Name {
		s.application = defaultApplication
	}
	return err
}

func (s *session) dropApplicationNeeds(d *ast.DropApplication) ([]need, error) {
	a := s.Catalog.Snapshot().Applications[s.database+"."+d.Name.Name]
	if a == nil {
		return nil, nil // the statement says so
	}
	return []need{{catalog.Own, s.applicationObject(a), d.Name.Pos}}, nil
}

func noApplication(n ast.Name) *sqlerr.Error {
	return sqlerr.At(n.Pos, sqlerr.UndefinedObject, "application %q does not exist", n.Name).WithHint("SHOW APPLICATIONS lists them.")
}

func (s *session) useApplication(_ context.Context, d *ast.UseApplication) error {
	if _, err := s.findApplication(d.Name); err != nil {
		return err
	}
	s.application = d.Name.Name
	return nil
}

// findApplication gives what is stored of an application of the current database; of the default one that is nothing.
func (s *session) findApplication(n ast.Name) (*catalog.Application, error) {
	a := s.Catalog.Snapshot().Applications[s.database+"."+n.Name]
	if a == nil && n.Name != defaultApplication {
		return nil, noApplication(n)
	}
	return a, nil
}

// hasApplication tells that the session's application is there: another session may have dropped it.
func (s *session) hasApplication() error {
	_, err := s.findApplication(ast.Name{Pos: ast.NoPos, Name: s.application})
	return err
}

// describeApplication is an application with its jobs and their states, a line each.
func (s *session) describeApplication(_ context.Context, d *ast.DescribeApplication, t *table) error {
	a, err := s.findApplication(d.Name)
	if err != nil {
		return err
	}
	t.add("name", d.Name.Name)
	t.add("database", s.database)
	if a != nil {
		t.add("created", a.Created.Format(time.DateTime))
	}
	for _, j := range s.Jobs.List() {
		if j.Job.Database == s.database && j.Job.Application == d.Name.Name {
			t.add("stream job "+j.Job.Name, string(j.State))
		}
	}
	return nil
}

var _ = describe(described{chapter: "Databases and applications", place: 4, form: `CREATE APPLICATION [IF NOT EXISTS] name`,
	text:    "A name that groups jobs: START STREAMJOBS and STOP STREAMJOBS are of one.",
	example: `CREATE APPLICATION reports;`}, of[*ast.CreateApplication]())

var _ = describe(described{chapter: "Databases and applications", place: 5, form: `USE APPLICATION name`,
	text:    "Jobs that are created go into it.",
	example: `USE APPLICATION default;`}, of[*ast.UseApplication]())

var _ = describe(described{chapter: "Databases and applications", place: 7, form: `DESCRIBE | SHOW | LIST APPLICATION name`,
	text:    "Lists its jobs with their states.",
	example: `DESCRIBE APPLICATION default;`}, of[*ast.DescribeApplication]())

var _ = describe(described{chapter: "Databases and applications", place: 6, form: `DROP APPLICATION [IF EXISTS] name`,
	text:    "It has no jobs then. A session that uses it goes on in `default`, which is always there.",
	example: `DROP APPLICATION reports;`}, of[*ast.DropApplication]())
