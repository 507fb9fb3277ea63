package zookeeper_test

import (
	"testing"

	"slipway/ha/zookeeper"
	"slipway/sql/catalog"
	"slipway/tests/servers"
)

// TestCatalogAlters: what the leader altered and renamed is what another server reads.
func TestCatalogAlters(t *testing.T) {
	t.Parallel()
	z := servers.StartZooKeeper(t)
	leader := connect(t, z.Address, "/alters")
	if _, err := leader.Campaign(t.Context(), "here"); err != nil {
		t.Fatal(err)
	}
	open := func(c *zookeeper.Conn) *zookeeper.Catalog {
		k, err := zookeeper.OpenCatalog(c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(k.Close)
		return k
	}
	k := open(leader)
	for _, c := range []catalog.Change{
		{PutRelation: &catalog.Relation{Database: "default", Name: "s", Kind: catalog.Stream}, NeedOID: true},
		{AlterRelation: "default.s", SetProperties: []catalog.Property{{Key: "topic", Value: "a"}}},
		{AlterRelation: "default.s", SetProperties: []catalog.Property{{Key: "Topic", Value: "b"}}},
		{RenameRelation: "default.s", NewName: "r"},
		{PutFunction: &catalog.Function{Database: "default", Name: "f", Body: "1"}},
		{PutFunction: &catalog.Function{Database: "default", Name: "f", Body: "2"}, ReplaceIfExisting: true},
	} {
		if _, err := k.Apply(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	s := open(connect(t, z.Address, "/alters")).Snapshot()
	if r := s.Relation("default", "r"); s.Relation("default", "s") != nil || r == nil || r.OID == 0 || len(r.Properties) != 1 || r.Property("topic") != "b" {
		t.Errorf("the other server reads %+v", s.Relations)
	}
	if f := s.Function("default", "f", 0); f == nil || f.Body != "2" {
		t.Errorf("the other server's function is %+v", f)
	}
}
