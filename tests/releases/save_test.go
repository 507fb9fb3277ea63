//go:build release

package releases

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/tests/servers"
)

func saveRecords(dir string, list []record) error {
	b, err := json.Marshal(list)
	return errors.Join(err, os.WriteFile(filepath.Join(dir, recordsFile), b, 0o600))
}

// stored reads what topics hold.
func (s *server) stored(topics ...string) (out []record) {
	s.t.Helper()
	for _, topic := range topics {
		s.consume(topic, func(r *kgo.Record) {
			out = append(out, record{r.Topic, r.Partition, r.Offset, r.Key, r.Value})
		})
	}
	return out
}

// saveNodes keeps the nodes of a quorum that outlive its sessions.
func saveNodes(t *testing.T, z *servers.ZooKeeper, dir string) {
	t.Helper()
	c, nodes := connectZooKeeper(t, z.Address), map[string]string{}
	var walk func(p string)
	walk = func(p string) {
		data, stat, err := c.Get(p)
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		if stat.EphemeralOwner != 0 {
			return
		}
		nodes[p] = string(data)
		names, _, err := c.Children(p)
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		for _, n := range names {
			walk(path.Join(p, n))
		}
	}
	walk("/morphling")
	b, err := json.MarshalIndent(nodes, "", " ")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, znodesFile), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// pack keeps a folder as one small file; unpack is its reverse.
func pack(file, dir string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	z, _ := gzip.NewWriterLevel(f, gzip.BestCompression)
	w := tar.NewWriter(z)
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(b))}); err != nil {
			return err
		}
		_, err = w.Write(b)
		return err
	})
	return errors.Join(err, w.Close(), z.Close(), f.Close())
}
