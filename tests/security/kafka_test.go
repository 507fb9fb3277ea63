package security

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

// TestKafkaSignIn: the server signs in to its brokers with a secret that is made when it runs already, and a stream to brokers of its own.
func TestKafkaSignIn(t *testing.T) {
	own, other := signedBroker(t, "ann", "of ann"), signedBroker(t, "bea", "of bea")
	s := start(t, "kafka.broker.list="+own, "kafka.security.protocol=SASL_PLAINTEXT", "kafka.sasl.mechanism=SCRAM-SHA-256", "kafka.sasl.username=ann",
		"kafka.sasl.password=secret('broker')")
	c := open(t, "postgres://somebody@"+s.SQL+"/default?sslmode=disable")
	run(t, c, `CREATE SECRET broker AS 'of ann'; CREATE SECRET elsewhere AS 'of bea'`)
	run(t, c, `CREATE STREAM here (v BIGINT) TBLPROPERTIES ("topic"="here", "topic.create"="true", "format"="json")`)
	run(t, c, `CREATE STREAM there (v BIGINT) TBLPROPERTIES ("topic"="there", "topic.create"="true", "format"="json", "kafka.broker.list"="`+other+`",
		"kafka.security.protocol"="SASL_PLAINTEXT", "kafka.sasl.mechanism"="SCRAM-SHA-256", "kafka.sasl.username"="bea", "kafka.sasl.password" = secret('elsewhere'))`)
	for _, stream := range []string{"here", "there"} {
		run(t, c, "INSERT INTO "+stream+" VALUES (7)")
		if got := string(run(t, c, "SELECT v FROM "+stream+" LIMIT 1")[0].Rows[0][0]); got != "7" {
			t.Errorf("%s holds %s", stream, got)
		}
	}
	if _, err := c.Exec(t.Context(), "DROP SECRET broker").ReadAll(); err == nil {
		t.Error("the secret that a setting of the server names was dropped")
	}
}

// signedBroker takes those in who have the name and the password.
func signedBroker(t *testing.T, user, password string) string {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", user, password))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster.ListenAddrs()[0]
}
