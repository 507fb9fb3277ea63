package checkpoint

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// TestMachine runs the scripts of testdata/machine. Commands:
//
//	new tasks=0.0,1.0 [interval=10s timeout=60s retained=5 keeps=true] [held=1,2,3s]
//	at 12s                 the clock; a tick happens
//	ack id=1 task=0.0 [file=f]
//	decline id=1 task=0.0
//	finish task=0.0
//	request kind=savepoint [name=s]
//	stored id=1 · committed id=1
//
// Each answers with the actions, one a line. A held id with an s is a savepoint;
// every held checkpoint needs file f<id>, and f<id-1> as well when its id is even.
func TestMachine(t *testing.T) {
	datadriven.Walk(t, "testdata/machine", func(t *testing.T, path string) {
		s := &script{}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string { return s.run(t, d) })
	})
}

var zero = time.Unix(0, 0).UTC()

type script struct {
	m   *machine
	now time.Time
	out []string
}

func (s *script) run(t *testing.T, d *datadriven.TestData) string {
	s.out = nil
	arg := func(name, otherwise string) string {
		if !d.HasArg(name) {
			return otherwise
		}
		var v string
		d.ScanArgs(t, name, &v)
		return v
	}
	id, _ := strconv.Atoi(arg("id", "0"))
	switch d.Cmd {
	case "new":
		s.create(t, arg)
	case "at":
		dur, err := time.ParseDuration(d.CmdArgs[0].Key)
		if err != nil {
			t.Fatal(err)
		}
		s.now = zero.Add(dur)
		s.step(tick{s.now})
	case "ack":
		a := Ack{Checkpoint: ID(id), Task: task(arg("task", "0.0")), Bytes: 10}
		if f := arg("file", ""); f != "" {
			a.State = []OperatorState{{Operator: "op", Sections: []Section{{File: f}}}}
		}
		s.step(acked{a})
	case "decline":
		s.step(declined{id: ID(id), task: task(arg("task", "0.0")), reason: errors.New("disk full")})
	case "finish":
		s.step(finishedTask{task: task(arg("task", "0.0"))})
	case "request":
		s.step(requested{request{kind: Kind(strings.ReplaceAll(arg("kind", ""), "_", " ")), name: arg("name", ""), reply: func(o Outcome) {
			s.out = append(s.out, fmt.Sprintf("answer: checkpoint %d %s", o.ID, o.Reason))
		}}})
	case "forget":
		s.step(forgotten{name: arg("name", ""), reply: func(o Outcome) {
			s.out = append(s.out, fmt.Sprintf("answer: checkpoint %d %s", o.ID, o.Reason))
		}})
	case "stored":
		s.step(stored{ID(id)})
	case "committed":
		s.step(committed{ID(id)})
	default:
		t.Fatalf("unknown command %s", d.Cmd)
	}
	if len(s.out) == 0 {
		return "-\n"
	}
	return strings.Join(s.out, "\n") + "\n"
}

func (s *script) create(t *testing.T, arg func(string, string) string) {
	cfg := Config{JobID: "j", JobName: "default.j", Keeps: arg("keeps", "true") == "true", AtOnce: arg("first", "") == "at_once"}
	cfg.Interval, _ = time.ParseDuration(arg("interval", "10s"))
	cfg.Timeout, _ = time.ParseDuration(arg("timeout", "60s"))
	cfg.Retained, _ = strconv.Atoi(arg("retained", "5"))
	var tasks []TaskID
	for _, name := range strings.Split(arg("tasks", "0.0"), ",") {
		tasks = append(tasks, task(name))
	}
	var held []*Manifest
	if list := arg("held", ""); list != "" {
		for _, text := range strings.Split(list, ",") {
			held = append(held, heldManifest(text))
		}
	}
	s.now = zero
	s.m = newMachine(cfg, tasks, held, zero)
	s.say(s.m.retain())
}

func heldManifest(text string) *Manifest {
	m := &Manifest{Kind: Periodic}
	if strings.HasSuffix(text, "s") {
		m.Kind, text = Savepoint, strings.TrimSuffix(text, "s")
	}
	n, _ := strconv.Atoi(text)
	m.Checkpoint, m.Name = ID(n), fmt.Sprintf("s%d", n)
	sections := []Section{{File: fmt.Sprintf("f%d", n)}}
	if n%2 == 0 {
		sections = append(sections, Section{File: fmt.Sprintf("f%d", n-1)})
	}
	m.State = []OperatorState{{Sections: sections}}
	return m
}

func task(name string) TaskID {
	var t TaskID
	fmt.Sscanf(name, "%d.%d", &t.Stage, &t.Subtask)
	return t
}

func (s *script) step(e event) { s.say(s.m.step(e, s.now)) }

func (s *script) say(actions []action) {
	for _, a := range actions {
		switch a := a.(type) {
		case trigger:
			s.out = append(s.out, fmt.Sprintf("trigger %d (%s)", a.barrier.ID, a.barrier.Kind))
		case store:
			s.out = append(s.out, fmt.Sprintf("store %d: %d bytes, files %v", a.manifest.Checkpoint, a.manifest.Bytes, a.manifest.Files())+displaced(a.displaced))
		case commit:
			s.out = append(s.out, fmt.Sprintf("commit %d", a.barrier.ID))
		case abort:
			s.out = append(s.out, strings.TrimRight(fmt.Sprintf("abort %d: %s late %v %s", a.barrier.ID, a.status, a.late, a.reason), " "))
		case completedNow:
			s.out = append(s.out, fmt.Sprintf("completed %d", a.barrier.ID))
		case remove:
			s.out = append(s.out, fmt.Sprintf("remove %v, files %v", a.ids, a.files))
		case reply:
			a.to(a.outcome)
		case pause:
			s.out = append(s.out, fmt.Sprintf("pause behind %d", a.behind))
		case end:
			s.out = append(s.out, "end")
		}
	}
}

func displaced(ids []ID) string {
	if len(ids) == 0 {
		return ""
	}
	return fmt.Sprintf(", in place of %v", ids)
}
