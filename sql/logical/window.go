package logical

import (
	"fmt"
	"slices"
	"time"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Window puts rows into windows: it appends window_start and window_end, and with Hop and
// Cumulate gives a row once per window that it belongs to.
type Window struct {
	Input  Node
	Window plan.Window // on a column of the input
}

// Bounds are the columns that a window adds.
func Bounds() types.Schema {
	t := types.NewTimestamp(types.DefaultTimestamp)
	return types.Schema{{Name: "window_start", Type: t}, {Name: "window_end", Type: t}}
}

func (w *Window) Schema() types.Schema      { return slices.Concat(w.Input.Schema(), Bounds()) }
func (w *Window) Inputs() []Node            { return []Node{w.Input} }
func (w *Window) WithInputs(in []Node) Node { return &Window{Input: in[0], Window: w.Window} }

// Traits: a row comes before its windows end, so their ends are event times where the column is
// one that they are cut by. A row that is there several times, or whose window changes with it,
// takes its old windows back.
func (w *Window) Traits(in []Traits) Traits {
	t, start := in[0], len(w.Input.Schema())
	end := start + 1
	timed := slices.Contains(t.EventTimes, w.Window.Time)
	t.Window = &Attached{Start: start, End: end, Kind: w.Window.Kind, Final: timed, Assigned: true}
	if timed {
		t.EventTimes = append(slices.Clone(t.EventTimes), end)
	}
	if slices.Contains(t.Fixed, w.Window.Time) {
		t.Fixed = append(slices.Clone(t.Fixed), start, end)
	}
	if w.Window.Kind == plan.Tumble {
		return t
	}
	if t.Changelog == Upsert {
		t.Changelog, t.Upsert = Retract, nil
	}
	bound := start // tells the windows of a row apart
	if w.Window.Kind == plan.Cumulate {
		bound = end
	}
	sets := t.Unique
	t.Unique = nil
	for _, set := range sets {
		t.Unique = append(t.Unique, slices.Concat(set, []int{bound}))
	}
	return t
}

func (w *Window) Lineage(in []Lineage) Lineage {
	l := in[0]
	meaning := w.Window.Stored(l.Columns[w.Window.Time])
	added := []string{"window_start of " + meaning, "window_end of " + meaning}
	return Lineage{Rows: bounded(l.Rows + " assign " + meaning), Columns: slices.Concat(l.Columns, added)}
}

func (w *Window) Describe(in [][]string) (string, []string) {
	return "window " + ShowWindow(w.Window, in[0]), slices.Concat(in[0], ColumnNames(Bounds()))
}

// lastMoment is how long before its end the last moment of a window is, in microseconds: a
// millisecond, or a microsecond where times are more exact than that.
func lastMoment(end types.Type) int64 {
	if end.Precision > types.DefaultTimestamp {
		return 1
	}
	return 1000
}

// WindowTime is the last moment that belongs to a window which ends in a column: window_time. It
// is an event time where the end is one: what is cut by it falls into the same hour, day and so
// on as the window.
func WindowTime(end plan.Expr) plan.Expr {
	before := &plan.Const{Typ: types.Of(types.Duration), Int: -lastMoment(end.Type())}
	return &plan.Call{Func: "add_time", Args: []plan.Expr{end, before}, Typ: end.Type()}
}

// isWindowTime tells that an expression is WindowTime of a column.
func isWindowTime(e plan.Expr, end int) bool {
	call, ok := e.(*plan.Call)
	if !ok || call.Func != "add_time" {
		return false
	}
	column, isColumn := call.Args[0].(*plan.Column)
	before, isConst := call.Args[1].(*plan.Const)
	return isColumn && isConst && column.Index == end && before.Int == -lastMoment(column.Typ)
}

// Updates are when the rows of a window are given beside its end: so often before it, and so
// long behind it. 0: never.
type Updates struct{ Every, Lateness time.Duration }

func (u *Updates) show() (text string) {
	if u == nil {
		return ""
	}
	if u.Every > 0 {
		text += fmt.Sprintf(", every %s", u.Every)
	}
	if u.Lateness > 0 {
		text += fmt.Sprintf(", corrected for %s", u.Lateness)
	}
	return text
}
