package sql_test

import (
	"testing"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/parser"
	"slipway/sql/sqltest"
)

// chosen are the properties that are written down for a new job over a stream a.
func chosen(t *testing.T, query string) *conf.Values {
	t.Helper()
	s := sqltest.New()
	if err := s.Declare(`CREATE STREAM a (id BIGINT, k STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) TBLPROPERTIES ("topic"="a", "format"="json");
		CREATE STREAM b (n BIGINT) TBLPROPERTIES ("topic"="b", "format"="json")`); err != nil {
		t.Fatal(err)
	}
	st, err := parser.ParseOne("INSERT INTO b " + query)
	if err != nil {
		t.Fatal(err)
	}
	_, v, err := s.Compiler.NewJob(s.Snapshot, "default", []*ast.Insert{st.(*ast.Insert)}, conf.Defaults(conf.Job))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestChosenOfWindows: that the DISTINCT values of windows are found by many tasks is written down for a job whose plan hangs
// on it alone.
func TestChosenOfWindows(t *testing.T) {
	for query, want := range map[string]bool{
		"SELECT count(DISTINCT id) FROM a GROUP BY TUMBLE(ts, INTERVAL '1' SECOND)":                   true,
		"SELECT count(DISTINCT id) FROM a GROUP BY HOP(ts, INTERVAL '1' SECOND, INTERVAL '2' SECOND)": true,
		"SELECT count(DISTINCT id) FROM a GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND)":                false,
		"SELECT count(DISTINCT id) FROM a GROUP BY SESSION(ts, INTERVAL '1' SECOND)":                  false,
		"SELECT count(DISTINCT id) + median(id) FROM a GROUP BY TUMBLE(ts, INTERVAL '1' SECOND)":      false,
		"SELECT count(*) FROM a GROUP BY TUMBLE(ts, INTERVAL '1' SECOND)":                             false,
	} {
		v := chosen(t, query)
		if got := conf.SplitWindows.IsSet(v) && conf.SplitDistinct.Get(v) == conf.SplitKeyless; got != want || conf.SplitWindows.IsSet(v) != want {
			t.Errorf("%s: written down: %v", query, got)
		}
	}
}

// TestChosenOfPatterns: that the events of a PATTERN are matched by many tasks is written down for a job whose plan hangs on it alone.
func TestChosenOfPatterns(t *testing.T) {
	for query, want := range map[string]bool{
		"SELECT e1.id FROM PATTERN (e1=a FOLLOWEDBY e2=a[e2.k = e1.k]) WITHIN ('1' minute)":                   true,
		"SELECT e1.id FROM PATTERN (PARTITION BY k e1=a FOLLOWEDBY e2=a[e2.k = e1.k]) WITHIN ('1' minute)":    false,
		"SELECT e1.id FROM PATTERN (e1=a FOLLOWEDBY e2=a[e2.id > e1.id]) WITHIN ('1' minute)":                 false,
		"SELECT m FROM a MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES x.id AS m PATTERN (x))":         false,
		"SELECT x.id FROM (SELECT e1.id FROM PATTERN (e1=a FOLLOWEDBY e2=a[e2.k = e1.k]) WITHIN ('1' day)) x": true,
	} {
		v := chosen(t, query)
		if got := conf.PatternByKey.IsSet(v); got != want {
			t.Errorf("%s: written down: %v", query, got)
		}
	}
}
