package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/executor"
	"slipway/executor/job"
	"slipway/ha"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/plan"
)

var _ = register(statement[*ast.ShowWatermark]{right: inspect, needs: nothing[*ast.ShowWatermark], tag: "SHOW WATERMARK", list: (*session).showWatermark,
	names: []string{"stage:bigint", "what", "name", "watermark:timestamp", "holds_back:boolean", "idle:boolean", "last_record:timestamp", "window_end:timestamp", "record_needed:timestamp", "text"}})

// showWatermark says of a running job what holds its windows back, and when they give their next results.
func (s *session) showWatermark(_ context.Context, st *ast.ShowWatermark, t *table) error {
	j, err := s.status(st.Job)
	if err != nil {
		return err
	}
	f, runs := s.Runner.Status(j.Job.ID)
	if !runs {
		return translateJob(st.Job, ha.ErrNotRunning)
	}
	if f.Flow == nil {
		return nil
	}
	for _, p := range f.Splits {
		t.add(splitMarkCells(f, p)...)
	}
	for _, l := range sql.Lines(f.Flow) {
		if w, ok := windowOf(f.Flow, l); ok {
			t.add(windowCells(f, l, w)...)
		}
	}
	return nil
}

// holders are the splits that the watermark of a stage waits for: those that nothing has come from yet, else those that are
// not idle and have the least. Of splits that stage reads behind others, if any.
func holders(f job.Status, stage int) (out []job.Split) {
	above := sourcesOf(f.Flow, stage)
	least := int64(executor.EndWatermark)
	for _, p := range f.Splits {
		if p.Idle || !above[p.Stage] || f.Flow.Stages[p.Stage].Source.Watermark == nil {
			continue
		}
		if p.Watermark < least {
			least, out = p.Watermark, nil
		}
		if p.Watermark == least {
			out = append(out, p)
		}
	}
	return out
}

// sourcesOf are the stages whose rows come to a stage, itself among them.
func sourcesOf(f *plan.Dataflow, stage int) map[int]bool {
	above := map[int]bool{stage: true}
	for changed := true; changed; {
		changed = false
		for _, e := range f.Edges {
			if above[e.To] && !above[e.From] {
				above[e.From], changed = true, true
			}
		}
	}
	return above
}

func splitMarkCells(f job.Status, p job.Split) []string {
	spec := f.Flow.Stages[p.Stage].Source.Watermark
	holds := spec != nil && slices.ContainsFunc(holders(f, len(f.Flow.Stages)-1), func(h job.Split) bool { return h.Stage == p.Stage && h.Split == p.Split })
	text := ""
	switch {
	case spec == nil:
		text = "no operator behind it asks for its event time: it holds nothing back"
	case p.Watermark == executor.NoWatermark:
		text = fmt.Sprintf("no row with an event time has come from it yet: windows wait for it until it has been silent for %s", spec.IdleAfter)
	case p.Idle:
		text = fmt.Sprintf("it has been silent for more than %s and holds nothing back; rows that come later may be late", spec.IdleAfter)
	case holds:
		text = "it holds the others back: its watermark is the least"
	default:
		text = "it is ahead of what holds the windows back"
	}
	if n, known := lagOf(p); known && n > 0 {
		text += fmt.Sprintf("; %d %s of it not read yet", n, plural(int(min(n, 2)), "record is", "records are"))
	}
	return []string{itoa(int64(p.Stage)), "split", p.Source + " " + p.Split, markAt(p.Watermark), truth(holds), truth(p.Idle), at(p.LastRow), null, null, text}
}

// windowOf is the window by which an operator gives results when a watermark has passed its end.
func windowOf(f *plan.Dataflow, l sql.Line) (plan.Window, bool) {
	s := &f.Stages[l.Stage]
	at := l.Place
	if s.Source != nil {
		at--
	}
	if l.Kind != "operator" {
		return plan.Window{}, false
	}
	o, ok := s.Ops[at].(plan.Closing)
	if !ok {
		return plan.Window{}, false
	}
	w := o.Closes()
	return w, w.Kind == plan.Session || w.Size >= time.Millisecond // shorter ones are round the ends of others
}

// nextEnd is the end of the first window that a watermark has not passed.
func nextEnd(w plan.Window, watermark int64) int64 {
	slide := int64(w.Slide / time.Microsecond)
	first := int64((w.Offset + w.Size) / time.Microsecond)
	past := (watermark - first) % slide
	if past < 0 {
		past += slide
	}
	return watermark - past + slide
}

func windowCells(f job.Status, l sql.Line, w plan.Window) []string {
	mark := f.Stages[l.Stage].Watermark
	cells := []string{itoa(int64(l.Stage)), "window", l.Text, markAt(mark), null, null, null, null, null, ""}
	held := holders(f, l.Stage)
	switch {
	case mark == executor.NoWatermark || mark == executor.EndWatermark:
		cells[9] = "it has no watermark yet: " + waitsFor(held, "")
	case w.Kind == plan.Session:
		cells[8] = recordNeeded(f, held, mark+int64(w.Size/time.Microsecond))
		cells[9] = fmt.Sprintf("a session is over when the watermark is %s behind its last row: %s", w.Size, waitsFor(held, cells[8]))
	default:
		end := nextEnd(w, mark)
		cells[7], cells[8] = markAt(end), recordNeeded(f, held, end)
		cells[9] = fmt.Sprintf("the window that ends at %s gives its result when the watermark reaches its end: %s", cells[7], waitsFor(held, cells[8]))
	}
	return cells
}

// recordNeeded is the event time that a record of what holds back must have for the watermark to reach a time; NULL if nothing does.
func recordNeeded(f job.Status, held []job.Split, until int64) string {
	if len(held) == 0 {
		return null
	}
	return markAt(until + int64(f.Flow.Stages[held[0].Stage].Source.Watermark.Delay/time.Microsecond))
}

// shownSplits are named in a sentence.
const shownSplits = 3

func waitsFor(held []job.Split, needed string) string {
	if len(held) == 0 {
		return "all that it reads is silent, and a record must come first"
	}
	var names []string
	for i, p := range held {
		if i == shownSplits {
			names = append(names, fmt.Sprintf("%d more", len(held)-i))
			break
		}
		names = append(names, p.Split+" of "+p.Source)
	}
	text := strings.Join(names, ", ")
	if held[0].Watermark == executor.NoWatermark {
		return "it waits for the first row of " + text
	}
	text += " " + plural(len(held), "holds", "hold") + " it at " + markAt(held[0].Watermark)
	if needed == "" || needed == null {
		return text
	}
	return fmt.Sprintf("%s, and a record of %s with an event time of %s or later lets it go on", text, plural(len(held), "it", "each"), needed)
}

var _ = describe(described{chapter: "Stream jobs", place: 16, form: `SHOW WATERMARK FOR STREAMJOB name`,
	text: "Says which partition holds the windows of a running job back, and when the next result is due: a row for each partition (`split`) with its watermark, whether it is the one that the others wait for, whether it is idle, " +
		"and when its last row came; and a row for each operator with windows (`window`) with the end of the next window and the event time that a record must have for that window to give its result (`record_needed`). `text` says it in words.",
	example: `SHOW WATERMARK FOR STREAMJOB count_pages;`}, of[*ast.ShowWatermark]())
