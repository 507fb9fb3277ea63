package analyzer

import (
	"fmt"
	"slices"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// eventTie is an equality that the condition of an element asks for: of a column of its own event, and one of the last
// event of an element in front.
type eventTie struct {
	own, other int // columns of the rows
	of         int
}

// partitionEvents finds by what the events of a match are all equal, so that other events need not be in one task
// with them. OneTask says why there is nothing.
func (m *matching) partitionEvents(t *ast.EventPattern) error {
	if t.PartitionBy != nil {
		return m.partitionBy(t.PartitionBy)
	}
	list, why := m.eventKeys(t.Elements)
	if why == "" && !conf.PatternByKey.Get(m.a.Settings) {
		why = fmt.Sprintf("%s is not true", conf.PatternByKey.Name())
	}
	if m.node.OneTask = why; why != "" {
		return nil
	}
	m.node.ByKey = true
	for _, key := range list {
		m.node.Partition = append(m.node.Partition, m.ofStreams(key))
	}
	return nil
}

// partitionBy resolves PARTITION BY: each stream has a column of the name.
func (m *matching) partitionBy(list []ast.Ident) error {
	streams := 1
	if m.streams != nil {
		streams = len(m.streams.times)
	}
	for _, name := range list {
		key := make([]int, streams)
		for i := range key {
			s := &scope{columns: m.r.columns}
			if m.streams != nil {
				s.columns = m.ofOneStream(i)
			}
			c, err := s.column(&ast.ColumnRef{Pos: name.Pos, Parts: []string{name.Name}})
			if err != nil {
				return err
			}
			if key[i] = c.index; !tied(c.typ, m.r.columns[key[0]].typ) {
				return sqlerr.At(name.Pos, sqlerr.DatatypeMismatch, "%q is %s in one stream of the PATTERN and %s in another", name.Name, m.r.columns[key[0]].typ, c.typ).
					WithHint("Partitions are of columns of one type: CREATE STREAM … AS SELECT CAST(…) makes one.")
			}
		}
		m.node.Partition = append(m.node.Partition, m.ofStreams(key))
	}
	return nil
}

// ofStreams is the column of a key that is a column of each stream; integers of several types are the widest one.
func (m *matching) ofStreams(key []int) int {
	if len(key) == 1 {
		return key[0]
	}
	typ := m.r.columns[key[0]].typ
	for _, c := range key {
		if t := m.r.columns[c].typ; t.Kind > typ.Kind {
			typ = t
		}
	}
	return m.hidden(made("k", len(m.r.columns)), func(stream int) plan.Expr {
		c := m.r.at(key[stream])
		if c.Typ != typ {
			return &plan.Cast{Arg: c, Typ: typ}
		}
		return c
	})
}

// eventKeys are keys that are computed of the events of each stream.
func (m *matching) eventKeys(list []ast.EventElement) (keys [][]int, why string) {
	for i, e := range list {
		switch {
		case i > 0 && e.Link != ast.FollowedBy && e.Link != ast.NotFollowedBy:
			return nil, fmt.Sprintf("%s is the very next event", e.Name.Name)
		case i == 0 && e.Max != 1:
			return nil, fmt.Sprintf("%s comes several times", e.Name.Name)
		}
	}
	for _, v := range m.node.Values {
		switch {
		case v.Back > 0:
			return nil, "PREV is of the event in front, whichever it is"
		case v.Back < 0:
			return nil, "NEXT is of the event behind, whichever it is"
		}
	}
	ties := make([][]eventTie, len(list))
	for i := range list {
		ties[i] = m.ties(i)
	}
	why = fmt.Sprintf("no equality ties %s to another element", list[0].Name.Name)
	seen := map[int]bool{}
	for _, from := range ties {
		for _, t := range from {
			if t.of != 0 || seen[t.other] {
				continue
			}
			seen[t.other] = true
			key, untied := m.eventKey(t.other, ties, list)
			if key != nil {
				keys = append(keys, key)
			} else {
				why = untied
			}
		}
	}
	if keys != nil {
		why = ""
	}
	return keys, why
}

// eventKey follows a column of the first element to all others; nil: it does not come to each of them, or a stream
// would have two.
func (m *matching) eventKey(first int, ties [][]eventTie, list []ast.EventElement) (key []int, why string) {
	known := []int{first}
	for i := 1; i < len(list); i++ {
		at := slices.IndexFunc(ties[i], func(t eventTie) bool { return t.other == known[t.of] })
		if at < 0 {
			return nil, fmt.Sprintf("no equality ties %s to %s", list[i].Name.Name, list[0].Name.Name)
		}
		known = append(known, ties[i][at].own)
	}
	byStream := map[int]int{}
	for i, c := range known {
		stream := 0
		if m.streams != nil {
			stream = m.streams.column[c]
		}
		if former, ok := byStream[stream]; ok && former != c {
			return nil, fmt.Sprintf("%s is tied by another column of its stream", list[i].Name.Name)
		}
		byStream[stream] = c
	}
	for stream := range len(byStream) {
		key = append(key, byStream[stream])
	}
	return key, ""
}

// ties are the equalities of an element's condition.
func (m *matching) ties(element int) (out []eventTie) {
	for _, x := range logical.Conjuncts(m.node.Variables[element].Cond) {
		c, ok := x.(*plan.Call)
		if !ok || c.Func != "=" {
			continue
		}
		own, of := m.side(c.Args[0], element)
		other, from := m.side(c.Args[1], element)
		if of != element {
			own, of, other, from = other, from, own, of
		}
		if of == element && from >= 0 && from < element && tied(m.r.columns[own].typ, m.r.columns[other].typ) {
			out = append(out, eventTie{own: own, other: other, of: from})
		}
	}
	return out
}

// side is the column of an event that is a side of an equality in the condition of an element, perhaps as a wider integer,
// and the element whose it is, -1 for none.
func (m *matching) side(x plan.Expr, element int) (column, of int) {
	if cast, ok := x.(*plan.Cast); ok && cast.Typ.IsInteger() && cast.Arg.Type().IsInteger() && cast.Typ.Kind > cast.Arg.Type().Kind {
		x = cast.Arg
	}
	c, ok := x.(*plan.Column)
	if !ok {
		return -1, -1
	}
	switch v := m.node.Values[c.Index]; {
	case v.Back != 0 || v.Offset > 0:
	case v.Kind == plan.MatchCurrent:
		return v.Column, element
	case v.Kind == plan.MatchLast && len(v.Of) == 1:
		return v.Column, v.Of[0]
	}
	return -1, -1
}

// tied tells types of columns whose equal values are spread to one task.
func tied(a, b types.Type) bool {
	switch a.Kind {
	case types.Boolean, types.String, types.Varchar, types.Date, types.Timestamp, types.Decimal:
		return a == b
	}
	return a.IsInteger() && b.IsInteger()
}
