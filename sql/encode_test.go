package sql_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"slipway/conf"
	"slipway/sql/plan"
	"slipway/sql/sqltest"
)

// TestEveryPlanTravels: every plan that a script of this package or a query golden compiles to is the
// same behind its bytes. That it also gives the same rows is seen by tests/query, since a job
// runs what it has decoded.
func TestEveryPlanTravels(t *testing.T) {
	n := 0
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) { n += travelScript(t, path) })
	files, err := filepath.Glob("../tests/query/testdata/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d query goldens, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) { n += travelGolden(t, path) })
	}
	if n < 150 {
		t.Errorf("%d plans were tried", n)
	}
}

// travel compiles a job, if it compiles, and compares it with what its bytes give.
func travel(t *testing.T, s *sqltest.Script, text string) (n int) {
	t.Helper()
	flow, err := s.Compiler.JobText(s.Snapshot, "default", text, conf.Defaults(conf.Job))
	if err != nil {
		return 0
	}
	b, err := flow.Encode()
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	again, err := plan.Decode(b)
	if err != nil {
		t.Fatalf("%s\n%v\n%s", text, err, b)
	}
	if !reflect.DeepEqual(again, flow) {
		t.Errorf("%s\nis another plan behind its bytes:\n%s", text, b)
	}
	if err := flow.Check(); err != nil {
		t.Errorf("%s\n%v\n%s", text, err, b)
	}
	return 1
}

func travelScript(t *testing.T, path string) (n int) {
	s := sqltest.New()
	datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
		switch d.Cmd {
		case "declare":
			_ = s.Declare(d.Input) // TestPlans says which are refused
		case "explain", "stored":
			n += travel(t, s, d.Input)
		}
		return d.Expected
	})
	return n
}

// travelGolden reads a query golden as tests/query does.
func travelGolden(t *testing.T, path string) (n int) {
	columns := `id BIGINT, k STRING, i INT, b BIGINT, d DECIMAL(10,2), f DOUBLE, s STRING, x BOOLEAN, dt DATE, ts TIMESTAMP(3),
		WATERMARK FOR ts AS ts - INTERVAL '2' SECOND`
	second := `id BIGINT, ref BIGINT, k STRING, i INT, d DECIMAL(10,2), s STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND`
	var sink, setup string
	plain := strings.NewReplacer("{", "the_", "}", "") // a name of its own, which no word of the grammar is
	datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
		switch d.Cmd {
		case "source":
			columns = d.Input
		case "source2":
			second = d.Input
		case "sink":
			sink = d.Input
		case "setup":
			setup = d.Input
		case "query":
			s := sqltest.New()
			changes := ""
			if strings.Contains(sink, "/*changes*/") {
				changes = `, "sink.changelog"="append"`
			}
			from, to := `CREATE STREAM {src} (`+columns+`) TBLPROPERTIES ("topic"="src")`, `CREATE STREAM {sink} (`+sink+`) TBLPROPERTIES ("topic"="sink"`+changes+`)`
			other := `CREATE STREAM {src2} (` + second + `) TBLPROPERTIES ("topic"="src2")`
			for _, text := range []string{from, other, to, setup} {
				if err := s.Declare(plain.Replace(text)); err != nil {
					t.Fatalf("%s\n%v", text, err)
				}
			}
			n += travel(t, s, "INSERT INTO the_sink "+plain.Replace(d.Input))
		}
		return d.Expected
	})
	if strings.Contains(string(content(t, path)), "\nquery\n") && n == 0 {
		t.Errorf("no query of %s compiles here", path)
	}
	return n
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
