package local_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/ha"
	"slipway/ha/local"
	"slipway/sql/catalog"
)

func open(t *testing.T, dir string) *local.Store {
	t.Helper()
	s, err := local.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestMetadataConformance(t *testing.T) {
	checkpointtest.Metadata(t, func(t *testing.T) (checkpoint.MetadataStore, func() checkpoint.MetadataStore) {
		dir := t.TempDir()
		s := open(t, dir)
		return s.Metadata(), func() checkpoint.MetadataStore {
			return s.Metadata() // the file's lock admits one process; that data survives it is tested below
		}
	})
}

func TestSecondServerIsRefused(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if _, err := local.Open(dir); err == nil || !strings.Contains(err.Error(), "in use by another server") {
		t.Fatalf("got %v", err)
	}
}

func TestDamagedManifestIsReportedNotHidden(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	s := open(t, dir)
	c, err := s.Metadata().Claim(ctx, "j")
	if err != nil {
		t.Fatal(err)
	}
	for id := checkpoint.ID(1); id <= 2; id++ {
		if err := c.Add(ctx, &checkpoint.Manifest{Version: 1, Job: "j", Checkpoint: id}); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	damageNewest(t, filepath.Join(dir, local.FileName))
	c, err = open(t, dir).Metadata().Claim(ctx, "j")
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.List(ctx)
	if err != nil || len(list) != 2 {
		t.Fatalf("%v %v", list, err)
	}
	if list[0].ID != 2 || !errors.Is(list[0].Damaged, checkpoint.ErrCorrupt) || list[0].Manifest != nil {
		t.Fatalf("the damaged one: %+v", list[0])
	}
	if list[1].ID != 1 || list[1].Damaged != nil {
		t.Fatalf("the sound one: %+v", list[1])
	}
}

func damageNewest(t *testing.T, path string) {
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("checkpoints")).Bucket([]byte("j")).Bucket([]byte("manifests"))
		k, v := b.Cursor().Last()
		v = append([]byte(nil), v...)
		v[len(v)/2] ^= 1
		return b.Put(append([]byte(nil), k...), v)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestJobsSurvive(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	s := open(t, dir)
	j := &ha.Job{ID: "1", Database: "default", Name: "etl", SQL: "insert into b select * from a", Desired: ha.WantRunning}
	if err := s.Create(ctx, j); err != nil {
		t.Fatal(err)
	}
	if err := s.Create(ctx, &ha.Job{ID: "2", Database: "default", Name: "etl"}); !errors.Is(err, ha.ErrExists) {
		t.Fatalf("a second job of the name: %v", err)
	}
	j.Desired = ha.WantStopped
	if err := s.Put(ctx, j); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = open(t, dir)
	list, err := s.List(ctx)
	if err != nil || len(list) != 1 || list[0].Desired != ha.WantStopped || list[0].SQL != j.SQL {
		t.Fatalf("%+v %v", list, err)
	}
	if err := s.Delete(ctx, "1"); err != nil {
		t.Fatal(err)
	}
	if list, _ = s.List(ctx); len(list) != 0 {
		t.Fatalf("%+v", list)
	}
}

func TestCatalogSurvives(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	s := open(t, dir)
	c, err := s.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	before := c.Snapshot()
	after, err := c.Apply(ctx, catalog.Change{PutRelation: &catalog.Relation{Database: "default", Name: "s", Kind: catalog.Stream}, NeedOID: true})
	if err != nil {
		t.Fatal(err)
	}
	if before.Relation("default", "s") != nil {
		t.Fatal("an old snapshot changed")
	}
	oid := after.Relation("default", "s").OID
	if oid < 16384 || oid == after.Databases["default"].OID {
		t.Fatalf("oid %d", oid)
	}
	if _, err := c.Apply(ctx, catalog.Change{PutRelation: &catalog.Relation{Database: "default", Name: "s"}}); !errors.Is(err, catalog.ErrExists) {
		t.Fatalf("a second relation of the name: %v", err)
	}
	if _, err := c.Apply(ctx, catalog.Change{DropRelation: "default.none"}); !errors.Is(err, catalog.ErrMissing) {
		t.Fatalf("dropping a missing one: %v", err)
	}
	if _, err := c.Apply(ctx, catalog.Change{AlterRelation: "default.none"}); !errors.Is(err, catalog.ErrMissing) {
		t.Fatalf("altering a missing one: %v", err)
	}
	for _, change := range []catalog.Change{{AlterRelation: "default.s", SetProperties: []catalog.Property{{Key: "topic", Value: "a"}}},
		{AlterRelation: "default.s", SetProperties: []catalog.Property{{Key: "TOPIC", Value: "b"}}}, {RenameRelation: "default.s", NewName: "r"},
		{PutFunction: &catalog.Function{Database: "default", Name: "f", Body: "1"}}} {
		if after, err = c.Apply(ctx, change); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	c, err = open(t, dir).Catalog()
	if err != nil {
		t.Fatal(err)
	}
	if c.Snapshot().Relation("default", "s") != nil {
		t.Fatal("the old name is still there")
	}
	if f := c.Snapshot().Function("default", "f", 0); f == nil || f.Body != "1" {
		t.Fatalf("the function is %+v", f)
	}
	if r := c.Snapshot().Relation("default", "r"); r == nil || r.OID != oid || len(r.Properties) != 1 || r.Property("topic") != "b" || c.Snapshot().Version != after.Version {
		t.Fatalf("%+v", c.Snapshot())
	}
}

// TestTwoCatalogViews: a change goes on from what is stored, whoever has stored it; one that fails leaves nothing.
func TestTwoCatalogViews(t *testing.T) {
	s, ctx := open(t, t.TempDir()), context.Background()
	var views [2]*local.Catalog
	for i := range views {
		var err error
		if views[i], err = s.Catalog(); err != nil {
			t.Fatal(err)
		}
	}
	put := func(c *local.Catalog, name string) (*catalog.Snapshot, error) {
		return c.Apply(ctx, catalog.Change{PutRelation: &catalog.Relation{Database: "default", Name: name, Kind: catalog.Stream}, NeedOID: true})
	}
	oids := map[uint32]string{}
	for i, name := range []string{"a", "b", "c", "d", "e"} {
		for range 2 { // the second time it is there
			_, _ = put(views[i/2%2], name)
		}
		after, err := put(views[i%2], "of "+name)
		if err != nil {
			t.Fatal(err)
		}
		if after.Version != int64(2*i+3) || len(after.Relations) != 2*i+2 {
			t.Errorf("version %d with %d relations behind %s", after.Version, len(after.Relations), name)
		}
		for _, r := range after.Relations {
			if other, there := oids[r.OID]; there && other != r.Name {
				t.Errorf("%s and %s have the oid %d", other, r.Name, r.OID)
			}
			oids[r.OID] = r.Name
		}
	}
}

// TestDamagedEpoch: a claim's record that holds no number is said, never taken for a fresh one.
func TestDamagedEpoch(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	s := open(t, dir)
	if _, err := s.Metadata().Claim(ctx, "j"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	db, err := bolt.Open(filepath.Join(dir, local.FileName), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("checkpoints")).Bucket([]byte("j")).Put([]byte("epoch"), []byte("1"))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if c, err := open(t, dir).Metadata().Claim(ctx, "j"); !errors.Is(err, checkpoint.ErrCorrupt) {
		t.Fatalf("a claim over it: %+v, %v", c, err)
	}
}
