// Package arch holds the arrows of the house: which package may import which, and
// behind which door each foreign library stands.
package arch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// folders lists, for each top folder, the folders it may import; conf may be
// imported by all. tests may import everything and is imported by nobody.
var folders = map[string][]string{
	"conf":       {},
	"sql":        {},
	"checkpoint": {},
	"executor":   {"sql", "checkpoint"},
	"ha":         {"checkpoint", "sql"}, // one store of ha keeps the catalog too
	"kafkaio":    {"executor", "checkpoint", "sql"},
	"server":     {"sql", "executor", "checkpoint", "ha"},
	"cmd":        {"server", "kafkaio", "ha", "executor", "checkpoint", "sql"},
}

// doors lists the foreign modules and the only packages that may import them.
var doors = map[string][]string{
	"github.com/pingcap/tidb/pkg/parser":    {"slipway/sql/parser"},
	"github.com/jackc/pgproto3/v2":          {"slipway/server/pgwire"},
	"github.com/twmb/franz-go/pkg/kgo":      {"slipway/kafkaio/client"},
	"github.com/twmb/franz-go/pkg/kadm":     {"slipway/kafkaio/client"},
	"github.com/twmb/franz-go/pkg/kerr":     {"slipway/kafkaio/client"},
	"github.com/twmb/franz-go/pkg/kmsg":     {"slipway/kafkaio/client", "slipway/kafkaio/embedded"},
	"github.com/twmb/franz-go/pkg/sasl":     {"slipway/kafkaio/client"},
	"github.com/twmb/franz-go/pkg/kfake":    {"slipway/kafkaio/embedded"},
	"github.com/twmb/franz-go/pkg/kversion": {"slipway/kafkaio/client", "slipway/kafkaio/embedded"},
	"github.com/go-zookeeper/zk":            {"slipway/ha/zookeeper", "slipway/ha/zookeeper/probe"},
	"github.com/colinmarc/hdfs/v2":          {"slipway/checkpoint/hdfs"},
	"github.com/jcmturner/gokrb5/v8":        {"slipway/checkpoint/hdfs"},
	"go.etcd.io/bbolt":                      {"slipway/ha/local"},
	"github.com/jackc/pgx/v5":               {"slipway/executor/connector/jdbc/postgres", "slipway/cmd/client"},
	"github.com/go-sql-driver/mysql":        {"slipway/executor/connector/jdbc/mysql"},
	"github.com/prometheus/client_golang":   {"slipway/server/web"},
	"go.opentelemetry.io/otel":              {"slipway/server/traces"},
	"go.opentelemetry.io/proto/otlp":        {"slipway/server/traces"},
	"google.golang.org/protobuf":            {"slipway/server/traces"},
	"gopkg.in/yaml.v3":                      {"slipway/conf"},
	"github.com/evanw/esbuild":              {"slipway/server/web/console/build"},
	"github.com/axiomhq/hyperloglog":        {"slipway/executor/sketch"},
	"github.com/DataDog/sketches-go":        {"slipway/executor/sketch"},
	"github.com/tetratelabs/wazero":         {"slipway/executor/wasm"},
	"golang.org/x/text":                     {"slipway/server/auth"},
	"github.com/spf13/cobra":                {"slipway/cmd/slipway"},
	"github.com/spf13/pflag":                {"slipway/cmd/slipway"},
	"github.com/peterh/liner":               {"slipway/cmd/shell"},
	"github.com/mattn/go-runewidth":         {"slipway/cmd/shell"},
}

// pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
	Doc        string
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Doc", "slipway/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p pkg
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func folder(path string) string {
	f, _, _ := strings.Cut(strings.TrimPrefix(path, "slipway/"), "/")
	return f
}

// violations gives a sentence for each import that is not in the maps.
func violations(all []pkg) (out []string) {
	for _, p := range all {
		own := folder(p.ImportPath)
		if own == "tests" || strings.HasSuffix(p.ImportPath, "test") {
			continue
		}
		allowed, known := folders[own]
		if !known {
			out = append(out, fmt.Sprintf("folder %s is not in the map of tests/arch", own))
			continue
		}
		line, listed := packages[strings.TrimPrefix(p.ImportPath, "slipway/")]
		if !listed {
			out = append(out, fmt.Sprintf("%s has no line in tests/arch/packages_test.go", p.ImportPath))
			continue
		}
		for _, i := range p.Imports {
			switch {
			case strings.HasPrefix(i, "slipway/"):
				to := folder(i)
				if to != own && to != "conf" && !slices.Contains(allowed, to) {
					out = append(out, fmt.Sprintf("%s imports %s: no arrow leads from %s to %s", p.ImportPath, i, own, to))
				}
				if to != "conf" && !slices.Contains(line, strings.TrimPrefix(i, "slipway/")) {
					out = append(out, fmt.Sprintf("%s imports %s, which its line in tests/arch/packages_test.go does not name", p.ImportPath, i))
				}
			case strings.Contains(i, "."):
				if s := door(p.ImportPath, i); s != "" {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

func door(from, to string) string {
	for module, packages := range doors {
		if to == module || strings.HasPrefix(to, module+"/") {
			if slices.Contains(packages, from) {
				return ""
			}
			return fmt.Sprintf("%s imports %s, whose only door is %s", from, to, strings.Join(packages, ", "))
		}
	}
	return fmt.Sprintf("%s imports %s, a library without a door in tests/arch", from, to)
}

func TestArrows(t *testing.T) {
	for _, v := range violations(list(t)) {
		t.Error(v)
	}
}

// TestPlantedViolations: the check finds what it is there to find.
func TestPlantedViolations(t *testing.T) {
	for want, p := range map[string]pkg{
		"no arrow leads from sql to executor":        {ImportPath: "slipway/sql/plan", Imports: []string{"slipway/executor/column"}},
		"no arrow leads from executor to kafkaio":    {ImportPath: "slipway/executor/job", Imports: []string{"slipway/kafkaio"}},
		"no arrow leads from ha to executor":         {ImportPath: "slipway/ha", Imports: []string{"slipway/executor"}},
		"whose only door is slipway/kafkaio/client":  {ImportPath: "slipway/kafkaio", Imports: []string{"github.com/twmb/franz-go/pkg/kgo"}},
		"a library without a door":                   {ImportPath: "slipway/conf", Imports: []string{"github.com/someone/something"}},
		"folder util is not in the map":              {ImportPath: "slipway/util"},
		"slipway/sql/new has no line":                {ImportPath: "slipway/sql/new"},
		"imports slipway/sql/parser, which its line": {ImportPath: "slipway/sql/plan", Imports: []string{"slipway/sql/parser"}},
	} {
		found := violations([]pkg{p})
		if len(found) == 0 || !strings.Contains(strings.Join(found, "\n"), want) {
			t.Errorf("planted %v: found %q, want %q", p, found, want)
		}
	}
}

// TestLinesAreUsed: an arrow that nobody needs any more is taken out of the map, and so is a
// package that is gone.
func TestLinesAreUsed(t *testing.T) {
	imports := map[string][]string{}
	for _, p := range list(t) {
		imports[p.ImportPath] = p.Imports
	}
	for name, line := range packages {
		used, there := imports["slipway/"+name]
		if !there {
			t.Errorf("%s has a line and is not there", name)
		}
		for _, to := range line {
			if !slices.Contains(used, "slipway/"+to) {
				t.Errorf("%s may import %s and does not", name, to)
			}
		}
	}
}

// TestFoldersHaveNoCycle follows the map itself.
func TestFoldersHaveNoCycle(t *testing.T) {
	var visit func(f string, path []string)
	visit = func(f string, path []string) {
		if slices.Contains(path, f) {
			t.Fatalf("the folders form a circle: %s", strings.Join(append(path, f), " -> "))
		}
		for _, next := range folders[f] {
			visit(next, append(slices.Clone(path), f))
		}
	}
	for f := range folders {
		visit(f, nil)
	}
}

func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	for _, p := range list(t) {
		if p.Doc == "" && len(p.Imports) > 0 {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}
