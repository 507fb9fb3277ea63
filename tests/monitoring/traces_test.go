package monitoring

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// collector keeps what is sent to it.
type collector struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (c *collector) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			return
		}
		body = z
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	io.Copy(&c.text, body)
}

func (c *collector) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// TestTraces: a server sends what its statements, recoveries and checkpoints took, and nothing of what the statements hold.
func TestTraces(t *testing.T) {
	var taken collector
	s := httptest.NewServer(&taken)
	defer s.Close()
	n, c := start(t, "server.trace.endpoint="+s.URL)
	for _, text := range []string{
		`CREATE TABLE i (k BIGINT) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="10")`,
		`CREATE STREAM o (k BIGINT) TBLPROPERTIES ("topic"="hunter1", "format"="json")`,
		`CREATE STREAMJOB j AS ("insert into o select k from i where k <> 4711") JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="100")`,
		`INSERT INTO o VALUES (4711)`,
	} {
		if _, err := c.Exec(context.Background(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if _, err := c.Exec(context.Background(), "SELECT hunter2 FROM o WHERE k = 4711"); err == nil {
		t.Fatal("a column that is not there was read")
	}
	time.Sleep(300 * time.Millisecond) // some checkpoints; the end sends what waits
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := n.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	got := taken.String()
	for _, want := range []string{"slipway", "CREATE STREAMJOB", "INSERT", "SELECT", "42703", "recovery", "checkpoint", "default.j"} {
		if !strings.Contains(got, want) {
			t.Errorf("no span holds %q", want)
		}
	}
	for _, secret := range []string{"hunter", "4711"} {
		if strings.Contains(got, secret) {
			t.Errorf("a span holds %q", secret)
		}
	}
}
