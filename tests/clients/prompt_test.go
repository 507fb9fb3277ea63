package clients

import (
	"testing"

	"slipway/kafkaio/kafkatest"
)

// TestRowsLeaveWithoutCheckpoint: rows reach the sink when the input has nothing more for a
// moment, through however many stages; the next checkpoint is an hour away.
func TestRowsLeaveWithoutCheckpoint(t *testing.T) {
	b, c := outside(t, t.TempDir(), &keptLog{})
	b.Topic("in", 1)
	b.Topic("out", 1)
	mustExec(t, c, `CREATE STREAM i (g STRING) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest")`)
	mustExec(t, c, `CREATE STREAM o (n BIGINT, times BIGINT) TBLPROPERTIES ("topic"="out", "format"="json", "sink.changelog"="append")`)
	mustExec(t, c, `CREATE STREAMJOB j AS ("insert into o select n, count(*) from (select g, count(*) n from i group by g) a group by n")
		JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="3600000")`)
	b.Produce("in", 0, `{"g":"a"}`)
	if got := kafkatest.Values(b.Consume("out", 1)); got != `{"n":1,"times":1}` {
		t.Error(got)
	}
}
