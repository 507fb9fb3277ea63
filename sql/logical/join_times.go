package logical

import (
	"math"
	"slices"
	"time"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// SameWindow tells that rows meet only within the window that both belong to, given what is known
// of the inputs: the ends of both windows, which are event times, must be equal.
func (j *Join) SameWindow(l, r Traits) bool {
	return l.windowEnds() && r.windowEnds() && !l.Updating() && !r.Updating() && slices.Contains(j.Equal, Pair{l.Window.End, r.Window.End})
}

// windowEnds tells that each row belongs to a window whose end is an event time.
func (t *Traits) windowEnds() bool {
	return t.Window != nil && slices.Contains(t.EventTimes, t.Window.End)
}

// times sets what is known of the event times of a join by time. Those of a side that may be
// missing are none.
func (j *Join) times(t *Traits, l, r Traits) {
	width := len(j.Left.Schema())
	leftStays, rightStays := j.Kind == Inner || j.Kind == Left, j.Kind == Inner || j.Kind == Right
	window := j.SameWindow(l, r)
	port, broadcast := j.Broadcast(l, r)
	var left, right int
	switch {
	case j.Temporal() || broadcast && port == 1:
		t.EventTimes, t.RowTimes, t.Window = l.EventTimes, l.RowTimes, shiftedWindow(l.Window, 0)
		return
	case broadcast:
		t.EventTimes, t.Window = shifted([][]int{r.EventTimes}, width)[0], shiftedWindow(r.Window, width)
		return
	case j.Within != nil:
		left, right = j.Within.Left, j.Within.Right
	case window:
		left, right = l.Window.End, r.Window.End
	default:
		return
	}
	if leftStays {
		t.EventTimes = append(t.EventTimes, left)
	}
	if rightStays {
		t.EventTimes = append(t.EventTimes, width+right)
	}
	switch {
	case window && leftStays:
		t.Window = &Attached{Start: l.Window.Start, End: l.Window.End, Kind: l.Window.Kind, Final: true}
	case window && rightStays:
		t.Window = shiftedWindow(&Attached{Start: r.Window.Start, End: r.Window.End, Kind: r.Window.Kind, Final: true}, width)
	}
}

// shiftedWindow is the window of joined rows, whose columns stand behind so many others.
func shiftedWindow(w *Attached, by int) *Attached {
	if w == nil {
		return nil
	}
	out := *w
	out.Assigned = false
	if out.Start >= 0 {
		out.Start += by
	}
	if out.End >= 0 {
		out.End += by
	}
	return &out
}

// Broadcast tells that one side ends and the other one does not, so that it can be loaded whole
// before the first row of the other one, given what is known of the inputs; port is its number. The
// other side is never corrected, and what of it meets nothing may be wanted, but not of the side that
// ends: nobody knows when it met none.
func (j *Join) Broadcast(l, r Traits) (port int, ok bool) {
	switch {
	case j.Temporal() || l.Bounded == r.Bounded:
		return 0, false
	case r.Bounded:
		return 1, !l.Updating() && (j.Kind == Inner || j.Kind == Left)
	}
	return 0, !r.Updating() && (j.Kind == Inner || j.Kind == Right)
}

// within finds among conditions on the pairs of a join bounds of two event times, one of each side,
// and gives the other conditions. Equal times are near, too.
func (j *Join) within(conds []plan.Expr) (*Within, []plan.Expr) {
	if j.Within != nil {
		return j.Within, conds
	}
	l, r := TraitsOf(j.Left), TraitsOf(j.Right)
	if !j.byTimes(l, r) || j.SameWindow(l, r) {
		return nil, conds
	}
	for _, left := range l.EventTimes {
		for _, right := range r.EventTimes {
			b := bounds{pair: Pair{left, right}, width: len(j.Left.Schema()), lower: math.MinInt64, upper: math.MaxInt64}
			if slices.Contains(j.Equal, b.pair) {
				b.lower, b.upper = 0, 0
			}
			if rest := b.take(conds); b.both() {
				return &Within{Pair: b.pair, Lower: time.Duration(b.lower) * time.Microsecond, Upper: time.Duration(b.upper) * time.Microsecond}, rest
			}
		}
	}
	return nil, conds
}

// byTimes tells that bounds of two event times can end what is kept of the sides.
func (j *Join) byTimes(l, r Traits) bool {
	_, broadcast := j.Broadcast(l, r)
	return !j.Temporal() && !broadcast && !l.Updating() && !r.Updating()
}

// nearTimes tells an equality of two event times with an interval between them: rows meet by it, and it bounds
// how long they are kept. Of times that are equal as they are the pair of columns says it.
func (j *Join) nearTimes(e plan.Expr) bool {
	c, ok := e.(*plan.Call)
	if !ok || c.Func != "=" || len(c.Args) != 2 || j.Within != nil {
		return false
	}
	x, plusX, okX := shiftedTime(c.Args[0])
	y, plusY, okY := shiftedTime(c.Args[1])
	width := len(j.Left.Schema())
	if x > y {
		x, y = y, x
	}
	if !okX || !okY || plusX == plusY || x < 0 || x >= width || y < width {
		return false
	}
	l, r := TraitsOf(j.Left), TraitsOf(j.Right)
	between := l.windowEnds() && r.windowEnds() // which rows meet by as they are
	return j.byTimes(l, r) && !between && slices.Contains(l.EventTimes, x) && slices.Contains(r.EventTimes, y-width)
}

// bounds are those of left - right, in microseconds.
type bounds struct {
	pair         Pair
	width        int // columns of the left side
	lower, upper int64
}

// longest is what a time.Duration holds.
const longest = math.MaxInt64 / int64(time.Microsecond)

func (b *bounds) both() bool {
	return b.lower > -longest && b.lower < longest && b.upper > -longest && b.upper < longest
}

// take narrows the bounds by conditions, and gives those that say something else.
func (b *bounds) take(conds []plan.Expr) (rest []plan.Expr) {
	for _, c := range conds {
		if !b.narrow(c) {
			rest = append(rest, c)
		}
	}
	return rest
}

// flipped is what a comparison becomes when its sides change places.
var flipped = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}

// narrow takes a condition if it compares the two times.
func (b *bounds) narrow(e plan.Expr) bool {
	c, ok := e.(*plan.Call)
	if !ok || flipped[c.Func] == "" || len(c.Args) != 2 {
		return false
	}
	x, plusX, okX := shiftedTime(c.Args[0])
	y, plusY, okY := shiftedTime(c.Args[1])
	if !okX || !okY {
		return false
	}
	op := c.Func
	if x >= b.width {
		x, y, plusX, plusY, op = y, x, plusY, plusX, flipped[op]
	}
	if x != b.pair.Left || y != b.width+b.pair.Right {
		return false
	}
	switch by := plusY - plusX; op { // left + plusX op right + plusY
	case "=":
		b.lower, b.upper = max(b.lower, by), min(b.upper, by)
	case ">=":
		b.lower = max(b.lower, by)
	case ">":
		b.lower = max(b.lower, by+1)
	case "<=":
		b.upper = min(b.upper, by)
	case "<":
		b.upper = min(b.upper, by-1)
	}
	return true
}

// shiftedTime reads a time column, plus or minus constant intervals in microseconds. That it is
// brought to a finer precision changes nothing.
func shiftedTime(e plan.Expr) (column int, plus int64, ok bool) {
	switch e := e.(type) {
	case *plan.Column:
		return e.Index, 0, e.Typ.IsMoment()
	case *plan.Cast:
		from := e.Arg.Type()
		if !e.Typ.IsMoment() || from.Kind != e.Typ.Kind || e.Typ.Precision < from.Precision {
			return 0, 0, false
		}
		return shiftedTime(e.Arg)
	case *plan.Call:
		if e.Func != "add_time" || len(e.Args) != 2 {
			return 0, 0, false
		}
		by, constant := e.Args[1].(*plan.Const)
		column, plus, ok = shiftedTime(e.Args[0])
		if !constant || by.Null || by.Int <= -longest || by.Int >= longest {
			return 0, 0, false
		}
		return column, plus + by.Int, ok && plus > -longest && plus < longest
	}
	return 0, 0, false
}

// ByVersion is a temporal join whose first KeyPairs of Equal are those by which a row finds its
// version: a unique key of the right side, perhaps brought to a wider type. False if there is none.
func (j *Join) ByVersion() (*Join, bool) {
	for _, set := range TraitsOf(j.Right).Unique {
		var by []Pair
		for _, c := range set {
			if i := slices.IndexFunc(j.Equal, func(p Pair) bool { return p.Right == c || j.widened(p.Right, c) }); i >= 0 {
				by = append(by, j.Equal[i])
			}
		}
		if len(by) < len(set) || len(set) == 0 {
			continue
		}
		out := *j
		out.KeyPairs, out.Equal = len(by), by
		for _, p := range j.Equal {
			if !slices.Contains(by, p) {
				out.Equal = append(out.Equal, p)
			}
		}
		return &out, true
	}
	return j, false
}

// widened tells that a column of the right side is another one in a type that tells as many values
// apart.
func (j *Join) widened(column, of int) bool {
	p, ok := j.Right.(*Project)
	if !ok {
		return false
	}
	to, ok := p.Exprs[column].(*plan.Cast)
	if !ok || to.Try {
		return false
	}
	from, ok := to.Arg.(*plan.Column)
	same := ok && p.place(from.Index) == of
	return same && (from.Typ.IsInteger() && to.Typ.IsInteger() || from.Typ.IsText() && to.Typ.Kind == types.String)
}

// Rest is what must be true of a row and the version that was found by its key: the other
// equalities, and On.
func (j *Join) Rest() plan.Expr {
	schema, width := j.Schema(), len(j.Left.Schema())
	column := func(i int) plan.Expr { return &plan.Column{Index: i, Name: schema[i].Name, Typ: schema[i].Type} }
	var conds []plan.Expr
	for _, p := range j.Equal[j.KeyPairs:] {
		conds = append(conds, &plan.Call{Func: "=", Args: []plan.Expr{column(p.Left), column(width + p.Right)}, Typ: types.Of(types.Boolean)})
	}
	return Conjunction(append(conds, Conjuncts(j.On)...))
}
