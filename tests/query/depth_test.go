package query

import (
	"fmt"
	"strings"
	"testing"
)

// TestDeepExpression: views within their limits are joined to one expression that is deeper than
// that of any statement may be, and a job of it makes rows.
func TestDeepExpression(t *testing.T) {
	const views, additions = 4, 900
	s := newServer(t)
	s.topics(t, "numbers", "sums")
	s.exec(t, `CREATE STREAM numbers (x DOUBLE) TBLPROPERTIES ("topic"="numbers", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest")`)
	s.exec(t, `CREATE STREAM sums (x DOUBLE) TBLPROPERTIES ("topic"="sums", "format"="json")`)
	from := "numbers"
	for i := range views {
		view := fmt.Sprintf("sum_%d", i)
		s.exec(t, fmt.Sprintf("CREATE VIEW %s AS SELECT x%s AS x FROM %s", view, strings.Repeat(" + 1.5e0", additions), from))
		from = view
	}
	s.produce(t, "numbers", []string{`{"x":1}`, `{"x":null}`}, nil)
	s.exec(t, fmt.Sprintf(`CREATE STREAMJOB deep AS ($body$insert into sums select x from %s$body$)
		JOBPROPERTIES ("morphling.job.enable.checkpoint"="false")`, from))
	s.awaitRead(t, "deep", []stream{{name: "numbers"}})
	s.exec(t, "STOP STREAMJOB deep")
	g := golden{mode: modes[0]}
	if got, want := g.settle(s.consume(t, "sums")), fmt.Sprintf(`{"x":%d}`, 1+views*additions*3/2)+"\n"+`{"x":null}`+"\n"; got != want {
		t.Errorf("the job made\n%swant\n%s", got, want)
	}
}
