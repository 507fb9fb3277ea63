package ha

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestStoredJob pins a job's record. A field may be added that is absent where it has no value;
// no name and no form may change.
func TestStoredJob(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	j := &Job{ID: "1f", Database: "default", Name: "etl", Application: "a", SQL: "s", Path: "p", Properties: []Property{{"k", "v"}}, Temporary: true, Reads: []string{"r"}, Writes: []string{"w"},
		Created: at, Desired: WantRunning, From: StartFrom{Checkpoint: 3, Savepoint: "sp", Fresh: true}, MovedFrom: "local", LastState: Running, LastFailure: "f", FailedAt: at, Restarts: 2}
	const want = `{"format":1,"id":"1f","database":"default","name":"etl","application":"a","sql":"s","path":"p","properties":[{"key":"k","value":"v"}],"temporary":true,"reads":["r"],"writes":["w"],` +
		`"created":"2026-01-02T03:04:05Z","desired":"running","from":{"checkpoint":3,"savepoint":"sp","fresh":true},"moved_from":"local","last_state":"RUNNING","last_failure":"f","failed_at":"2026-01-02T03:04:05Z","restarts":2}`
	b, err := json.Marshal(j)
	if err != nil || string(b) != want {
		t.Fatalf("%v, stored is\n%s\nwant\n%s", err, b, want)
	}
	var back Job
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(&back, j) {
		t.Fatalf("%+v, %v", back, err)
	}
	former := strings.Replace(want, `"format":1,`, "", 1)
	if err := json.Unmarshal([]byte(former), &back); err != nil || !reflect.DeepEqual(&back, j) {
		t.Fatalf("without a format: %+v, %v", back, err)
	}
	newer := strings.Replace(want, `"format":1`, `"format":2`, 1)
	if err := json.Unmarshal([]byte(newer), &back); err == nil || !strings.Contains(err.Error(), "default.etl has format 2") {
		t.Fatalf("of a newer server: %v", err)
	}
}

// TestStoredIncident pins what the record of a job holds of a failure.
func TestStoredIncident(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	j := &Job{ID: "1f", Database: "default", Name: "etl", Incidents: []Incident{{At: at, Class: "data", Code: "22P02", Message: "m", Hint: "h", Task: &Task{Stage: 1, Subtask: 2},
		Record: &Record{Topic: "t", Partition: 3, Offset: 4}, Attempt: 5, Action: "a"}}}
	const want = `"incidents":[{"at":"2026-01-02T03:04:05Z","class":"data","sqlstate":"22P02","message":"m","hint":"h","at_task":{"stage":1,"task":2},"record":{"topic":"t","partition":3,"offset":4},"attempt":5,"action":"a"}]}`
	b, err := json.Marshal(j)
	if err != nil || !strings.HasSuffix(string(b), want) {
		t.Fatalf("%v, stored is\n%s\nwant at its end\n%s", err, b, want)
	}
	var back Job
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(&back, j) {
		t.Fatalf("%+v, %v", back, err)
	}
}

// TestIncidentsAreBounded: the last ones are kept, and long texts are cut.
func TestIncidentsAreBounded(t *testing.T) {
	j := &Job{}
	for n := range keptIncidents + 5 {
		former := j.Incidents
		j.remember(incident(Failure{Message: strings.Repeat("é", keptText)}, n, "a"))
		if n > 0 && former[0].Attempt != max(0, n-keptIncidents) {
			t.Fatalf("what others hold was changed: %d", former[0].Attempt)
		}
	}
	if len(j.Incidents) != keptIncidents || j.Incidents[0].Attempt != 5 || len(j.Incidents[0].Message) > keptText+len("…") {
		t.Errorf("%d are kept from %d, of %d bytes", len(j.Incidents), j.Incidents[0].Attempt, len(j.Incidents[0].Message))
	}
}
