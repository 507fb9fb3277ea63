package e2e

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"slipway/tests/process"
	"slipway/tests/servers"
)

// TestHealthWithoutZooKeeper: while the quorum is away the process is alive, is not ready and says why, and no job is called failed;
// it is ready again when the quorum is.
func TestHealthWithoutZooKeeper(t *testing.T) {
	z := servers.StartZooKeeper(t)
	dir := t.TempDir()
	broker, err := process.Start(t, filepath.Join(dir, "broker.log"), nil, "broker", "--set", "server.data.directory="+dir, "--set", "server.embedded.broker.listen=127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Kill)
	args := []string{"server"}
	for _, s := range []string{"server.data.directory=" + dir + "/data", "server.sql.listen=127.0.0.1:0", "server.console.listen=127.0.0.1:0", "kafka.broker.list=" + broker.Kafka, "spark.morphling.recovery.mode=zookeeper",
		"spark.morphling.zookeeper.quorum=" + z.Address, "server.zookeeper.session.timeout=4000", "spark.morphling.taskstate.checkpoint.directory=file://" + dir + "/state"} {
		args = append(args, "--set", s)
	}
	p, err := process.Start(t, filepath.Join(dir, "log"), []string{process.LibraryRaces}, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	console := "http://" + regexp.MustCompile(`console=(\S+)`).FindStringSubmatch(p.Ready)[1]
	awaitPage(t, console+"/readyz", 200, `"role":"leader"`)
	z.Kill()
	awaitPage(t, console+"/readyz", 503, `"brokers":"ok"`, `"leader":"no server leads`)
	awaitPage(t, console+"/livez", 200)
	awaitPage(t, console+"/healthz", 200, `"failed":[]`)
	z.Start()
	awaitPage(t, console+"/readyz", 200, `"role":"leader"`)
}

// awaitPage waits until a page answers with a status and texts.
func awaitPage(t *testing.T, url string, status int, want ...string) {
	t.Helper()
	last := ""
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		code, body := page(t.Context(), url)
		last = body
		if code == status && containsAll(body, want) {
			return
		}
	}
	t.Fatalf("%s is not %d with %q: %s", url, status, want, last)
}

func containsAll(text string, parts []string) bool {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return false
		}
	}
	return true
}

// page reads one; 0 without an answer.
func page(ctx context.Context, url string) (int, string) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err.Error()
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(body)
}
