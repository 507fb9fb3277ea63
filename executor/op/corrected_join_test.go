package op

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// correctedRun sends rows that are given and taken back, and versions that are deleted, too.
type correctedRun struct {
	timedRun
	ttl      int64
	appends  bool // left rows are never corrected, and late behind the watermark
	alive    []executortest.Tuple
	versions []heldVersion
}

// heldVersion is a version of a key; one that is deleted ends the one before it.
type heldVersion struct {
	row     executortest.Tuple
	at      int64
	deleted bool
}

func (d *correctedRun) change(port int, kind column.RowKind, row executortest.Tuple) {
	b := column.NewBatch(timedIn)
	executortest.AppendTuple(b, row)
	b.Kinds = append(b.Kinds, kind)
	hashes := column.HashColumns(nil, b, d.hash)
	to := state.OwnerOf(state.Group(hashes[0]), len(d.tasks))
	d.must(d.tasks[to].op.Process(port, b, d))
}

// left gives a row, or takes one back that is there, whatever event time says.
func (d *correctedRun) left(now int64) {
	if n := len(d.alive); n > 0 && d.r.IntN(5) < 2 && !d.appends {
		i := d.r.IntN(n)
		d.change(0, []column.RowKind{column.Delete, column.UpdateBefore}[d.r.IntN(2)], d.alive[i])
		if !d.final(d.alive[i]) {
			d.alive = slices.Delete(d.alive, i, i+1)
		} else {
			d.lateRows++
		}
		return
	}
	row := timedRow(d.r, now-int64(d.r.IntN(2))*int64(d.r.IntN(40))*timedStep)
	d.change(0, []column.RowKind{column.Insert, column.UpdateAfter}[d.r.IntN(2)], row)
	if d.final(row) {
		d.lateRows++
	} else {
		d.alive = append(d.alive, row)
	}
}

// final tells that a row stays as it was given.
func (d *correctedRun) final(row executortest.Tuple) bool {
	at, timed := row[1].(int64)
	if d.appends {
		return timed && at < d.watermark
	}
	return row[0] != nil && timed && d.ttl > 0 && d.watermark != executor.NoWatermark && at < d.watermark-d.ttl
}

// right gives a version or ends one.
func (d *correctedRun) right(now int64) {
	row := timedRow(d.r, now)
	if row[0] == nil {
		return
	}
	at, timed := row[1].(int64)
	if d.appends { // what a late one changes depends on what is left
		at, timed = max(at, d.watermark), true
		row[1] = at
	}
	if d.r.IntN(4) == 0 {
		d.change(1, column.Delete, row)
		d.end(row, at, timed)
		return
	}
	d.change(1, []column.RowKind{column.Insert, column.UpdateAfter}[d.r.IntN(2)], row)
	switch {
	case !timed:
	case at < d.watermark:
		d.lateRows++
	default:
		d.hold(heldVersion{row, at, false})
	}
}

// end is a deletion: at its time, or where that has passed from the watermark on.
func (d *correctedRun) end(row executortest.Tuple, at int64, timed bool) {
	if timed && at >= d.watermark {
		d.hold(heldVersion{row, at, true})
		return
	}
	switch last := d.versionAt(row[0], 1<<62); {
	case last == nil:
	case last.at < d.watermark:
		d.hold(heldVersion{row, d.watermark, true})
	case !timed:
		last.deleted = true
	}
}

func (d *correctedRun) hold(v heldVersion) {
	d.versions = slices.DeleteFunc(d.versions, func(x heldVersion) bool { return x.row[0] == v.row[0] && x.at == v.at })
	d.versions = append(d.versions, v)
}

func (d *correctedRun) versionAt(key any, at int64) (found *heldVersion) {
	for i := range d.versions {
		v := &d.versions[i]
		if equalValues(v.row[0], key) && v.at <= at && (found == nil || found.at < v.at) {
			found = v
		}
	}
	return found
}

// want is the answer over the rows that are there and that the watermark has passed.
func (d *correctedRun) want(keep bool, on func(l, r executortest.Tuple) bool) (out []string) {
	for _, l := range d.alive {
		at, timed := l[1].(int64)
		var v *heldVersion
		if timed && l[0] != nil {
			if at >= d.watermark {
				continue
			}
			v = d.versionAt(l[0], at)
		}
		switch {
		case v != nil && !v.deleted && on(l, v.row):
			out = append(out, slices.Concat(l, v.row).String())
		case keep:
			out = append(out, slices.Concat(l, make(executortest.Tuple, len(timedIn))).String())
		}
	}
	return out
}

// applied are the rows that the output amounts to.
func (d *correctedRun) applied() (out []string) {
	counts := map[string]int{}
	for _, line := range d.got {
		kind, row := line[:2], line[3:]
		switch kind {
		case "+I":
			counts[row]++
		case "-D":
			if counts[row]--; counts[row] < 0 {
				d.t.Fatalf("%s is taken back and not there", row)
			}
		default:
			d.t.Fatalf("a row is %s", line)
		}
	}
	for row, n := range counts {
		for range n {
			out = append(out, row)
		}
	}
	slices.Sort(out)
	return out
}

// TestCorrectedTemporalJoin: behind every watermark the rows are those of the left rows that are there,
// each with the version that held at its time, whenever it came; what is taken back was given.
func TestCorrectedTemporalJoin(t *testing.T) {
	for _, ttl := range []time.Duration{0, 20 * time.Second} {
		for _, keep := range []bool{false, true} {
			for _, on := range []plan.Expr{nil, notSame()} {
				t.Run(fmt.Sprint(ttl, keep, on != nil), func(t *testing.T) { checkCorrected(t, true, ttl, keep, on) })
			}
		}
	}
}

// TestTemporalJoinOfDeletedVersions: the same of left rows that are never corrected, behind which the
// watermark leaves nothing of what was deleted.
func TestTemporalJoinOfDeletedVersions(t *testing.T) {
	for _, keep := range []bool{false, true} {
		t.Run(fmt.Sprint(keep), func(t *testing.T) { checkCorrected(t, false, 0, keep, nil) })
	}
}

func checkCorrected(t *testing.T, corrected bool, ttl time.Duration, keep bool, on plan.Expr) {
	p := &plan.TemporalJoin{Left: plan.TimedSide{Keys: []int{0}, Time: 1, Keep: keep}, Right: plan.TimedSide{Keys: []int{0}, Time: 1}, On: on,
		Width: len(timedIn), Out: sideBySideColumns, Corrected: corrected, TTL: ttl}
	d := &correctedRun{timedRun: timedRun{t: t, r: executortest.Random(t), hash: []int{0}}, ttl: int64(ttl / time.Microsecond), appends: !corrected}
	d.new = func() (executor.Operator, error) { return NewTemporalJoin(p, timedIn, timedIn, expr.Options{}) }
	d.watermark, d.passed = executor.NoWatermark, executor.NoWatermark
	d.start(nil)
	matches := func(l, r executortest.Tuple) bool { return on == nil || l[2] != nil && r[2] != nil && l[2] != r[2] }
	for step := range executortest.Rounds(80) {
		now := int64(step) * timedStep
		for range d.r.IntN(40) {
			if d.r.IntN(3) == 0 {
				d.right(now)
			} else {
				d.left(now)
			}
		}
		switch d.r.IntN(6) {
		case 0, 1, 2:
			d.mark(now - int64(d.r.IntN(6))*timedStep - d.r.Int64N(2))
		case 3:
			d.restore()
		}
		want, got := d.want(keep, matches), d.applied()
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Fatalf("step %d: the rows are\n%v\nwant\n%v", step, got, want)
		}
	}
	d.forgets(t)
}

// forgets: with everything taken back, and time gone on, versions that hold are left alone.
func (d *correctedRun) forgets(t *testing.T) {
	for len(d.alive) > 0 && !d.appends {
		row := d.alive[0]
		d.change(0, column.Delete, row)
		if d.final(row) {
			d.lateRows++
		}
		d.alive = d.alive[1:]
	}
	for _, k := range []string{"k0", "k1", "k2", "k3"} {
		d.change(1, column.Delete, executortest.Tuple{k, nil, nil})
	}
	if d.mark(1 << 50); d.ttl > 0 || d.appends {
		for _, s := range d.tasks {
			if n := s.store.Rows(); n > 0 {
				t.Errorf("%d rows of state are left", n)
			}
		}
	}
	for _, s := range d.tasks {
		d.count(s)
	}
	if d.lateRows != 0 {
		t.Errorf("of late rows %d were not counted", d.lateRows)
	}
}

// TestChangingNewestJoin: a row meets the version that came last and was not deleted since, also behind a
// restore; with all of them deleted nothing is kept.
func TestChangingNewestJoin(t *testing.T) {
	p := &plan.TemporalJoin{Left: plan.TimedSide{Keys: []int{0}, Keep: true}, Right: plan.TimedSide{Keys: []int{0}}, Newest: true, Width: len(timedIn), Out: sideBySideColumns}
	d := &correctedRun{timedRun: timedRun{t: t, r: executortest.Random(t), hash: []int{0}}}
	d.new = func() (executor.Operator, error) { return NewTemporalJoin(p, timedIn, timedIn, expr.Options{}) }
	d.start(nil)
	newest := map[any]executortest.Tuple{}
	var want []string
	for step := range executortest.Rounds(2000) {
		row := timedRow(d.r, int64(step))
		kind := column.RowKind(d.r.IntN(4))
		switch {
		case d.r.IntN(50) == 0:
			d.restore()
		case d.r.IntN(2) == 0:
			if d.change(1, kind, row); row[0] != nil && kind != column.UpdateBefore {
				newest[row[0]] = row
				if kind == column.Delete {
					delete(newest, row[0])
				}
			}
		default:
			d.change(0, column.Insert, row)
			v := newest[row[0]]
			if v == nil {
				v = make(executortest.Tuple, len(timedIn))
			}
			want = append(want, "+I "+slices.Concat(row, v).String())
		}
	}
	if !slices.Equal(d.got, want) {
		t.Errorf("%d rows, want %d: %v", len(d.got), len(want), d.got[:min(len(d.got), 5)])
	}
	left := 0
	for k := range newest {
		d.change(1, column.Delete, executortest.Tuple{k, nil, nil})
	}
	for _, s := range d.tasks {
		left += s.store.Rows()
	}
	if left > 0 {
		t.Errorf("%d rows of state are left", left)
	}
}
