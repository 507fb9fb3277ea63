package e2e

import (
	"slices"
	"strings"
	"testing"

	"slipway/tests/process"
)

func sample() []event {
	var in []event
	for i := range int64(1000) {
		in = append(in, event{ID: i + 1, Key: string(rune('a' + i%7)), Value: i * 3, Time: i * 97})
	}
	return in
}

// TestVerifierSeesDamage drops, doubles, swaps and changes one row on purpose: the
// verifier must report exactly that.
func TestVerifierSeesDamage(t *testing.T) {
	in := sample()
	want := compute(in)
	var windows []windowRow
	for k, v := range want.windows {
		windows = append(windows, windowRow{k, v})
	}
	var groups []groupRow
	running := map[string]totals{}
	for _, e := range in {
		running[e.Key] = running[e.Key].with(e.Value)
		groups = append(groups, groupRow{e.Key, running[e.Key]})
	}
	for name, v := range map[string]verdict{
		"windows": checkWindows(want.windows, windows), "groups": checkGroups(want.groups, groups), "passed": checkPassed(want.passed, in)} {
		if !v.ok() || v.Repeated != 0 {
			t.Fatalf("%s untouched: %s", name, v)
		}
	}
	changed := slices.Clone(windows)
	changed[3].Sum++
	for _, c := range []struct {
		name string
		got  verdict
		want verdict
	}{
		{"a window dropped", checkWindows(want.windows, windows[1:]), verdict{Lost: 1}},
		{"a window wrong", checkWindows(want.windows, changed), verdict{Wrong: 1}},
		{"a window repeated", checkWindows(want.windows, append(slices.Clone(windows), windows[5])), verdict{Repeated: 1}},
		{"a final window changed and changed back", checkWindows(want.windows, append(slices.Clone(changed), windows[3])), verdict{Changed: 1}},
		{"a window of nobody", checkWindows(want.windows, append(slices.Clone(windows), windowRow{windowKey: windowKey{"zz", 0}})), verdict{Foreign: 1}},
		{"the last update of a key lost", checkGroups(want.groups, groups[:len(groups)-1]), verdict{Wrong: 1}},
		{"a key double-counted", checkGroups(want.groups, append(slices.Clone(groups), groupRow{in[0].Key, running[in[0].Key].with(5)})), verdict{Wrong: 1}},
		{"a record dropped", checkPassed(want.passed, in[1:]), verdict{Lost: 1}},
		{"a record repeated", checkPassed(want.passed, append(slices.Clone(in), in[4])), verdict{Repeated: 1}},
		{"two records of a key swapped", checkPassed(want.passed, swapped(in, 0, 7)), verdict{Reordered: 1}},
		{"a record changed", checkPassed(want.passed, append(slices.Clone(in[1:]), event{ID: 1, Key: "a", Value: 99})), verdict{Wrong: 1}},
	} {
		c.got.Examples = nil
		if c.got.String() != c.want.String() {
			t.Errorf("%s: reported %s, want %s", c.name, c.got, c.want)
		}
	}
}

func swapped(in []event, i, j int) []event {
	out := slices.Clone(in)
	out[i], out[j] = out[j], out[i]
	return out
}

// TestRacesAreTold: a race of ours is found beside one of the ZooKeeper library's.
func TestRacesAreTold(t *testing.T) {
	const library = "WARNING: DATA RACE\nRead at 0x1 by goroutine 7:\n  github.com/go-zookeeper/zk.(*Conn).sendSetWatches()\n\nPrevious write at 0x1 by " +
		"goroutine 8:\n  github.com/go-zookeeper/zk.(*Conn).recvLoop()\n\nGoroutine 7 (running) created at:\n  slipway/ha.x()\n==================\n"
	const ours = "WARNING: DATA RACE\nRead at 0x1 by goroutine 7:\n  slipway/ha.(*controller).run()\n\nGoroutine 7 (running) created at:\n  " +
		"github.com/go-zookeeper/zk.(*Conn).recvLoop()\n==================\n"
	if got := process.Races("x\n" + library + "y\n" + ours + library); len(got) != 1 || !strings.Contains(got[0], "controller") {
		t.Errorf("found %q", got)
	}
	if got := process.Races("nothing"); len(got) != 0 {
		t.Errorf("found %q in nothing", got)
	}
}
