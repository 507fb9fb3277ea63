package conf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
)

// TestSecretPrintsAsHidden: whatever prints a secret, alone or within something, prints ******.
func TestSecretPrintsAsHidden(t *testing.T) {
	type holder struct {
		User     string
		Password Secret
	}
	s, h := NewSecret("planted"), holder{"u", NewSecret("planted")}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T%v"} {
		fmt.Fprintf(&out, verb+"\n", s)
		fmt.Fprintf(&out, verb+"\n", &s)
		fmt.Fprintf(&out, verb+"\n", h)
		fmt.Fprintf(&out, verb+"\n", []Secret{s})
	}
	fmt.Fprintln(&out, s, h, fmt.Errorf("signing in with %v", s))
	text, _ := json.Marshal(map[string]any{"a": s, "b": h, "c": map[Secret]int{s: 1}})
	out.Write(text)
	slog.New(slog.NewTextHandler(&out, nil)).Info("sign in", "password", s, "holder", h)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("sign in", "password", s, "holder", h)
	if strings.Contains(out.String(), "planted") || strings.Contains(out.String(), fmt.Sprintf("%x", "planted")) {
		t.Errorf("a secret was printed:\n%s", out.String())
	}
	if strings.Count(out.String(), Hidden) < 20 || s.Reveal() != "planted" || NewSecret("").String() != "" || !NewSecret("").Empty() {
		t.Errorf("a secret is not shown as hidden, or not given:\n%s", out.String())
	}
}

func TestSecretsAreHidden(t *testing.T) {
	for _, text := range []string{
		"password=planted", `sasl.jaas.config="planted"`, "kafka://user:planted@host:9092", "Secret: planted", `"api_key"="planted"`, "token=planted,next=1",
		`sasl.jaas.config="org.x.PlainLoginModule required username=\"u\" password=\"planted\";"`, `{"password":"planted"}`, `{"Access_Key": "planted"}`,
		"postgres://u:plan/planted@ted@host/db", "u:planted@tcp(host:3306)/db", "dial u:planted@host:1: refused", "jdbc:mysql://u:planted@h/d?x=y",
		"CREATE USER u PASSWORD 'planted'", "CREATE SECRET k AS 'planted'", "create secret if not exists k as 'planted'", "IDENTIFIED BY 'planted'", "CREATE SECRET k AS 'planted", "Authorization: Bearer plantedplanted",
		`"kafka.sasl.password"='it''s planted'`, "aws_secret_access_key=planted", "private_key: planted", "passphrase=planted", `password=\"planted\"`,
	} {
		if got := Redact(text); strings.Contains(got, "planted") || !strings.Contains(got, Hidden) {
			t.Errorf("%s became %s", text, got)
		}
	}
	for _, text := range []string{"a=1, b=2 user@host", "no broker at http://host:9092/a, nor at host:9093", "Give \"username\" and \"password\" instead.",
		"at 10:15:30 the broker kafka-1:9092 answered", "unexpected keyword: SELECT", "it reads a secret",
		"ALTER SECRET k AS '…' gives it another value, and \"password\"=\"…\" too",
		`"password" = secret('name') keep it out of statements.`} {
		if got := Redact(text); got != text {
			t.Errorf("innocent text %s became %s", text, got)
		}
	}
}

// TestSecretKeys: which members of a family hold secrets.
func TestSecretKeys(t *testing.T) {
	for key, want := range map[string]bool{"transwarp.consumer.sasl.password": true, "kafka.ssl.keystore.location": true, "x.sasl.jaas.config": true, "s3.access_key": true,
		"s3.accessKey": true, "PRIVATE.pem": true, "oauth.token": true, "client.credentials": true, "group.id": false, "fetch.max.bytes": false, "sasl.mechanism": false,
		"topic": false, "url": false, "username": false} {
		if SecretKey(key) != want {
			t.Errorf("%s is a secret: %t", key, !want)
		}
	}
	open := Setting{Key: "fields.", Prefix: true, Open: true}
	if open.Hides("fields.token.length") {
		t.Error("a column's name makes a secret of how it is filled")
	}
}

// TestReferences: a value that names a secret is read as one, and nothing that is only like it.
func TestReferences(t *testing.T) {
	if name, ok := ReferenceName(Reference("kafka_pw")); !ok || name != "kafka_pw" {
		t.Error(name, ok)
	}
	for _, text := range []string{"", "secret", "secret('')", "secret('a') ", "secret('a''b')", "x secret('a')", "secret(a)"} {
		if IsReference(text) {
			t.Errorf("%q names a secret", text)
		}
	}
}

// TestSecretsOfTheServer: a password is no argument, and its file should be its owner's alone.
func TestSecretsOfTheServer(t *testing.T) {
	if _, _, err := LoadServer("", nil, []string{"kafka.sasl.password=planted"}); err == nil || strings.Contains(err.Error(), "planted") ||
		!strings.Contains(err.Error(), "SLIPWAY_KAFKA_SASL_PASSWORD") {
		t.Errorf("on the command line: %v", err)
	}
	if v, _, err := LoadServer("", nil, []string{"kafka.sasl.password=secret('k')"}); err != nil || v.Text("kafka.sasl.password") != "secret('k')" {
		t.Errorf("by name: %v", err)
	}
	file := t.TempDir() + "/slipway.yaml"
	for mode, notices := range map[os.FileMode]int{0o600: 0, 0o644: 1} {
		if err := os.WriteFile(file, []byte("kafka:\n  sasl.password: planted\n"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		v, told, err := LoadServer(file, nil, nil)
		if err != nil || len(told) != notices || strings.Contains(fmt.Sprint(told), "planted") {
			t.Fatalf("mode %o: %v %v", mode, told, err)
		}
		var out bytes.Buffer
		if err := v.Print(&out); err != nil || strings.Contains(out.String(), "planted") || !strings.Contains(out.String(), "kafka.sasl.password="+Hidden) {
			t.Errorf("slipway config prints it, or not that it is there: %v", err)
		}
	}
}
