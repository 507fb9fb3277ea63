package secrets

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/conf"
	"slipway/executor"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// newVault has its key in a folder of its own, and the catalog that it gives.
func newVault(t *testing.T) (*Vault, *catalog.Snapshot) {
	t.Helper()
	s := catalog.NewSnapshot()
	return &Vault{File: filepath.Join(t.TempDir(), "secret.key"), Make: true, Snapshot: func() *catalog.Snapshot { return &s }, Log: slog.New(slog.DiscardHandler)}, &s
}

func sealed(t *testing.T, v *Vault, text string) string {
	t.Helper()
	out, err := v.Seal(conf.NewSecret(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSealedForm pins what is stored: a value that was sealed by any earlier build opens.
func TestSealedForm(t *testing.T) {
	v, _ := newVault(t)
	write(t, v.File, base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))+"\n", 0o600)
	const stored = "sealed:1:f0854b2b:56NtW+74X9ClF5AMi9M98pG3cNdgxDAA4X6VzVOf9eGYc/s="
	if got, err := v.Open(stored); err != nil || got != "planted" {
		t.Errorf("%q, %v; now it is %s", got, err, sealed(t, v, "planted"))
	}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the mask
		t.Fatal(err)
	}
}

// TestKeyIsMadeOnce: at first use, for its owner alone, and said in the log.
func TestKeyIsMadeOnce(t *testing.T) {
	v, s := newVault(t)
	var log bytes.Buffer
	v.Log = slog.New(slog.NewTextHandler(&log, nil))
	if err := v.Check(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(v.File); err == nil {
		t.Fatal("a key is made before it is needed")
	}
	a, b := sealed(t, v, "planted"), sealed(t, v, "planted")
	if a == b || strings.Contains(a, "planted") || strings.Count(log.String(), "a key was made") != 1 {
		t.Errorf("%s %s\n%s", a, b, log.String())
	}
	if info, err := os.Stat(v.File); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	again := &Vault{File: v.File, Make: true, Snapshot: v.Snapshot, Log: v.Log}
	if got, err := again.Open(a); err != nil || got != "planted" {
		t.Errorf("after a restart: %q %v", got, err)
	}
	s.Secrets["k"] = &catalog.Secret{Name: "k", Sealed: a}
	os.Remove(v.File)
	gone := &Vault{File: v.File, Make: true, Snapshot: v.Snapshot, Log: v.Log}
	if _, err := gone.Seal(conf.NewSecret("x")); err == nil || !strings.Contains(err.Error(), "put it back") {
		t.Errorf("another key is made while values are sealed with the lost one: %v", err)
	}
}

// TestAnotherKey: a server with another key says so, when it starts and when a value is asked for.
func TestAnotherKey(t *testing.T) {
	v, s := newVault(t)
	other, _ := newVault(t)
	s.Relations["default.r"] = &catalog.Relation{Database: "default", Name: "r", Properties: []catalog.Property{{Key: "password", Value: sealed(t, v, "planted")}}}
	sealed(t, other, "x") // makes its key
	other.Snapshot = v.Snapshot
	if err := v.Check(); err != nil {
		t.Error(err)
	}
	for what, err := range map[string]error{"check": other.Check(), "open": second(other.Open(s.Relations["default.r"].Properties[0].Value))} {
		if err == nil || !strings.Contains(err.Error(), "every server needs the same file") || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", what, err)
		}
	}
	none := &Vault{Snapshot: v.Snapshot}
	if err := none.Check(); err == nil || !strings.Contains(err.Error(), ErrNoKey.Error()) {
		t.Errorf("without a key: %v", err)
	}
}

func second(_ string, err error) error { return err }

// TestFaults: what cannot be read says why, and quotes no value.
func TestFaults(t *testing.T) {
	v, s := newVault(t)
	dir := t.TempDir()
	good, open, empty, long, bad := filepath.Join(dir, "good"), filepath.Join(dir, "open"), filepath.Join(dir, "empty"), filepath.Join(dir, "long"), filepath.Join(dir, "bad")
	write(t, good, "planted\n", 0o600)
	write(t, open, "planted", 0o644)
	write(t, empty, "\n", 0o600)
	write(t, long, strings.Repeat("x", longest+1), 0o600)
	write(t, bad, "planted", 0o600)
	t.Setenv("SECRET_OF_TEST", "from environment")
	damaged := sealed(t, v, "planted")
	damaged = damaged[:len(damaged)-8] + "AAAAAAA="
	for name, k := range map[string]*catalog.Secret{"good": {File: good}, "open": {File: open}, "empty": {File: empty}, "long": {File: long}, "folder": {File: dir},
		"absent": {File: dir + "/x"}, "env": {Environment: "SECRET_OF_TEST"}, "noenv": {Environment: "NOT_SET_AT_ALL"}, "damaged": {Sealed: damaged}, "later": {Sealed: "sealed:9:x"}} {
		k.Name = name
		s.Secrets[name] = k
	}
	for name, want := range map[string]string{"good": "planted", "env": "from environment"} {
		if got, err := v.Open(conf.Reference(name)); err != nil || got != want {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	for name, want := range map[string]string{"open": "must be 0600", "empty": "is empty", "long": "at most", "folder": "is no file", "absent": "no such file",
		"noenv": "is not set on this server", "damaged": "is damaged", "later": "later version", "nothing": "does not exist"} {
		_, err := v.Open(conf.Reference(name))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", name, err)
		}
	}
	wrong := &Vault{File: bad, Snapshot: v.Snapshot}
	if _, err := wrong.Seal(conf.NewSecret("x")); err == nil || !strings.Contains(err.Error(), "32 bytes in base64") || strings.Contains(err.Error(), "planted") {
		t.Errorf("no key: %v", err)
	}
}

// told is a connector that notes what it was given.
type told struct {
	executor.Connector
	properties map[string]string
}

func (c *told) NewSource(s *plan.Source) (executor.Source, error) {
	c.properties = s.Properties
	return nil, nil
}

// TestConnectorsAreGivenValues: what opens a connector has the values, the plan keeps the names; without
// one the job ends with a sentence.
func TestConnectorsAreGivenValues(t *testing.T) {
	v, s := newVault(t)
	s.Secrets["k"] = &catalog.Secret{Name: "k", Sealed: sealed(t, v, "planted")}
	inner := &told{}
	c := Connector{Connector: inner, Vault: v}
	source := &plan.Source{Name: "default.r", Properties: map[string]string{"a": "as it is", "b": conf.Reference("k"), "c": sealed(t, v, "sealed one")}}
	if _, err := c.NewSource(source); err != nil || inner.properties["b"] != "planted" || inner.properties["c"] != "sealed one" || inner.properties["a"] != "as it is" {
		t.Errorf("%v %v", inner.properties, err)
	}
	if source.Properties["b"] != conf.Reference("k") {
		t.Errorf("the plan holds %q", source.Properties["b"])
	}
	delete(s.Secrets, "k")
	_, err := c.NewSource(source)
	if e := sqlerr.From(err); err == nil || e.Code != sqlerr.UndefinedObject || e.Message != `property "b" of default.r: secret "k" does not exist` {
		t.Errorf("%v", err)
	}
}
