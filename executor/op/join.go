package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Join keeps the rows of both inputs and gives pairs as their second row comes.
type Join struct {
	executor.NoTimers
	failingRows
	sides [2]joinSide
	on    *joinTest // nil: none
	final bool
	give  joinOutput
	walk  joinWalk
}

// joinSide is one input. A row of it that is kept has one word: in the lower half the number of its
// partners, each as often as it is there (of a side whose partners never go: 1 for some), in the
// upper half when the row came last, in seconds since 1970, if there is a TTL.
type joinSide struct {
	keys   []int
	fixed  []int // the same in both versions of a row that is corrected
	cols   []int // all columns
	first  int   // of its columns in the output
	keeps  bool  // rows without a partner are given
	counts bool  // partners may go
	expiry expiry
	layout state.RowLayout
	rows   *state.Multimap

	hashes []uint64
	all    []int32 // of Apply, by selected row
	nulls  []int32 // rows of the batch without a key
	sel    []int32
	ids    []int32 // of the rows in sel
}

const partners = 1<<touchedAt - 1

// NewJoin makes the operator of a plan node.
func NewJoin(p *plan.Join, o expr.Options) (*Join, error) {
	j := &Join{final: p.Final}
	for port := range j.sides {
		j.sides[port] = newJoinSide(p, port)
	}
	appends := p.Final || p.Kind == plan.InnerJoin && !p.Sides[0].Updates && !p.Sides[1].Updates
	j.give = joinOutput{batch: column.NewBatch(p.Out), kinds: !appends, before: p.EmitBefore}
	if p.On == nil {
		return j, nil
	}
	var err error
	j.on, err = newJoinTest(p.On, p.Out, o)
	return j, err
}

func newJoinSide(p *plan.Join, port int) joinSide {
	s := joinSide{keys: p.Sides[port].Keys, fixed: p.Sides[port].Fixed, first: port * p.Left, keeps: p.Kind.Keeps(port), counts: p.Sides[1-port].Updates,
		expiry: expiry{newIdle(p.Sides[port].TTL)}}
	columns := p.Columns(port)
	s.layout = state.RowLayout{Columns: make([]types.Type, len(columns)), Key: s.keys, Init: []uint64{0}}
	for i, c := range columns {
		s.layout.Columns[i] = c.Type
		s.layout.Apart = s.layout.Apart || !p.Sides[port].Updates && timed(c.Type)
		s.cols = append(s.cols, i)
	}
	return s
}

// timed tells a column by which rows hardly ever are equal: counting equal ones would save nothing.
func timed(t types.Type) bool { return t.IsMoment() }

// Open implements executor.Operator.
func (j *Join) Open(env *executor.Env) (err error) {
	for port, name := range []string{"left", "right"} {
		if j.sides[port].rows, err = env.State.Multimap(name, j.sides[port].layout); err != nil {
			return err
		}
	}
	return j.failingRows.Open(env)
}

// Process enters the rows into their side and gives the pairs that come and go with them.
func (j *Join) Process(port int, b *column.Batch, out executor.Output) error {
	me, other := &j.sides[port], &j.sides[1-port]
	if err := me.enter(b); err != nil {
		return err
	}
	j.give.begin(b, me, other, out)
	j.walk.begin(j, b, me, other)
	other.rows.Match(&j.walk.found, b, me.keys, me.hashes, me.sel)
	for other.rows.More(&j.walk.found) {
		if err := j.walk.step(); err != nil {
			return err
		}
	}
	j.walk.end()
	j.note(me)
	err := j.give.finish()
	me.rows.Prune()
	return err
}

// enter puts the rows of a batch that have a key into the side. One that is taken back and is not
// there, since it was forgotten, is left out.
func (s *joinSide) enter(b *column.Batch) (err error) {
	s.hashes = column.HashColumns(s.hashes, b, s.keys)
	s.split(b)
	if s.all, err = s.rows.Apply(b, s.cols, s.hashes, s.sel, s.all); err != nil {
		return err
	}
	n := 0
	for i, id := range s.all {
		if id != state.Absent {
			s.sel[n], s.all[n] = s.sel[i], id
			n++
		}
	}
	s.sel, s.ids = s.sel[:n], s.all[:n]
	return nil
}

// split parts the rows that have a key from those that have none.
func (s *joinSide) split(b *column.Batch) {
	s.sel, s.nulls = liveRows(s.sel, b), s.nulls[:0]
	for _, k := range s.keys {
		v := b.Cols[k]
		if v.Valid == nil {
			continue
		}
		n := 0
		for _, r := range s.sel {
			if v.Valid.Get(int(r)) {
				s.sel[n] = r
				n++
			} else {
				s.nulls = append(s.nulls, r)
			}
		}
		s.sel = s.sel[:n]
	}
}

// note keeps with the rows that came how many partners they have, and when that was.
func (j *Join) note(s *joinSide) {
	if !s.keeps && s.expiry.ttl == 0 {
		return
	}
	now := s.expiry.stamp()
	for i, r := range s.sel {
		if j.give.b.Kind(int(r)).Retracts() {
			continue
		}
		n := uint64(0)
		if s.keeps {
			n = min(uint64(j.walk.partners[r]), partners)
		}
		s.rows.Write(s.ids[i])[0] = now | n
	}
}

// OnWatermark gives at the end what has found no partner, if that was to be waited for.
func (j *Join) OnWatermark(watermark int64, out executor.Output) error {
	if !j.final || watermark != executor.EndWatermark {
		return nil
	}
	for port := range j.sides {
		s := &j.sides[port]
		j.give.begin(nil, &j.sides[1-port], s, out)
		s.rows.Each(func(id int32) {
			if s.keeps && s.rows.Acc(id)[0]&partners == 0 {
				for range s.rows.Count(id) {
					j.give.row(state.Absent, id, column.Insert)
				}
			}
		})
		if err := j.give.finish(); err != nil {
			return err
		}
		s.rows.Each(s.rows.Remove)
		s.rows.Prune()
	}
	return nil
}

// Flush forgets rows that have not come again for long; it comes at least with every barrier.
func (j *Join) Flush(executor.Output) error {
	for port := range j.sides {
		j.sides[port].expiry.sweep(&j.sides[port].rows.Rows)
	}
	return nil
}

// Close implements executor.Operator.
func (j *Join) Close() error { return nil }
