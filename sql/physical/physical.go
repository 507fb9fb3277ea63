// Package physical chooses how a statement runs: it walks a tree of logical nodes and
// gives a plan.Dataflow. Only here are stages, exchanges, partial aggregates, and the
// operators that make one changelog of another.
//
// Downwards a node is asked for what its reader wants of its rows; upwards come the rows, at
// the ends of stages. The tree is one that sql/optimizer has seen: aggregates are of columns.
package physical

import (
	"slices"
	"time"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Options are the settings that plans hang on.
type Options struct {
	// StateTTL is the idle time after which a group is forgotten; 0 keeps it for ever.
	StateTTL time.Duration
	// JoinTTL is the same for the rows of the left and the right side of joins.
	JoinTTL [2]time.Duration
	// OnePhase: rows are not combined in front of the exchange to the tasks of their groups.
	OnePhase bool
	// SplitDistinct says of which groups the distinct values are found by several tasks.
	SplitDistinct Split
	// SplitWindows: so it is with those over windows.
	SplitWindows bool
}

// Plan gives the dataflow of a statement.
func Plan(s *logical.Statement, o Options) *plan.Dataflow {
	b := newBuilder(o)
	b.flow.Functions = s.Functions
	b.flow.Reads, b.flow.Writes, b.flow.Output, b.flow.Limited = s.Reads, s.Writes, s.Output, s.Limited
	traits := logical.TraitsOf(s.Root)
	b.flow.Updating, b.flow.Bounded = traits.Updating(), traits.Bounded
	switch n := s.Root.(type) {
	case *logical.Write:
		b.write(n)
	case *logical.Writes:
		for _, w := range n.In {
			b.write(w.(*logical.Write))
		}
	default:
		b.result(n)
	}
	b.divert(s.Diverted)
	b.late(s.Late)
	b.placeWatermarks()
	return b.flow
}

// wanted is what a reader wants of rows.
type wanted struct {
	// before: the old version of a row that changes, in front of the new one.
	before bool
	// upsert: if set, rows by these columns will do, of which a later one replaces the
	// one before and a deletion may hold the key alone.
	upsert []int
}

// rows is what a node gives: the ends of stages, all with the same columns.
type rows struct {
	stages []int
	schema types.Schema
	// places has the column of each column of the node: an operator may have more.
	places plan.Places
	// hashed lists the columns by whose values the rows are spread over tasks, -1 for one
	// that is no longer there: empty if there is one task, nil if they lie anywhere.
	hashed []int
	// ways are the columns by whose values rows were spread on each of their ways from where they
	// were ordered, -1 for one that is no longer there: the changes of rows that are alike in all
	// columns of a way stay in order on it.
	ways   [][]int
	traits logical.Traits
	// late are columns behind those of schema, for what leaves late rows out (plan.LateRows).
	late []int
	// before: old versions come, wanted or not.
	before bool
}

// builder has the dataflow so far.
type builder struct {
	Options
	flow *plan.Dataflow
	// eventTimes has what sources could send watermarks of, by stage.
	eventTimes map[int]*plan.WatermarkSpec
	// shared has the rows of what several nodes read, held the stages that they come from.
	shared map[*logical.Shared]*rows
	held   map[int]bool
}

func newBuilder(o Options) *builder {
	return &builder{Options: o, flow: &plan.Dataflow{}, eventTimes: map[int]*plan.WatermarkSpec{},
		shared: map[*logical.Shared]*rows{}, held: map[int]bool{}}
}

// node builds a relation and what is below it.
func (b *builder) node(n logical.Node, w wanted) *rows {
	switch n := n.(type) {
	case *logical.Scan:
		return b.scan(n, w)
	case *logical.OneRow:
		return b.oneRow(n)
	case *logical.Values:
		return b.values(n)
	case *logical.Unnest:
		return b.unnest(n)
	case *logical.Series:
		return b.series(n)
	case *logical.Filter:
		return b.filter(n)
	case *logical.Project:
		return b.project(n, w)
	case *logical.SingleJoin:
		return b.singleJoin(n, w)
	case *logical.SemiJoin:
		return b.semiJoin(n, w)
	case *logical.Window:
		return b.window(n, w)
	case *logical.Expand:
		return b.expand(n, w)
	case *logical.SessionWindow:
		return b.sessionWindow(n)
	case *logical.ConditionSession:
		return b.conditionSession(n)
	case *logical.Aggregate:
		return b.aggregate(n, w)
	case *logical.SetOp:
		return b.union(n, w)
	case *logical.Shared:
		return b.sharedRows(n)
	case *logical.CountedSetOp:
		return b.countedSetOp(n)
	case *logical.Sort:
		return b.sort(n, w)
	case *logical.Rank:
		return b.rank(n, w)
	case *logical.Over:
		return b.over(n, w)
	case *logical.Versions:
		return b.versions(n)
	case *logical.Match:
		return b.match(n)
	case *logical.LateColumns:
		return b.besideLate(n, w)
	case *logical.Limit:
		return b.limit(n, w)
	case *logical.Join:
		if timed := b.timedJoin(n); timed != nil {
			return timed
		}
		return b.join(n, w)
	}
	panic("physical: no operator for " + logical.Print(n)[0])
}

// stage begins a stage without input.
func (b *builder) stage(name string) *plan.Stage {
	b.flow.Stages = append(b.flow.Stages, plan.Stage{ID: len(b.flow.Stages), Name: name})
	return &b.flow.Stages[len(b.flow.Stages)-1]
}

// add puts an operator at the end of the stages.
func (b *builder) add(r *rows, o plan.Op) {
	b.own(r)
	for _, s := range r.stages {
		b.flow.Stages[s].Ops = append(b.flow.Stages[s].Ops, o)
	}
	passes := o.Passes(0)
	for _, columns := range append(r.ways, r.hashed) {
		for i, c := range columns {
			if c >= 0 {
				columns[i] = slices.Index(passes, c)
			}
		}
	}
	r.schema = o.Schema()
}

// derive sets what is known of the rows of a node with one input.
func (r *rows) derive(n logical.Node) *rows {
	r.traits = n.Traits([]logical.Traits{r.traits})
	return r
}

// exchange ends the stages and begins one behind edges.
func (b *builder) exchange(r *rows, name string, by plan.Partitioning, keys []int) {
	s := b.stage(name)
	for _, from := range r.stages {
		b.flow.Edges = append(b.flow.Edges, plan.Edge{From: from, To: s.ID, By: by, Keys: keys})
	}
	r.stages = []int{s.ID}
	switch by {
	case plan.Hash:
		r.hashed = slices.Clone(keys)
		r.ways = append(r.ways, slices.Clone(keys))
	case plan.Single:
		r.hashed = []int{}
	default:
		r.hashed = nil
		r.ways = append(r.ways, []int{-1})
	}
}

// begin forgets the ways of rows but for that by some keys, on which they came last: what follows
// gives rows of its own, one of each of these keys.
func (r *rows) begin(keys []int) {
	r.ways = nil
	if len(keys) > 0 {
		r.ways = [][]int{slices.Clone(keys)}
	}
}

// ordered tells that the changes of rows with equal keys come in order: each of their ways was one
// for all of them.
func (r *rows) ordered(keys []int) bool {
	return !slices.ContainsFunc(r.ways, func(way []int) bool { return !subset(way, keys) })
}

// placeWatermarks lets those sources send watermarks behind which an operator needs them.
func (b *builder) placeWatermarks() {
	needed := make([]bool, len(b.flow.Stages))
	for i := len(needed) - 1; i >= 0; i-- { // each stage stands behind its inputs
		s := &b.flow.Stages[i]
		needed[i] = slices.ContainsFunc(s.Ops, func(o plan.Op) bool { return o.Needs().Watermarks })
		for _, e := range b.flow.Edges {
			needed[i] = needed[i] || e.From == i && needed[e.To]
		}
		if needed[i] && s.Source != nil {
			s.Source.Watermark = b.eventTimes[i]
		}
	}
}

// byKey brings rows of equal keys to one task, which is one alone without keys.
func (b *builder) byKey(r *rows, name string, keys []int) {
	if len(keys) == 0 {
		b.exchange(r, name, plan.Single, nil)
		return
	}
	b.exchange(r, name, plan.Hash, keys)
}

// single brings all rows to one task, in which the order is whole.
func (b *builder) single(r *rows) {
	if len(r.stages) != 1 || !b.alone(r.stages[0]) {
		b.exchange(r, "result", plan.Single, nil)
	}
}

// alone tells a stage that has one task and does not end before its input: behind a Limit
// an operator that waits for the end needs a stage of its own.
func (b *builder) alone(stage int) bool {
	limited := slices.ContainsFunc(b.flow.Stages[stage].Ops, func(o plan.Op) bool { _, ok := o.(*plan.Limit); return ok })
	return b.gathers(stage) && !limited
}

// gathers tells a stage to which all rows come.
func (b *builder) gathers(stage int) bool {
	return slices.ContainsFunc(b.flow.Edges, func(e plan.Edge) bool { return e.To == stage && e.By == plan.Single })
}

// exactly leaves the columns that the node has, in its order.
func (b *builder) exactly(r *rows, s types.Schema) {
	if len(r.schema) == len(s) {
		return
	}
	exprs := make([]plan.Expr, len(s))
	for i, c := range s {
		exprs[i] = &plan.Column{Index: r.places[i], Name: c.Name, Typ: c.Type}
	}
	b.add(r, &plan.Project{Exprs: exprs, Out: s})
	r.places = plan.SamePlaces(len(s))
}
