package ha

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// keptIncidents and keptText bound what the record of a job holds of its failures.
const (
	keptIncidents = 20
	keptText      = 2000 // bytes of a message, and of a hint
)

// Failure is what the user reads of an error, and where it lies, as far as that is known.
type Failure struct {
	Message, Hint string
	Class         string // whose fault it is, in one word
	Code          string // SQLSTATE
	Task          *Task
	Record        *Record
}

// Task is one subtask of a job.
type Task struct {
	Stage   int `json:"stage"`
	Subtask int `json:"task"`
}

// Record is a place in what a job reads.
type Record struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
}

// Incident is one failure of a job and what was done about it.
type Incident struct {
	At      time.Time `json:"at"`
	Class   string    `json:"class,omitempty"`
	Code    string    `json:"sqlstate,omitempty"`
	Message string    `json:"message"`
	Hint    string    `json:"hint,omitempty"`
	Task    *Task     `json:"at_task,omitempty"`
	Record  *Record   `json:"record,omitempty"`
	Attempt int       `json:"attempt,omitempty"` // the run that failed, counted from START
	Action  string    `json:"action"`
}

// What was done about a failure.
const (
	stoppedForGood = "not restarted: the job has FAILED"
	stoppedAsAsked = "stopped, as was asked"
)

func restartedAfter(d time.Duration) string { return fmt.Sprintf("restarted after %s", d) }

// incident makes one of a failure now.
func incident(f Failure, attempt int, action string) *Incident {
	return &Incident{At: time.Now().UTC(), Class: f.Class, Code: f.Code, Message: cut(f.Message), Hint: cut(f.Hint), Task: f.Task, Record: f.Record, Attempt: attempt, Action: action}
}

func cut(text string) string {
	if len(text) <= keptText {
		return text
	}
	return strings.ToValidUTF8(text[:keptText], "") + "…"
}

// remember adds an incident to those of the job, of which copies may be in use elsewhere.
func (j *Job) remember(i *Incident) {
	if i == nil {
		return
	}
	list := append(slices.Clone(j.Incidents), *i)
	j.Incidents = list[max(0, len(list)-keptIncidents):]
}

// Told is one thing that happened to a job: it has another state, or failed, and then perhaps goes on.
type Told struct {
	Job, ID  string // full name
	From, To State  // empty of a failure
	Incident *Incident
}
