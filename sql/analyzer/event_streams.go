package analyzer

import (
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// eventStreams are the streams of a PATTERN that has several. Their events are one relation: the event time, the number
// of the stream, and the columns of all streams, of which those of the others are NULL.
type eventStreams struct {
	of     map[string]int // by the name of an element in lower case
	column []int          // by column of the relation its stream; of what all have -1
	times  []int          // by stream its own event time
}

// The first columns of events of several streams.
const (
	eventTimeColumn = iota
	eventStreamColumn
	eventColumns // of the streams
)

// events are those of the streams of all elements; the second result is nil if there is one.
func (a *analysis) events(t *ast.EventPattern) (*relation, *eventStreams, error) {
	s := &eventStreams{of: map[string]int{}}
	var tables []*ast.TableName
	for _, e := range t.Elements {
		i := slices.IndexFunc(tables, func(x *ast.TableName) bool { return strings.EqualFold(x.String(), e.Table.String()) })
		if i < 0 {
			i, tables = len(tables), append(tables, e.Table)
		}
		s.of[strings.ToLower(e.Name.Name)] = i
	}
	list := make([]*relation, len(tables))
	for i, table := range tables {
		var err error
		if list[i], err = a.from(table); err != nil {
			return nil, nil, err
		}
		if err := matchable(list[i], table.Position(), "PATTERN"); err != nil {
			return nil, nil, err
		}
	}
	if len(list) == 1 {
		return list[0], nil, nil
	}
	times, err := eventTimes(list, tables)
	if err != nil {
		return nil, nil, err
	}
	a.parts++
	return s.union(list, times), s, nil
}

// eventTimes are the columns by which events of several streams are put in one order.
func eventTimes(list []*relation, tables []*ast.TableName) (times []int, err error) {
	times = make([]int, len(list))
	for i, r := range list {
		if times[i], err = r.streamTime(tables[i].Position()); err != nil {
			return nil, err
		}
		first, pos := list[0], tables[i].Position()
		if isArrival(r.node, times[i]) != isArrival(first.node, times[0]) {
			return nil, sqlerr.At(pos, sqlerr.FeatureNotSupported, "a PATTERN over streams of which one has an event time and another has none is not supported").
				WithHint("Declare WATERMARK FOR a TIMESTAMP column of both, or of none.")
		}
		if a, b := first.columns[times[0]].typ, r.columns[times[i]].typ; a != b {
			return nil, sqlerr.At(pos, sqlerr.DatatypeMismatch, "the event times of the streams of a PATTERN must be of one type, and are %s and %s", a, b).
				WithHint("Declare them with one precision.")
		}
	}
	return times, nil
}

// union makes one relation of the events of several.
func (s *eventStreams) union(list []*relation, times []int) *relation {
	out := &relation{}
	add := func(stream int, c scopeColumn) {
		c.index = len(out.columns)
		out.columns, s.column = append(out.columns, c), append(s.column, stream)
	}
	add(-1, scopeColumn{typ: list[0].columns[times[0]].typ, hidden: true})
	add(-1, scopeColumn{typ: types.Of(types.Int), hidden: true})
	for i, r := range list {
		s.times = append(s.times, len(out.columns)+times[i])
		for _, c := range r.columns {
			add(i, c)
		}
	}
	schema := out.schema()
	schema[eventTimeColumn].Name, schema[eventStreamColumn].Name = made("t", 0), made("s", 0)
	union := &logical.SetOp{Out: schema}
	for i, r := range list {
		union.In = append(union.In, &logical.Project{Input: r.node, Exprs: s.columnsOf(i, r, times[i], schema), Out: schema})
	}
	out.node, out.traits = union, logical.TraitsOf(union)
	return out
}

// columnsOf are all columns of the events of one stream.
func (s *eventStreams) columnsOf(stream int, r *relation, time int, schema types.Schema) []plan.Expr {
	out := []plan.Expr{r.at(time), &plan.Const{Typ: schema[eventStreamColumn].Type, Int: int64(stream)}}
	own := 0
	for i := eventColumns; i < len(schema); i++ {
		if s.column[i] != stream {
			out = append(out, &plan.Const{Typ: schema[i].Type, Null: true})
			continue
		}
		out, own = append(out, r.at(own)), own+1
	}
	return out
}

// stream is that of the events that an element stands for, by its name, or by its number if it has none.
func (m *matching) stream(element string) int {
	if s, ok := m.streams.of[element]; ok {
		return s
	}
	if m.define >= 0 {
		return m.streams.of[strings.ToLower(m.node.Variables[m.define].Name)]
	}
	return -1
}

// visible are the columns of the rows that a variable stands for; an empty name: of the one that is asked about.
func (m *matching) visible(variable string) []scopeColumn {
	if m.streams == nil {
		return slices.Clone(m.r.columns)
	}
	return m.ofOneStream(m.stream(variable))
}

// hidden adds a column that is computed of the rows, and gives its number. Of several streams it has a value of each.
func (m *matching) hidden(name string, of func(stream int) plan.Expr) int {
	r := m.r
	if m.streams == nil {
		return r.hidden(name, of(0))
	}
	n, union := len(r.columns), *r.node.(*logical.SetOp)
	out := types.Column{Name: name, Type: of(0).Type()}
	inputs := union.In
	union.In, union.Out = nil, append(slices.Clip(union.Out), out)
	for i, in := range inputs {
		p := in.(*logical.Project)
		x := plan.MapColumns(of(i), func(c *plan.Column) plan.Expr { return p.Exprs[c.Index] })
		union.In = append(union.In, &logical.Project{Input: p.Input, Exprs: append(slices.Clip(p.Exprs), x), Out: union.Out})
	}
	r.node, r.traits = &union, logical.TraitsOf(&union)
	r.columns = append(r.columns, scopeColumn{typ: out.Type, index: n, hidden: true})
	return n
}

// asks adds the column that tells whether a row alone may stand for a variable; a nil condition: every one of its stream.
func (m *matching) asks(variable int, cond plan.Expr) int {
	boolean := types.Of(types.Boolean)
	return m.hidden(made("a", variable), func(stream int) plan.Expr {
		own := m.streams == nil || stream == m.streams.of[strings.ToLower(m.node.Variables[variable].Name)]
		if own && cond != nil {
			return cond
		}
		return &plan.Const{Typ: boolean, Bool: own}
	})
}

// ofOneStream are the columns of a stream.
func (m *matching) ofOneStream(stream int) (out []scopeColumn) {
	for i, c := range m.r.columns {
		if i < len(m.streams.column) && m.streams.column[i] == stream {
			out = append(out, c)
		}
	}
	return out
}
