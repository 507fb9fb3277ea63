package client

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
)

// TestSignIn: who has the right name and password gets in, by each mechanism.
func TestSignIn(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.Superuser("PLAIN", "ann", `se"cret`), kfake.Superuser("SCRAM-SHA-256", "ann", "s256"), kfake.Superuser("SCRAM-SHA-512", "ann", "s512"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	for mechanism, password := range map[string]string{"PLAIN": `se\"cret`, "SCRAM-SHA-256": "s256", "SCRAM-SHA-512": "s512"} {
		p := map[string]string{"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": mechanism, "sasl.jaas.config": `x.LoginModule required username="ann" password="` + password + `";`}
		if err := reach(t, cluster.ListenAddrs()[0], p); err != nil {
			t.Errorf("%s: %v", mechanism, err)
		}
		p["sasl.jaas.config"] = `x required username="ann" password="wrong";`
		if err := reach(t, cluster.ListenAddrs()[0], p); err == nil {
			t.Errorf("%s: a wrong password was taken", mechanism)
		}
	}
}

func reach(t *testing.T, address string, properties map[string]string) error {
	t.Helper()
	opts, err := Options(address, properties)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err = kadm.NewClient(c).ListTopics(ctx)
	return err
}

func TestSecurityRefusals(t *testing.T) {
	for want, p := range map[string]map[string]string{
		"none of PLAINTEXT":     {"security.protocol": "TLS"},
		"wants sasl.username":   {"security.protocol": "SASL_SSL"},
		"none of PLAIN, SCRAM":  {"security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI", "sasl.username": "a", "sasl.password": "b"},
		"no such file":          {"security.protocol": "SSL", "ssl.truststore.location": "/nonexistent/ca.pem"},
		"no certificate in PEM": {"security.protocol": "SSL", "ssl.truststore.location": "security_test.go"},
		"unknown Kafka client":  {"security.protocl": "SSL"},
	} {
		if _, err := Options("127.0.0.1:1", p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", p, err, want)
		}
	}
}
