// Package servers fetches and starts real Kafka, ZooKeeper and HDFS for tests: as
// plain Java processes on free loopback ports, in temporary folders, without root.
// The jars come through Maven into a cache outside the tree.
package servers

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// artifact is a Maven coordinate.
type artifact struct{ group, name, version string }

// bundle is the jars of one server.
type bundle struct {
	name      string // of the cache folder, with the version
	artifacts []artifact
}

// Versions under test.
const (
	Kafka4       = "4.3.1"
	Kafka3       = "3.9.1" // the older transaction protocol
	zooKeeper    = "3.9.5"
	hadoop       = "3.5.0"
	slf4jForOld  = "1.7.36"
	snappyForZK  = "1.1.10.5"
	metricsForZK = "4.1.12.1"
	pgJDBC       = "42.7.11"
)

func kafkaBundle(version string) bundle {
	return bundle{"kafka-" + version, []artifact{
		{"org.apache.kafka", "kafka_2.13", version}, {"org.slf4j", "slf4j-simple", slf4jForOld}}}
}

// toolsBundle holds Kafka's command line tools.
var toolsBundle = bundle{"kafka-tools-" + Kafka4, []artifact{
	{"org.apache.kafka", "kafka-tools", Kafka4}, {"org.slf4j", "slf4j-simple", slf4jForOld}}}

var zooKeeperBundle = bundle{"zookeeper-" + zooKeeper, []artifact{
	{"org.apache.zookeeper", "zookeeper", zooKeeper}, {"io.dropwizard.metrics", "metrics-core", metricsForZK}, {"org.xerial.snappy", "snappy-java", snappyForZK}}}

var hadoopBundle = bundle{"hadoop-" + hadoop, []artifact{
	{"org.apache.hadoop", "hadoop-common", hadoop}, {"org.apache.hadoop", "hadoop-hdfs", hadoop}, {"org.apache.hadoop", "hadoop-hdfs-client", hadoop}}}

// Required tells whether a missing server is a failure: in CI it is.
func Required() bool { return os.Getenv("SLIPWAY_REQUIRE_SERVERS") == "1" }

// unavailable ends a test that needs what is not here: loudly where that may be, as
// a failure where it may not.
func unavailable(t testing.TB, err error) {
	t.Helper()
	text := fmt.Sprintf("REAL SERVERS NOT AVAILABLE, test not run: %v", err)
	if Required() {
		t.Fatal(text)
	}
	fmt.Fprintln(os.Stderr, text)
	t.Skip(text)
}

// CacheFolder is outside the tree; SLIPWAY_TEST_CACHE moves it.
func CacheFolder() (string, error) {
	if dir := os.Getenv("SLIPWAY_TEST_CACHE"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "slipway-test-servers"), err
}

var fetching sync.Mutex // one Maven at a time in this process

// classPath gives the bundle's jars, fetching them the first time. A folder with
// the final name is always whole: it is filled under another name and renamed.
func classPath(b bundle) (string, error) {
	fetching.Lock()
	defer fetching.Unlock()
	cache, err := CacheFolder()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, b.name)
	if _, err := os.Stat(dir); err == nil {
		return filepath.Join(dir, "*"), nil
	}
	for _, tool := range []string{"java", "mvn"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("%s is not installed", tool)
		}
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(cache, ".fetching-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := fetch(b, work); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(work, "jars"), dir); err != nil && !os.IsExist(err) {
		return "", err
	}
	return filepath.Join(dir, "*"), nil
}

func fetch(b bundle, work string) error {
	var pom bytes.Buffer
	pom.WriteString(`<project><modelVersion>4.0.0</modelVersion><groupId>slipway.tests</groupId><artifactId>servers</artifactId><version>1</version><packaging>pom</packaging><dependencies>`)
	for _, a := range b.artifacts {
		fmt.Fprintf(&pom, "<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>", a.group, a.name, a.version)
	}
	pom.WriteString(`</dependencies></project>`)
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), pom.Bytes(), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "fetching %s through Maven, once\n", b.name)
	cmd := exec.Command("mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+filepath.Join(work, "jars"))
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("fetching %s through Maven: %w: %s", b.name, err, lastLines(string(out), 3))
	}
	return nil
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " / ")
}

// jdbcBundle is PostgreSQL's JDBC driver, with a shell that speaks to it.
var jdbcBundle = bundle{"pgjdbc-" + pgJDBC, []artifact{{"org.postgresql", "postgresql", pgJDBC}, {"sqlline", "sqlline", "1.12.0"}}}

// JDBC gives the class path of PostgreSQL's JDBC driver and of sqlline.SqlLine.
func JDBC(t testing.TB) string {
	t.Helper()
	jars, err := classPath(jdbcBundle)
	if err != nil {
		unavailable(t, err)
	}
	return jars
}
