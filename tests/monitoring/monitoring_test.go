// Package monitoring holds what docs/monitoring ships against a running server: each metric that the dashboard and the alert
// rules name is in its scrape, the rules are those of Prometheus, and each fires when it shall and not before.
package monitoring

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"

	"slipway/cmd/node"
	"slipway/conf"
	"slipway/server/web"
)

// rule is one alert, as Prometheus reads it.
type rule struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func rules(t *testing.T) (out []rule) {
	t.Helper()
	b, err := os.ReadFile("../../docs/monitoring/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string
			Rules []rule
		}
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		out = append(out, g.Rules...)
	}
	if len(out) < 10 {
		t.Fatalf("only %d rules", len(out))
	}
	return out
}

// expressions are those of the dashboard, by the titles of their panels.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile("../../docs/monitoring/grafana-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Panels []struct {
			Title   string
			Targets []struct{ RefID, Expr string }
		}
		Templating struct {
			List []struct{ Name string }
		}
	}
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, p := range d.Panels {
		for _, x := range p.Targets {
			out[p.Title+" "+x.RefID] = strings.NewReplacer("$instance", ".*", "$job", ".*").Replace(x.Expr)
		}
	}
	if len(out) < 20 || len(d.Templating.List) != 3 {
		t.Fatalf("%d expressions, %d variables", len(out), len(d.Templating.List))
	}
	return out
}

// named are the metrics that an expression reads.
func named(t *testing.T, what, expr string) (out []string) {
	t.Helper()
	tree, err := parse(expr)
	if err != nil {
		t.Errorf("%s: %s: %v", what, expr, err)
		return nil
	}
	parser.Inspect(tree, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			out = append(out, v.Name)
		}
		return nil
	})
	return out
}

// TestRulesAreWhole: each rule says how loud it is and what to do, and docs/monitoring.md has a line on it.
func TestRulesAreWhole(t *testing.T) {
	page, err := os.ReadFile("../../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules(t) {
		if !slices.Contains([]string{"page", "warn"}, r.Labels["severity"]) || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s: %v %v", r.Alert, r.Labels, r.Annotations)
		}
		if !strings.Contains(string(page), "| `"+r.Alert+"` |") {
			t.Errorf("docs/monitoring.md does not say what to do at %s", r.Alert)
		}
	}
}

// TestMetricsPage: the table of docs/monitoring.md is that of the code.
func TestMetricsPage(t *testing.T) {
	const file, begin, end = "../../docs/monitoring.md", "<!-- metrics: from the code -->\n", "<!-- end -->"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("the page has no place for the metrics")
	}
	if want := before + begin + web.Page() + end + after; want != string(b) {
		if os.Getenv("SLIPWAY_REWRITE") == "1" {
			err = os.WriteFile(file, []byte(want), 0o644)
		} else {
			t.Errorf("the metrics of %s are stale: SLIPWAY_REWRITE=1 go test ./tests/monitoring", file)
		}
	}
	if err != nil {
		t.Error(err)
	}
}

func start(t *testing.T, sets ...string) (*node.Node, *pgx.Conn) {
	t.Helper()
	cfg, _, err := conf.LoadServer("", nil, append([]string{
		"server.data.directory=" + t.TempDir(), "server.sql.listen=127.0.0.1:0", "server.console.listen=127.0.0.1:0", "server.embedded.broker.listen=127.0.0.1:0",
	}, sets...))
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Start(context.Background(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Kill)
	c, err := pgx.Connect(context.Background(), "postgres://ann@"+n.SQLAddress()+"/default?default_query_exec_mode=simple_protocol")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return n, c
}

func scrape(t *testing.T, n *node.Node) string {
	t.Helper()
	r, err := http.Get("http://" + n.ConsoleAddress() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// has tells whether a scrape has a series of a metric.
func has(page, metric string) bool {
	return strings.Contains(page, "\n"+metric+"{") || strings.Contains(page, "\n"+metric+" ")
}

// TestMetricsAreThere: what the dashboard and the rules read is in the scrape of a server with jobs, one of which has failed, and
// so is every metric that the page lists.
func TestMetricsAreThere(t *testing.T) {
	n, c := start(t)
	for _, text := range []string{
		`CREATE STREAM i (k BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest")`,
		`CREATE STREAM o (ws TIMESTAMP(3), n BIGINT) TBLPROPERTIES ("topic"="out", "format"="json")`,
		`CREATE STREAM raw (s STRING) TBLPROPERTIES ("topic"="in2", "format"="raw")`,
		`CREATE STREAM bad (k BIGINT) TBLPROPERTIES ("topic"="in2", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest")`,
		`CREATE STREAM o2 (k BIGINT) TBLPROPERTIES ("topic"="out2", "format"="json")`,
		`CREATE STREAMJOB j AS ("insert into o select window_start, count(*) from table(tumble(table i, descriptor(ts), interval '10' second)) group by window_start, window_end")
			JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="300000", "morphling.job.delivery.guarantee"="exactly_once")`,
		`CREATE STREAMJOB fails AS ("insert into o2 select k from bad")`,
		`INSERT INTO raw VALUES ('no object')`,
	} {
		if _, err := c.Exec(context.Background(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if _, err := c.Exec(context.Background(), "SELECT nothing"); err == nil {
		t.Fatal("a column that is not there was read")
	}
	windows := 0
	var missing []string
	want := map[string]string{}
	for what, expr := range expressions(t) {
		for _, name := range named(t, what, expr) {
			want[name] = what
		}
	}
	for _, r := range rules(t) {
		for _, name := range named(t, r.Alert, r.Expr) {
			want[name] = r.Alert
		}
	}
	delete(want, "up") // Prometheus makes it itself
	for _, m := range web.Metrics() {
		want[m.Name] = "docs/monitoring.md"
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		// One more window ends: also behind the first checkpoint there is a transaction with rows.
		if _, err := c.Exec(context.Background(), fmt.Sprintf("INSERT INTO i VALUES (1, TIMESTAMP '2026-01-01 00:00:01' + INTERVAL '%d' SECOND)", 10*windows)); err != nil {
			t.Fatal(err)
		}
		windows++
		page := "\n" + scrape(t, n)
		missing = missing[:0]
		for name, what := range want {
			if !has(page, name) {
				missing = append(missing, fmt.Sprintf("%s of %s", name, what))
			}
		}
		if len(missing) == 0 {
			return
		}
	}
	slices.Sort(missing)
	t.Errorf("no scrape within 30 s has\n%s", strings.Join(missing, "\n"))
}
