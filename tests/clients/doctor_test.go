package clients

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"slipway/tests/process"
)

// unpacked gives the files of a bundle, those that are packed themselves unpacked.
func unpacked(t *testing.T, file string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for r := tar.NewReader(z); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if inner, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
			if text, err = io.ReadAll(inner); err != nil {
				t.Fatal(err)
			}
		}
		_, name, _ := strings.Cut(head.Name, "/")
		out[name] = string(text)
	}
}

var consoleAddress = regexp.MustCompile(`console=(\S+)`)

// TestDoctor: the support bundle of a running server has what is listed, and none of the secrets that were given to the server; of one that does not
// answer, it has what there is, and says the rest.
func TestDoctor(t *testing.T) {
	dir := t.TempDir()
	p, err := process.Start(t, filepath.Join(dir, "log"), nil, "server", "--set", "server.data.directory="+dir, "--set", "server.sql.listen=127.0.0.1:0",
		"--set", "server.console.listen=127.0.0.1:0", "--set", "server.embedded.broker.listen=127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	url := "postgres://ann@" + p.SQL + "/default?sslmode=disable"
	statements := `CREATE STREAM s (a INT) TBLPROPERTIES ('topic'='s', 'format'='json', 'transwarp.consumer.sasl.mechanism'='PLAIN', 'transwarp.consumer.security.protocol'='SASL_PLAINTEXT',
			'transwarp.consumer.sasl.jaas.config'='org.apache.kafka.common.security.plain.PlainLoginModule required username="ann" password="planted1";');
		CREATE TABLE d (a INT) TBLPROPERTIES ('connector'='jdbc', 'url'='jdbc:postgresql://127.0.0.1:1/x', 'table'='d', 'username'='u', 'password'='planted3');
		CREATE STREAM i (a INT) TBLPROPERTIES ('topic'='i', 'format'='json');
		CREATE STREAM o (a INT) TBLPROPERTIES ('topic'='o', 'format'='json');
		CREATE STREAMJOB j AS ("INSERT INTO o SELECT a FROM i") JOBPROPERTIES ('morphling.job.checkpoint.interval'='1000');
		CREATE STREAMJOB failing AS ("INSERT INTO o SELECT a FROM s") JOBPROPERTIES ('morphling.job.checkpoint.interval'='1000')`
	_, out, errs := slipway(t, nil, "run", "--continue", "--url", url, writeFile(t, dir, "s.sql", statements))
	if strings.Count(out, "CREATE STREAM\n") != 3 || !strings.Contains(out, "CREATE TABLE\n") || !strings.Contains(out, "CREATE STREAMJOB\n") {
		t.Fatalf("%s%s", out, errs)
	}
	file := filepath.Join(dir, "bundle.tar.gz")
	console := "http://" + consoleAddress.FindStringSubmatch(p.Ready)[1]
	if code, out, errs := slipway(t, nil, "doctor", "--url", url, "--console", console, "--out", file); code != 0 || out != file+"\n" || errs != "" {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v %v", info.Mode(), err)
	}
	files := unpacked(t, file)
	for name, want := range map[string]string{
		"contents.txt": "sql/slipway/jobs.csv", "machine.txt": "slipway 0.", "sql/streams.sql": "******", "sql/jobs.sql": "CREATE STREAMJOB ", "sql/slipway/streams.csv": "name,database,kind",
		"sql/slipway/settings.csv": "server.sql.listen", "sql/slipway/checkpoints.csv": "job,id", "http/metrics.txt": "slipway_", "http/log.txt": "level=", "http/goroutines.txt": "goroutine profile: total", "http/heap.pprof": "runtime.",
		"http/readyz.json": `"status":"ok"`,
	} {
		if !strings.Contains(files[name], want) {
			t.Errorf("%s has no %q: %.300q", name, want, files[name])
		}
	}
	for name, text := range files {
		if strings.Contains(text, "planted") {
			t.Errorf("%s holds a secret", name)
		}
		if name != "contents.txt" && !strings.Contains(files["contents.txt"], name) {
			t.Errorf("%s is not in the list of contents", name)
		}
	}
	if code, _, errs := slipway(t, nil, "doctor", "--url", url, "--console", "http://127.0.0.1:1", "--out", file); code != 0 || !strings.Contains(errs, "not there: http/metrics.txt: ") {
		t.Errorf("without a console: exit code %d\n%s", code, errs)
	}
	if c := unpacked(t, file)["contents.txt"]; !strings.Contains(c, "Not there:\n  http/livez.json: ") || !strings.Contains(c, "sql/jobs.sql") {
		t.Errorf("without a console:\n%s", c)
	}
	code, _, errs := slipway(t, nil, "doctor", "--url", fmt.Sprintf("postgres://ann:planted@127.0.0.1:%d/x", 1), "--console", "http://127.0.0.1:1", "--out", file)
	if code != 1 || !strings.Contains(errs, "the server answered nothing") || strings.Contains(errs, "planted") {
		t.Errorf("without a server: exit code %d\n%s", code, errs)
	}
	if code, _, _ := slipway(t, nil, "doctor", "--url", url, "--console", console, "--out", path.Join(dir, "nowhere", "x.tar.gz")); code != 1 {
		t.Errorf("into a folder that is not there: exit code %d", code)
	}
}

func writeFile(t *testing.T, dir, name, text string) string {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}
