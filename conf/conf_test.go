package conf

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDefaultsParse: every default is a value of its own setting, every key is declared once.
func TestDefaultsParse(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range All() {
		key := s.Level.String() + " " + strings.ToLower(s.Key)
		if seen[key] {
			t.Errorf("%s is declared twice", key)
		}
		seen[key] = true
		if s.Text == "" || s.Origin == "" {
			t.Errorf("%s has no text or origin", s.Key)
		}
		if s.Default == "" || s.Prefix || s.Ignored {
			continue
		}
		if _, err := s.parse(s.Default); err != nil && s.Default != "-1" && s.Default != "0" {
			t.Errorf("default of %s: %v", s.Key, err)
		}
	}
}

func TestParse(t *testing.T) {
	StringOption("tested.strategy", "", "O", "An option of some connector.")
	FamilyOption("tested.consumer.", "O", "A family of some connector.")
	for _, c := range []struct {
		name   string
		level  Level
		list   []Property
		err    string
		hint   string
		notice string
	}{
		{"good", Job, []Property{P("morphling.job.enable.checkpoint", "TRUE"), P("Morphling.Job.Checkpoint.Interval", "60000")}, "", "", ""},
		{"unknown key", Job, []Property{P("morphling.job.enable.chekpoint", "true")}, "unknown job property", "morphling.job.enable.checkpoint", ""},
		{"a stream's key", Job, []Property{P("sink.changelog", "append")}, "unknown job property", "is a property of TBLPROPERTIES", ""},
		{"a connector's key", Job, []Property{P("Tested.strategy", "earliest")}, "unknown job property", "is a property of TBLPROPERTIES", ""},
		{"a key of a connector's family", Session, []Property{P("tested.consumer.acks", "1")}, "unknown session property", "is a property of TBLPROPERTIES", ""},
		{"a job's key", Stream, []Property{P("morphling.job.parallelism", "2")}, "unknown stream property", "is a property of JOBPROPERTIES", ""},
		{"a key like no other", Job, []Property{P("zzz", "1")}, "unknown job property", "SHOW PROPERTIES FOR STREAMJOB name lists those of a job", ""},
		{"a stream's key like no other", Stream, []Property{P("zzz", "1")}, "unknown stream property", "slipway settings prints them all, by connector and format", ""},
		{"a server's key like no other", Server, []Property{P("zzz", "1")}, "unknown server property", "slipway config those in force", ""},
		{"a function's key like no other", Function, []Property{P("zzz", "1")}, "unknown function property", "memory.limit", ""},
		{"the seed's typo", Job, []Property{P("morphling.task.max.failues", "3")}, "", "", `accepted as "morphling.task.max.failures"`},
		{"a vendor's key without meaning", Job, []Property{P("stream.number.receivers", "2")}, "", "", "has no meaning here"},
		{"bad value", Job, []Property{P("morphling.job.enable.checkpoint", "maybe")}, `"maybe" is neither true nor false`, "", ""},
		{"out of bounds", Job, []Property{P("morphling.job.checkpoint.interval", "9")}, "9 is not between", "", ""},
		{"a key twice", Job, []Property{P("morphling.state.ttl", "1"), P("MORPHLING.state.ttl", "2")}, "given twice", "", ""},
		{"strategy against failover", Job, []Property{P("morphling.restart.strategy", "none"), P("morphling.job.enable.auto.failover", "true")},
			"contradicts", "", ""},
		{"strategy against max failures", Job, []Property{P("morphling.restart.strategy", "fixed-delay"), P("morphling.task.max.failures", "-1")},
			"contradicts", "", ""},
		{"a choice with hyphens", Job, []Property{P("morphling.job.delivery.guarantee", "Exactly-Once")}, "", "", ""},
		{"exactly once without checkpoints", Job, []Property{P("morphling.job.delivery.guarantee", "exactly_once"),
			P("morphling.job.enable.checkpoint", "false")}, "needs", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, notices, err := Parse(c.level, c.list)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			if e, ok := errors.AsType[*Error](err); c.hint != "" && (!ok || !strings.Contains(e.Hint, c.hint)) {
				t.Fatalf("hint of %v, want %q", err, c.hint)
			}
			if c.notice != "" && (len(notices) != 1 || !strings.Contains(notices[0].Message, c.notice)) {
				t.Fatalf("notices %v", notices)
			}
		})
	}
}

func TestLaterSourceWins(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("server:\n  parallelism: 2\n  log.level: warn\nspark.morphling.recovery.mode: local\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	v, _, err := LoadServer(file, []string{"SLIPWAY_SERVER_PARALLELISM=3", "SLIPWAY_E2E_SEED=9"}, []string{"server.memory.limit=2GB"})
	if err != nil {
		t.Fatal(err)
	}
	if Parallelism.Get(v) != 3 || v.Source(Parallelism.Name()) != FromEnvironment || LogLevel.Get(v) != "warn" || v.Source(LogLevel.Name()) != FromFile ||
		MemoryLimit.Get(v) != 2<<30 || v.Source(Demo.Name()) != FromDefault {
		t.Fatalf("%v", v.Properties())
	}
	if _, _, err := LoadServer("", nil, []string{"spark.morphling.recovery.mode=standalone"}); err == nil ||
		!strings.Contains(err.Error(), "removed in 8.0") || !strings.Contains(err.Error(), "local") {
		t.Fatalf("standalone gave %v", err)
	}
}

func TestDurationsAndBytes(t *testing.T) {
	v, _, err := Parse(Job, []Property{P("morphling.job.checkpoint.interval", "1m30s"), P("morphling.job.checkpoint.timeout", "2500")})
	if err != nil || CheckpointInterval.Get(v) != 90*time.Second || CheckpointTimeout.Get(v) != 2500*time.Millisecond {
		t.Fatalf("%v %v %v", CheckpointInterval.Get(v), CheckpointTimeout.Get(v), err)
	}
}

// TestDurationTexts: durations in one unit are spelled as people do.
func TestDurationTexts(t *testing.T) {
	for text, want := range map[string]time.Duration{"10s": 10 * time.Second, "10 sec": 10 * time.Second, "1m30s": 90 * time.Second, "5 min": 5 * time.Minute,
		"2 m": 2 * time.Minute,
		"1 d": 24 * time.Hour, "2 Days": 48 * time.Hour, "300 ms": 300 * time.Millisecond, "1 millisecond": time.Millisecond, "1.5h": 90 * time.Minute,
		"3 hours": 3 * time.Hour} {
		if d, err := durationOf(text); err != nil || d != want {
			t.Errorf("%s is %s, %v", text, d, err)
		}
	}
	for _, text := range []string{"", "d", "1 month", "-1 d", "1 d 2 h", "200000000000 days"} {
		if d, err := durationOf(text); err == nil {
			t.Errorf("%s is %s", text, d)
		}
	}
}

// TestRefusedSettings: what cannot be had is refused in one line that says why.
func TestRefusedSettings(t *testing.T) {
	for set, want := range map[string]string{
		"server.tls.mode=always":     `property "server.tls.mode": "always" is none of off, prefer, require`,
		"server.memory.limit=10":     `property "server.memory.limit": 10 bytes are below the least, 1MB; a number without a unit counts bytes: write 10MB or 10GB`,
		"server.memory.limit=500 kb": `property "server.memory.limit": 500 kb is below the least, 1MB`,
		"server.tls.mode=off":        "",
		"server.users.file=":         "",
		"server.memory.limit=0":      "",
		"server.memory.limit=1MB":    "",
	} {
		_, _, err := LoadServer("", nil, []string{set})
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %v", set, err)
		}
	}
}

// TestVariablesThatAreNoSettings: a variable with the prefix that names no key is told of,
// without its value; those of tests and tools are not.
func TestVariablesThatAreNoSettings(t *testing.T) {
	_, notices, err := LoadServer("", []string{"SLIPWAY_SERVER_LOG_LEVLE=planted", "SLIPWAY_WHATEVER=1", "SLIPWAY_REQUIRE_SERVERS=1", "SLIPWAY_E2E_SEED=9",
		"SLIPWAY_SIM_SEEDS=3",
		"SLIPWAY_TEST_CACHE=/x", "SLIPWAY_BENCH_JOBS=1", "SLIPWAY_CRASHPOINT=x", "SLIPWAY_SERVER_PARALLELISM=3", "PATH=/bin"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"the environment variable SLIPWAY_SERVER_LOG_LEVLE names no setting and is ignored; perhaps you meant SLIPWAY_SERVER_LOG_LEVEL",
		"the environment variable SLIPWAY_WHATEVER names no setting and is ignored"}
	if len(notices) != len(want) {
		t.Fatalf("said %v", notices)
	}
	for i, n := range notices {
		if n.Message != want[i] {
			t.Errorf("said %q, want %q", n.Message, want[i])
		}
	}
}
