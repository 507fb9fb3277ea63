package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// several writes several rows for each of a batch: the first columns of it, beside others that
// are written by what embeds it. The two versions of a row are taken back and given apart then.
type several struct {
	failingRows
	keep int
	rows []int32         // rows of the batch, each as often as it is given
	on   *expr.Predicate // what is given must meet it
	met  []bool          // by row of the batch: whether something of it was given
	emitter
}

// begin takes the output of a call.
func (s *several) begin(out executor.Output) { s.out, s.err = out, nil }

// give sends the rows that were gathered; columns behind those that are kept are there.
func (s *several) give(b *column.Batch) error {
	s.fill(b)
	return s.finish()
}

// meeting sends those of the rows that were gathered which meet the condition, and notes what they were made of.
func (s *several) meeting(b *column.Batch) (err error) {
	if s.on == nil {
		for _, r := range s.rows {
			s.met[r] = true
		}
		return s.give(b)
	}
	rows := s.rows
	s.fill(b)
	sel, err := s.on.Select(s.batch, nil)
	if err != nil {
		sel, err = s.rest(err, s.batch, nil, func(rows []int32) ([]int32, error) { return s.on.Select(s.batch, rows) })
	}
	for _, i := range sel {
		s.met[rows[i]] = true
	}
	s.batch.Sel = sel
	if err != nil || len(sel) == 0 {
		s.batch.Reset()
		return err
	}
	return s.finish()
}

// fill puts the columns that are kept in front of the others.
func (s *several) fill(b *column.Batch) {
	for i := range s.keep {
		s.batch.Cols[i].AppendRows(b.Cols[i], s.rows, 0)
	}
	if len(b.Kinds) > 0 {
		for _, r := range s.rows {
			k := column.Insert
			if b.Kinds[r].Retracts() {
				k = column.Delete
			}
			s.batch.Kinds = append(s.batch.Kinds, k)
		}
	}
	s.batch.Rows, s.rows = len(s.rows), s.rows[:0]
}

// Unfold gives each row of a batch as often as there are rows of values for it, a batch for each
// of these.
type Unfold struct {
	executor.Stateless
	several
	times, width int
}

// NewUnfold makes the operator of a plan node.
func NewUnfold(p *plan.Unfold) *Unfold {
	return &Unfold{several: several{keep: p.Keep, emitter: emitter{batch: column.NewBatch(p.Out)}}, times: p.Rows, width: p.Width}
}

// Process implements executor.Operator.
func (u *Unfold) Process(_ int, b *column.Batch, out executor.Output) error {
	if b.Live() == 0 {
		return nil
	}
	u.begin(out)
	for n := range u.times {
		u.rows = liveRows(u.rows, b)
		for i := range u.width {
			u.batch.Cols[u.keep+i].AppendRows(b.Cols[u.keep+n*u.width+i], u.rows, 0)
		}
		if err := u.give(b); err != nil {
			return err
		}
	}
	return nil
}

// Series gives each row of a batch with the numbers of its series.
type Series struct {
	executor.Stateless
	several
	open  bool
	outer bool
	live  []int32
}

// NewSeries makes the operator of a plan node.
func NewSeries(p *plan.Series, o expr.Options) (*Series, error) {
	s := &Series{several: several{keep: p.Keep, emitter: emitter{batch: column.NewBatch(p.Out)}}, open: p.Open, outer: p.Outer}
	if p.On == nil {
		return s, nil
	}
	var err error
	s.on, err = expr.CompileFilter(p.On, o)
	return s, err
}

// Open implements executor.Operator.
func (s *Series) Open(env *executor.Env) error { return s.failingRows.Open(env) }

// Process implements executor.Operator.
func (s *Series) Process(_ int, b *column.Batch, out executor.Output) error {
	s.begin(out)
	s.live = liveRows(s.live, b)
	for s.met = s.met[:0]; len(s.met) < b.Rows; {
		s.met = append(s.met, false)
	}
	from, to, step := b.Cols[s.keep], b.Cols[s.keep+1], b.Cols[s.keep+2]
	for _, r := range s.live {
		i := int(r)
		if from.Null(i) || to.Null(i) || step.Null(i) {
			continue
		}
		if step.Ints[i] == 0 {
			if err := s.standsStill(); err != nil {
				return err
			}
			continue
		}
		if err := s.row(b, r, from.Ints[i], to.Ints[i], step.Ints[i]); err != nil {
			return err
		}
	}
	if len(s.rows) > 0 {
		if err := s.meeting(b); err != nil {
			return err
		}
	}
	return s.alone(b)
}

// alone gives the rows of which no number was given.
func (s *Series) alone(b *column.Batch) error {
	if !s.outer {
		return nil
	}
	for _, r := range s.live {
		if !s.met[r] {
			s.rows = append(s.rows, r)
			s.batch.Cols[s.keep].AppendNull()
		}
	}
	if len(s.rows) == 0 {
		return nil
	}
	return s.give(b)
}

// standsStill is the error of a step of 0, unless rows with errors are left out.
func (s *Series) standsStill() error {
	e := sqlerr.New(sqlerr.InvalidParameter, "step size cannot equal zero")
	if !s.env.SkipRows {
		return withSkipHint(e)
	}
	s.env.Counters.Failed.Add(1)
	s.env.Dropped.Rows("rows that cannot be computed are left out (on.error=skip)", string(e.Code), 1, "reason", e.Message)
	return nil
}

// row gives the series of one row.
func (s *Series) row(b *column.Batch, r int32, from, to, step int64) error {
	numbers := s.batch.Cols[s.keep]
	for n := from; (step > 0) == (n < to) && n != to || n == to && !s.open; n += step {
		numbers.AppendInt(n)
		if s.rows = append(s.rows, r); len(s.rows) >= column.BatchRows {
			if err := s.meeting(b); err != nil {
				return err
			}
		}
		if next := n + step; (step > 0) != (next > n) { // there is none behind the last number of all
			break
		}
	}
	return nil
}
