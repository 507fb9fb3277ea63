package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
)

// An expression as bytes is the list of its nodes, arguments before what is computed of them and
// the whole last; an argument is the number of its node in the list. So the nesting of the JSON,
// which its readers bound, does not grow with the depth of an expression: statements bound that,
// but views are inlined and their projections merged.

// nodes are those of one expression as they are written.
type nodes struct {
	bytes.Buffer
	count int
}

// expr writes the list, or, inside of one, the number of the argument.
func (e *encoder) expr(v reflect.Value) error {
	if e.nodes != nil {
		at, err := e.nodes.add(v)
		e.WriteString(strconv.Itoa(at))
		return err
	}
	list := &nodes{}
	if _, err := list.add(v); err != nil {
		return err
	}
	e.WriteByte('[')
	e.Write(list.Bytes())
	e.WriteByte(']')
	return nil
}

// add writes a node behind its arguments and gives its number.
func (n *nodes) add(v reflect.Value) (int, error) {
	node := encoder{nodes: n}
	if err := node.tagged(v); err != nil {
		return 0, err
	}
	if n.count > 0 {
		n.WriteByte(',')
	}
	n.Write(node.Bytes())
	n.count++
	return n.count - 1, nil
}

// expr reads what encoder.expr wrote.
func (d *decoder) expr(v reflect.Value, tree any) error {
	if d.nodes != nil {
		return d.argument(v, tree)
	}
	list, ok := tree.([]any)
	if !ok || len(list) == 0 {
		return unfit(v, tree)
	}
	in := &decoder{nodes: make([]Expr, 0, len(list))}
	for _, x := range list {
		object, ok := x.(map[string]any)
		if !ok {
			return unfit(v, x)
		}
		var node Expr
		if err := in.tagged(reflect.ValueOf(&node).Elem(), object); err != nil {
			return err
		}
		in.nodes = append(in.nodes, node)
	}
	whole := len(list) - 1
	for i, node := range in.nodes[:whole] {
		if node != nil {
			return fmt.Errorf("%w: node %d of an expression is in no other", ErrDamaged, i)
		}
	}
	v.Set(reflect.ValueOf(in.nodes[whole]))
	return nil
}

// argument sets v to a node that stands before this one. Each is taken once: a node in two others
// would be a few bytes for a tree without measure.
func (d *decoder) argument(v reflect.Value, tree any) error {
	n, ok := tree.(json.Number)
	if !ok {
		return unfit(v, tree)
	}
	at, err := strconv.Atoi(string(n))
	if err != nil || at < 0 || at >= len(d.nodes) || d.nodes[at] == nil {
		return fmt.Errorf("%w: an expression has no node %s here", ErrDamaged, n)
	}
	v.Set(reflect.ValueOf(d.nodes[at]))
	d.nodes[at] = nil
	return nil
}
