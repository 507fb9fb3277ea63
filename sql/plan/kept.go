package plan

import (
	"fmt"
	"strings"
	"time"

	"slipway/sql/types"
)

// Kept is what an operator remembers, as EXPLAIN tells it before a job runs. A Stateful operator
// says it of itself (Keeper); a test walks all of them.
type Kept struct {
	// Each is what there is an entry of: "group", "row of either input".
	Each string
	// Bytes are about those of an entry, from the types of its columns: a text counts as textBytes.
	Bytes int
	// Until says when an entry goes by itself: "its window has ended"; empty: never.
	Until string
	// Grows: without Until every row adds to it, but for those that are equal or taken back. Else
	// it is bounded by the number of its keys.
	Grows bool
	// Bounds says what would bound what grows, if that is not the time to live of idle state.
	Bounds string
}

// Keeper is a Stateful operator that says what it keeps.
type Keeper interface {
	Stateful
	Keeps() Kept
}

// Unbounded tells that nothing but the rows themselves bounds what is kept.
func (k Kept) Unbounded() bool { return k.Grows && k.Until == "" }

func (k Kept) String() string {
	text := fmt.Sprintf("state: about %d bytes a %s, ", k.Bytes, k.Each)
	switch {
	case k.Until != "":
		return text + "until " + k.Until
	case k.Grows:
		return text + "for ever"
	}
	return text + "bounded by how many there are"
}

const (
	rowBytes  = 16 + 24 // hash and flags, and its part of the index
	chainOf   = 16 + 16 // count and serial number of a row under a key, and its links
	textBytes = 24
)

// bytesOf is about what a row of some columns takes in state.
func bytesOf(s types.Schema) int {
	n := rowBytes
	for _, c := range s {
		n += bytesOfType(c.Type)
	}
	return n
}

func bytesOfType(t types.Type) int {
	switch p := t.Physical(); {
	case p == types.PhysicalInt128, p == types.PhysicalInterval:
		return 16
	case p >= types.PhysicalBytes:
		return 8 + textBytes
	}
	return 8
}

// idle is when what nobody touches is forgotten.
func idle(ttl time.Duration) string {
	if ttl == 0 {
		return ""
	}
	return fmt.Sprintf("it was idle for %s", ttl)
}

// orEnd is for what a bounded input holds until its end.
func orEnd(final bool, until string) string {
	if final {
		return "the input has ended"
	}
	return until
}

// Keeps implements Keeper.
func (o *GroupAggregate) Keeps() Kept {
	return Kept{Each: "group", Bytes: bytesOf(o.Out) + 16, Until: orEnd(o.Final, idle(o.TTL))}
}

// Keeps implements Keeper.
func (o *WindowAggregate) Keeps() Kept {
	return Kept{Each: "group and part of a window", Bytes: bytesOf(o.Out), Until: "its window has ended"}
}

// Keeps implements Keeper.
func (o *ChangelogNormalize) Keeps() Kept {
	return Kept{Each: "key of " + o.Name, Bytes: bytesOf(o.Out)}
}

// Keeps implements Keeper.
func (o *FinalRows) Keeps() Kept {
	return Kept{Each: "row", Bytes: bytesOf(o.Out) + 8, Until: orEnd(true, "")}
}

// Keeps implements Keeper.
func (o *Sort) Keeps() Kept {
	return Kept{Each: "row", Bytes: bytesOf(o.Out), Until: orEnd(true, "")}
}

// Keeps implements Keeper.
func (o *SetOp) Keeps() Kept {
	k := Kept{Each: "row of either input", Bytes: bytesOf(o.Out) + 24, Until: orEnd(o.Final, idle(o.TTL)), Grows: true}
	if o.Time >= 0 {
		k.Until = "its window has ended"
	}
	return k
}

// Keeps implements Keeper.
func (o *IntervalJoin) Keeps() Kept {
	k := Kept{Each: "row of either input", Bytes: eitherSide(o.Out), Until: fmt.Sprintf("event time has passed it by up to %s", max(o.Upper, -o.Lower))}
	if o.Windows {
		k.Until = "its window has ended"
	}
	return k
}

// eitherSide is about what a row of one of two inputs takes, whose columns are in a schema.
func eitherSide(both types.Schema) int {
	return rowBytes + chainOf + (bytesOf(both)-rowBytes)/2
}

// Keeps implements Keeper: rows of a side that is corrected go when they are taken back.
func (o *Join) Keeps() Kept {
	k := Kept{Each: "row of either input", Bytes: eitherSide(o.Out) + 8}
	forgets := true
	for _, s := range o.Sides {
		k.Grows = k.Grows || !s.Updates
		forgets = forgets && s.TTL > 0
	}
	if forgets {
		k.Until = idle(max(o.Sides[0].TTL, o.Sides[1].TTL))
	}
	k.Until = orEnd(o.Final, k.Until)
	return k
}

// Keeps implements Keeper: the versions of a key, of which the watermark leaves the last one, unless
// rows may still be corrected that have met another one.
func (o *TemporalJoin) Keeps() Kept {
	if o.Corrected {
		k := Kept{Each: "version, and row that waits", Bytes: eitherSide(o.Out), Grows: true,
			Bounds: `"morphling.state.ttl" says for how long rows are corrected`}
		if o.TTL > 0 {
			k.Until = fmt.Sprintf("event time has passed it by %s, but for the newest", o.TTL)
		}
		return k
	}
	return Kept{Each: "version, and row that waits", Bytes: eitherSide(o.Out)}
}

// Keeps implements Keeper.
func (o *BroadcastJoin) Keeps() Kept {
	return Kept{Each: "row of the loaded side", Bytes: eitherSide(o.Out), Until: "the job ends"}
}

// Keeps implements Keeper.
func (o *UpsertMaterialize) Keeps() Kept {
	return Kept{Each: "row of a key", Bytes: bytesOf(o.Out) + chainOf}
}

// Keeps implements Keeper.
func (o *SemiJoin) Keeps() Kept {
	return Kept{Each: "row of either input", Bytes: (bytesOf(o.Out)+bytesOf(o.Right))/2 + chainOf, Until: orEnd(o.Final, idle(o.TTL)), Grows: true}
}

// Keeps implements Keeper.
func (o *SingleJoin) Keeps() Kept {
	return Kept{Each: "row of either input", Bytes: eitherSide(o.Out), Until: orEnd(o.Final, idle(o.TTL)), Grows: true}
}

// Grown lists the operators of a plan whose state nothing bounds but the rows themselves.
func (f *Dataflow) Grown() (out []Keeper) {
	for i := range f.Stages {
		for _, o := range f.Stages[i].Ops {
			if k, ok := o.(Keeper); ok && k.Keeps().Unbounded() {
				out = append(out, k)
			}
		}
	}
	return out
}

// Title is the beginning of an operator's line: what it is.
func Title(o Op) string {
	title, _, _ := strings.Cut(o.Describe(), ";")
	return title
}
