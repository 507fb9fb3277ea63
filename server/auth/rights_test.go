package auth

import (
	"errors"
	"strings"
	"testing"

	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// TestAllows is the decision as a table: who has which rights on what.
func TestAllows(t *testing.T) {
	shop := &catalog.Database{OID: 10, Name: "shop", Owner: 7}
	other := &catalog.Database{OID: 11, Name: "other"}
	orders := Object{Kind: catalog.OnStream, ID: "20", Name: "shop.orders", Database: shop}
	mine := Object{Kind: catalog.OnStream, ID: "21", Name: "other.mine", Owner: 2, Database: other}
	etl := Object{Kind: catalog.OnJob, ID: "1f", Name: "shop.etl", Database: shop}
	tax := Object{Kind: OnFunction, Name: "other.tax", Owner: 2, Database: other}
	database := Object{Kind: catalog.OnDatabase, ID: "10", Name: "shop", Owner: 7, Database: shop}

	g := func(right catalog.Right, kind catalog.ObjectKind, object string) []catalog.Grant {
		return []catalog.Grant{{Right: right, Kind: kind, Object: object}}
	}
	users := map[string]*catalog.User{
		"root": {OID: 1, Superuser: true}, "ann": {OID: 2}, "reader": {OID: 3, Grants: g(catalog.Read, catalog.OnStream, "20")},
		"member": {OID: 4, MemberOf: []string{"reader"}}, "far": {OID: 5, MemberOf: []string{"member"}}, "writer": {OID: 6, Grants: g(catalog.Write, catalog.OnStream, "20")},
		"boss": {OID: 7}, "op": {OID: 8, Grants: g(catalog.Operate, catalog.OnJob, "1f")}, "dbread": {OID: 9, Grants: g(catalog.Read, catalog.OnDatabase, "10")},
		"dbwrite": {OID: 10, Grants: g(catalog.Write, catalog.OnDatabase, "10")}, "dbop": {OID: 11, Grants: g(catalog.Operate, catalog.OnDatabase, "10")},
		"dbown": {OID: 12, Grants: g(catalog.Own, catalog.OnDatabase, "10")}, "maker": {OID: 13, Grants: g(catalog.Create, catalog.OnDatabase, "10")},
		"streams": {OID: 14, Grants: g(catalog.Read, catalog.OnStreams, "10")}, "jobs": {OID: 15, Grants: g(catalog.Operate, catalog.OnJobs, "10")},
		"owner": {OID: 16, Grants: g(catalog.Own, catalog.OnStream, "20")}, "heir": {OID: 17, MemberOf: []string{"root"}}, "loop": {OID: 18, MemberOf: []string{"loop"}},
	}
	all := []catalog.Right{catalog.Read, catalog.Write, catalog.Operate, catalog.Create, catalog.Own}
	for _, c := range []struct {
		who  string
		on   Object
		want string // first letters of the rights: read write operate create own
	}{
		{"root", orders, "rwoco"}, {"root", etl, "rwoco"}, {"root", database, "rwoco"}, {"root", tax, "rwoco"},
		{"ann", orders, "-----"}, {"ann", etl, "-----"}, {"ann", database, "-----"}, {"ann", mine, "rwoco"}, {"ann", tax, "rwoco"},
		{"reader", orders, "r----"}, {"reader", mine, "-----"}, {"reader", etl, "-----"}, {"reader", tax, "-----"},
		{"member", orders, "r----"}, {"far", orders, "r----"}, {"writer", orders, "-w---"}, {"owner", orders, "rwoco"}, {"owner", etl, "-----"},
		{"boss", orders, "rwoco"}, {"boss", etl, "rwoco"}, {"boss", mine, "-----"}, {"boss", database, "rwoco"},
		{"op", etl, "r-o--"}, {"op", orders, "-----"}, {"dbread", orders, "r----"}, {"dbread", etl, "r----"}, {"dbread", mine, "-----"},
		{"dbwrite", orders, "-w---"}, {"dbwrite", etl, "-----"}, {"dbop", orders, "-----"}, {"dbop", etl, "r-o--"}, {"dbown", orders, "rwoco"}, {"dbown", etl, "rwoco"},
		{"maker", database, "---c-"}, {"maker", orders, "-----"}, {"streams", orders, "r----"}, {"streams", etl, "-----"}, {"jobs", etl, "r-o--"}, {"jobs", orders, "-----"},
		{"heir", orders, "-----"}, {"loop", orders, "-----"}, {"gone", orders, "-----"},
	} {
		got := ""
		for i, right := range all {
			err := Allows(Identity{User: c.who}, users, right, c.on)
			if err == nil {
				got += "rwoco"[i : i+1]
				continue
			}
			got += "-"
			e, ok := errors.AsType[*sqlerr.Error](err)
			if !ok || e.Code != sqlerr.InsufficientPrivilege || !strings.Contains(e.Message, c.on.Name) || !strings.Contains(e.Detail, c.who) || e.Hint == "" && c.who != "gone" {
				t.Errorf("%s %s %s: %+v", c.who, right, c.on.Name, e)
			}
		}
		if got != c.want {
			t.Errorf("%s on %s has %s, want %s", c.who, c.on.Name, got, c.want)
		}
		if sees := SubjectOf(Identity{User: c.who}, users).Sees(c.on); sees != (got != "-----" || c.who != "gone" && (c.on.Kind == OnFunction || c.on.Kind == catalog.OnDatabase)) {
			t.Errorf("%s sees %s: %t", c.who, c.on.Name, sees)
		}
	}
}

// TestImplicitOwner: who came when there were no users may do everything, unless there is a user of that name by now.
func TestImplicitOwner(t *testing.T) {
	o := Object{Kind: catalog.OnStream, ID: "1", Name: "d.s"}
	id := Identity{User: "ann", Owner: true}
	if err := Allows(id, nil, catalog.Own, o); err != nil {
		t.Error(err)
	}
	if err := Allows(id, map[string]*catalog.User{"root": {OID: 1, Superuser: true}}, catalog.Own, o); err != nil {
		t.Error(err)
	}
	if Allows(id, map[string]*catalog.User{"ann": {OID: 1}}, catalog.Own, o) == nil {
		t.Error("a user who is no superuser owns everything")
	}
	if SubjectOf(Identity{User: "bob"}, nil).AllowsServer("create database") == nil || SubjectOf(id, nil).AllowsServer("create database") != nil {
		t.Error("who may administer the server")
	}
}

// TestPublic: what was granted to PUBLIC everybody has who is there.
func TestPublic(t *testing.T) {
	o := Object{Kind: catalog.OnStream, ID: "1", Name: "d.s"}
	users := map[string]*catalog.User{"ann": {OID: 1}, catalog.Public: {OID: 2, Name: catalog.Public, Grants: []catalog.Grant{{Right: catalog.Read, Kind: catalog.OnStream, Object: "1"}}}}
	if err := Allows(Identity{User: "ann"}, users, catalog.Read, o); err != nil {
		t.Error(err)
	}
	if Allows(Identity{User: "gone"}, users, catalog.Read, o) == nil {
		t.Error("a user who was dropped reads on")
	}
}
