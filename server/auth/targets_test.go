package auth

import (
	"testing"

	"slipway/sql/sqlerr"
)

// TestTargets: what may be named and what not, in the forms in which addresses are hidden.
func TestTargets(t *testing.T) {
	targets, err := ParseTargets("db.example.org, *.kafka.example.org:9093, 10.1.0.0/16, 10.2.0.0/16:5432, 192.0.2.7, [2001:db8::1]:5432, /data/in/, /data/ca, 169.254.0.0/16, ")
	if err != nil {
		t.Fatal(err)
	}
	targets = targets.With("kafka-1:9092,127.0.0.1:19092")
	for host, want := range map[string]bool{
		"db.example.org": true, "DB.Example.org.": true, "db.example.org:5432": true, "xdb.example.org": false, "db.example.org.evil.org": false, "example.org": false,
		"a.kafka.example.org:9093": true, "a.kafka.example.org:22": false, "kafka.example.org:9093": false, "a.kafka.example.org": false,
		"10.1.2.3": true, "10.1.2.3:22": true, "10.2.0.1:5432": true, "10.2.0.1:22": false, "10.3.0.1": false, "::ffff:10.1.2.3": true, "[::ffff:10.1.2.3]:80": true,
		"192.0.2.7": true, "192.0.2.8": false, "[2001:db8::1]:5432": true, "[2001:db8::1]:80": false, "2001:db8::2": false,
		"kafka-1:9092": true, "kafka-1:2181": false, "127.0.0.1:19092": true, "127.0.0.1:10010": false, "localhost:19092": false, "localhost": false,
		"169.254.169.254": false, "169.254.169.254:80": false, "[fe80::1%eth0]:80": false, "::ffff:169.254.169.254": false, "[::ffff:a9fe:a9fe]": false, "fd00:ec2::254": false,
		"100.100.100.200": false, "metadata.google.internal": false, "METADATA.google.internal.": false, "0.0.0.0": false, "": false, "::": false,
		"2852039166": false, "0xa9fea9fe": false, "0xa9.0xfe.0xa9.0xfe": false, "169.254.43518": false, "0251.0376.0251.0376": false, "10.1.2.3 ": true, "10.1.2.3#x": false, "a b": false,
	} {
		checkTarget(t, host, want, targets.Host(host))
	}
	for text, want := range map[string]bool{
		"jdbc:postgresql://db.example.org/shop": true, "jdbc:postgresql://db.example.org:5432/shop?sslmode=require": true, "jdbc:mysql://127.0.0.1:3306/shop": false,
		"jdbc:postgresql://db.example.org,169.254.169.254/shop": false, "jdbc:postgresql://db.example.org/shop?host=localhost": false,
		"jdbc:postgresql://db.example.org/shop?hostaddr=127.0.0.1": false, "jdbc:postgresql://db.example.org/shop?sslrootcert=/etc/passwd": false,
		"jdbc:postgresql://db.example.org/shop?sslrootcert=/data/ca/ca.pem": true, "jdbc:postgresql://db.example.org/shop?service=x": false,
		"jdbc:postgresql://db.example.org/shop?passfile=/root/.pgpass": false, "jdbc:postgresql:///shop": false, "jdbc:postgresql://%zz": false,
		"jdbc:postgresql://db.example.org@localhost/shop": false, "jdbc:postgresql://localhost\\@db.example.org/shop": false,
	} {
		checkTarget(t, text, want, targets.URL(text))
	}
	for file, want := range map[string]bool{
		"/data/in/a.pem": true, "/data/in/x/../b": true, "file:///data/ca/ca.pem": true, "/data/ca/ca.pem": true, "/data/in/../secret.key": false, "/data/in/../../etc/passwd": false,
		"file:///etc/passwd": false, "/etc/passwd": false, "/data/in": false, "/data/input/x": false, "../data/in/x": false, "data/in/x": false, "/data/in/%2e%2e/x": true,
		"file:///data/in/%2e%2e/%2e%2e/etc/passwd": false, "hdfs://nn/data/in/x": false, "": false, "/data/in/\x00": false,
	} {
		checkTarget(t, file, want, targets.File(file))
	}
}

// TestTargetsOfAll: * allows hosts that have a name or a plain address, and no metadata service.
func TestTargetsOfAll(t *testing.T) {
	all, err := ParseTargets("*")
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{"db:5432": true, "192.168.0.1": true, "169.254.1.1": false, "fe80::1": false, "2852039166": false, "metadata.google.internal": false} {
		checkTarget(t, host, want, all.Host(host))
	}
	checkTarget(t, "nothing is allowed", false, Targets{}.Host("db"))
	checkTarget(t, "no file is allowed", false, all.File("/etc/passwd"))
	for _, text := range []string{"a b", "10.0.0.0/99", "http://x", "*x"} {
		if _, err := ParseTargets(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func checkTarget(t *testing.T, what string, want bool, err error) {
	t.Helper()
	if want != (err == nil) || err != nil && sqlerr.From(err).Code != sqlerr.InsufficientPrivilege {
		t.Errorf("%q may be named: %t, but %v", what, want, err)
	}
}
