package clients

import (
	"strings"
	"testing"

	"slipway/kafkaio/kafkatest"
)

// TestPoisonRecord: a record that cannot be read ends the job; told to skip it, by a property
// of the job or of the stream, the job goes on with its state and counts what it left out.
func TestPoisonRecord(t *testing.T) {
	for name, alter := range map[string]string{
		"by the job":    `ALTER STREAMJOB sums SET ("on.error"="skip")`,
		"by the stream": `ALTER STREAM i SET ("on.error"="skip")`,
	} {
		t.Run(name, func(t *testing.T) {
			directory, log := t.TempDir(), &keptLog{}
			b := kafkatest.Start(t)
			b.Topic("in", 1)
			b.Topic("out", 1)
			n, c := startIn(t, directory, log, "kafka.broker.list="+b.Address)
			mustExec(t, c, sums)
			b.Produce("in", 0, `{"k":1,"v":10}`, `{"k":1,"v":20}`)
			newestIs(t, b, "out", `{"k":1,"s":30}`)
			mustExec(t, c, "SAVEPOINT STREAMJOB sums 'before'") // a checkpoint
			b.Produce("in", 0, `{"k":"bad"}`, `{"k":1,"v":1}`)
			fieldIs(t, c, "sums", "state", "FAILED")
			if f := fields(t, c, "SHOW STREAMJOB sums"); !strings.Contains(f["last failure"], "offset 2") || !strings.Contains(f["hint"], "ALTER STREAMJOB") {
				t.Errorf("the failure is %q, hint %q", f["last failure"], f["hint"])
			}
			mustExec(t, c, alter)
			n.Kill() // what was acknowledged is there after a crash
			n, c = startIn(t, directory, log, "kafka.broker.list="+b.Address)
			defer n.Kill()
			mustExec(t, c, "START STREAMJOB sums")
			newestIs(t, b, "out", `{"k":1,"s":31}`)
			fieldIs(t, c, "sums", "rows failed", "1")
			if f := fields(t, c, "SHOW STREAMJOB sums"); f["state"] != "RUNNING" || !strings.Contains(f["last failure"], "offset 2") || f["hint"] != "" {
				t.Errorf("%s, the failure was %q; that of a job that runs has the way out %q", f["state"], f["last failure"], f["hint"])
			}
		})
	}
}

// TestRenamedJob goes on where it was, under its first consumer group, through a crash; the
// name it had is free.
func TestRenamedJob(t *testing.T) {
	directory, log := t.TempDir(), &keptLog{}
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Topic("out", 1)
	n, c := startIn(t, directory, log, "kafka.broker.list="+b.Address)
	mustExec(t, c, sums+` JOBPROPERTIES ("morphling.job.checkpoint.interval"="50")`)
	b.Produce("in", 0, `{"k":1,"v":10}`)
	newestIs(t, b, "out", `{"k":1,"s":10}`)
	mustExec(t, c, "ALTER STREAMJOB sums RENAME TO totals")
	eventually(t, "offsets under the first name", func() bool { return b.Committed("default.sums", "in")[0] == 1 })
	n.Kill()
	n, c = startIn(t, directory, log, "kafka.broker.list="+b.Address)
	defer n.Kill()
	fieldIs(t, c, "totals", "state", "RUNNING")
	b.Produce("in", 0, `{"k":1,"v":2}`)
	newestIs(t, b, "out", `{"k":1,"s":12}`)
	eventually(t, "offsets under the first name", func() bool { return b.Committed("default.sums", "in")[0] == 2 })
	if got := b.Committed("default.totals", "in"); len(got) > 0 {
		t.Errorf("offsets under the second name: %v", got)
	}
	mustExec(t, c, `CREATE STREAMJOB sums AS ("insert into o select k, v from i") JOBPROPERTIES ("morphling.job.checkpoint.interval"="50")`)
	b.Produce("in", 0, `{"k":2,"v":3}`)
	eventually(t, "offsets of the other job", func() bool {
		f := fields(t, c, "SHOW STREAMJOB sums")["consumer group"]
		return f != "" && b.Committed(f, "in")[0] == 3
	})
	mustExec(t, c, "DROP STREAMJOB totals")
	fieldIs(t, c, "sums", "state", "RUNNING")
}
