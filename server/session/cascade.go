package session

import (
	"context"
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// cascade drops what a database holds, one thing after the other: stopped half-way it is
// sent again. Jobs that run, and what others use, stand in its way.
func (s *session) cascade(ctx context.Context, d *ast.DropDatabase, snapshot *catalog.Snapshot) error {
	relations := relationsOf(snapshot, d.Name.Name)
	if err := s.usedElsewhere(d, snapshot, relations); err != nil {
		return err
	}
	var dropped []string
	for _, j := range s.allJobs() {
		if j.Job.Database != d.Name.Name {
			continue
		}
		if err := s.drop(ctx, &j.Job); err != nil {
			return err
		}
		dropped = append(dropped, "stream job "+j.Job.FullName())
	}
	changes, names := dropsOf(snapshot, d.Name.Name, relations)
	for _, c := range changes {
		if _, err := s.Catalog.Apply(ctx, c); err != nil {
			return err
		}
	}
	if dropped = append(dropped, names...); len(dropped) > 0 {
		e := sqlerr.Notice("drop cascades to %d other objects", len(dropped))
		e.Detail = strings.Join(dropped, ", ")
		s.tell(e, "notice")
	}
	return nil
}

func relationsOf(snapshot *catalog.Snapshot, database string) []string {
	var list []string
	for name, r := range snapshot.Relations {
		if r.Database == database {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// usedElsewhere refuses what CASCADE does not do.
func (s *session) usedElsewhere(d *ast.DropDatabase, snapshot *catalog.Snapshot, relations []string) error {
	uses := func(names []string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(relations, n) })
	}
	for _, j := range s.allJobs() {
		own := j.Job.Database == d.Name.Name
		if own && j.State.Active() {
			return sqlerr.At(d.Name.Pos, sqlerr.DependentObjects, "cannot drop database %q: stream job %s is %s", d.Name.Name, j.Job.FullName(), j.State).
				WithHint("STOP STREAMJOB %s first.", j.Job.FullName())
		}
		if !own && (uses(j.Job.Reads) || uses(j.Job.Writes)) {
			return sqlerr.At(d.Name.Pos, sqlerr.DependentObjects, "cannot drop database %q: stream job %s of another database uses it", d.Name.Name, j.Job.FullName())
		}
	}
	for _, r := range snapshot.Relations {
		if r.Database != d.Name.Name && uses(r.Reads) {
			return sqlerr.At(d.Name.Pos, sqlerr.DependentObjects, "cannot drop database %q: %s of another database reads it", d.Name.Name, r.FullName())
		}
	}
	return nil
}

// dropsOf lists the changes that empty a database of relations and applications, readers
// before what they read.
func dropsOf(snapshot *catalog.Snapshot, database string, relations []string) (changes []catalog.Change, names []string) {
	left := slices.Clone(relations)
	for len(left) > 0 {
		i := max(0, slices.IndexFunc(left, func(n string) bool { return !readBy(snapshot, left, n) }))
		changes = append(changes, catalog.Change{DropRelation: left[i]})
		names = append(names, kindName(snapshot.Relations[left[i]])+" "+left[i])
		left = slices.Delete(left, i, i+1)
	}
	for key, f := range snapshot.Functions {
		if f.Database == database {
			changes = append(changes, catalog.Change{DropFunction: key})
			names = append(names, "function "+f.Signature())
		}
	}
	for name, a := range snapshot.Applications {
		if a.Database == database {
			changes = append(changes, catalog.Change{DropApplication: name})
			names = append(names, "application "+name)
		}
	}
	return changes, names
}

// readBy tells whether one of the relations reads n.
func readBy(snapshot *catalog.Snapshot, relations []string, n string) bool {
	return slices.ContainsFunc(relations, func(r string) bool { return slices.Contains(snapshot.Relations[r].Reads, n) })
}
