package expr

import (
	"strings"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// JSON_VALUE, JSON_QUERY and JSON_EXISTS with clauses. What a path leads to is found as text and converted, all rows of
// a batch at once; where there is none, or an error, the clauses say what stands for it.

// notFound says why a path leads to no value.
type notFound uint8

const (
	wasFound   notFound = iota
	wasNull             // null, which is NULL
	wasEmpty            // nothing is there
	wasNoJSON           // the text is no JSON
	wasSeveral          // several values are there
	wasMissing          // a strict path has a step that leads nowhere
	wasNested           // an object or an array, where a scalar is wanted
	wasScalar           // a scalar, where an object or an array is wanted
)

// faults are the errors of ERROR ON EMPTY and ERROR ON ERROR, with the states that the standard gives them.
var faults = map[notFound]struct {
	code sqlerr.Code
	text string
}{
	wasEmpty:   {sqlerr.NoJSONItem, "no JSON value at the path"},
	wasNoJSON:  {sqlerr.InvalidJSON, "the text is no JSON"},
	wasSeveral: {sqlerr.SeveralJSONItems, "the path leads to several JSON values"},
	wasMissing: {sqlerr.NoJSONItem, "no JSON value at a step of the strict path"},
	wasNested:  {sqlerr.NoJSONScalar, "the path leads to an object or an array, not to a scalar"},
	wasScalar:  {sqlerr.NoJSONScalar, "the path leads to a scalar, not to an object or an array"},
}

func (n notFound) err() error {
	f := faults[n]
	return sqlerr.New(f.code, "%s", f.text)
}

// finder gives the text of what a path leads to.
type finder func(doc []byte, p *value.JSONPath) ([]byte, notFound)

// reach gives the only value.
func reach(doc []byte, p *value.JSONPath) ([]byte, notFound) {
	v, state := onlyOne(doc, p)
	switch {
	case state == foundOne:
		return v, wasFound
	case state == foundNone:
		return nil, wasEmpty
	case p.Strict && !p.Several:
		return nil, wasMissing
	}
	return nil, wasSeveral
}

// findScalar is JSON_VALUE's; of JSON, as MySQL has it, any value is one.
func findScalar(any bool) finder {
	return func(doc []byte, p *value.JSONPath) ([]byte, notFound) {
		v, state := reach(doc, p)
		switch {
		case state != wasFound:
			return nil, state
		case v[0] == 'n':
			return nil, wasNull
		case any:
			return v, wasFound
		case !isScalar(v):
			return nil, wasNested
		}
		return value.Unquoted(v), wasFound
	}
}

// findPart is JSON_QUERY's.
func findPart(form string) finder {
	switch {
	case strings.HasPrefix(form, "WITH WRAPPER"):
		return func(doc []byte, p *value.JSONPath) ([]byte, notFound) { return wrapped(doc, p, true) }
	case strings.HasPrefix(form, "WITH CONDITIONAL"):
		return func(doc []byte, p *value.JSONPath) ([]byte, notFound) { return wrapped(doc, p, false) }
	}
	scalars, bare := strings.Contains(form, "QUOTES"), strings.Contains(form, "OMIT QUOTES")
	return func(doc []byte, p *value.JSONPath) ([]byte, notFound) {
		v, state := reach(doc, p)
		switch {
		case state != wasFound:
			return nil, state
		case !isScalar(v):
			return v, wasFound
		case !scalars:
			return nil, wasScalar
		case bare:
			return value.Unquoted(v), wasFound
		}
		return v, wasFound
	}
}

// wrapped gives an array of all that a path leads to; a single object or array as it is unless always is set.
func wrapped(doc []byte, p *value.JSONPath, always bool) ([]byte, notFound) {
	text, last, n := []byte{'['}, []byte(nil), 0
	met := p.Each(doc, func(v []byte) bool {
		if n++; n > 1 {
			text = append(text, ',')
		}
		last, text = v, append(text, v...)
		return true
	})
	switch {
	case p.Strict && !met:
		return nil, wasMissing
	case n == 0:
		return nil, wasEmpty
	case n == 1 && !always && !isScalar(last):
		return last, wasFound
	}
	return append(text, ']'), wasFound
}

// otherwise is what a clause gives in place of a value.
type otherwise struct {
	raise bool
	value Evaluator
	rows  []int32
}

// foundValue is JSON_VALUE or JSON_QUERY with clauses.
type foundValue struct {
	doc, path Evaluator
	paths     func(vs []*column.Vector, i int) ([]value.JSONPath, error)
	find      finder
	texts     scratch      // what was found
	in        column.Batch // of texts
	convert   Evaluator    // over in
	found     []int32
	empty     otherwise
	failed    otherwise
	out       scratch
}

func compileFound(e *plan.Call, args []Evaluator, o Options) (Evaluator, error) {
	paths, err := pathsOf(args[:2], 1)
	if err != nil {
		return nil, err
	}
	clauses := e.Args[2].(*plan.Const).Text
	text := types.Of(types.String)
	k := &foundValue{doc: args[0], path: args[1], paths: paths, texts: newScratch(text), out: newScratch(e.Typ), find: findPart(clauses)}
	if e.Func == "json_value_or" {
		k.find = findScalar(e.Typ.Kind == types.JSON)
	}
	k.in.Cols = []*column.Vector{k.texts.v}
	k.empty = otherwise{raise: strings.Contains(clauses, "ERROR ON EMPTY"), value: args[3]}
	k.failed = otherwise{raise: strings.Contains(clauses, "ERROR ON ERROR"), value: args[4]}
	k.convert, err = newCast(columnRef(0), &plan.Cast{Arg: &plan.Column{Typ: text}, Typ: e.Typ, Try: !k.failed.raise}, o)
	return k, err
}

func (k *foundValue) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	vs, err := evalAll([]Evaluator{k.doc, k.path}, b, sel)
	if err != nil {
		return nil, err
	}
	out, texts := k.out.ready(b.Rows), k.texts.ready(b.Rows)
	k.found, k.empty.rows, k.failed.rows = k.found[:0], k.empty.rows[:0], k.failed.rows[:0]
	err = rows(b, sel, out, vs, func(i int) error { return k.row(vs, texts, i, b.Rows) })
	if err != nil {
		return nil, err
	}
	if err := k.converted(out, b.Rows); err != nil {
		return nil, err
	}
	for _, o := range []*otherwise{&k.empty, &k.failed} {
		if len(o.rows) == 0 {
			continue
		}
		v, err := o.value.Eval(b, o.rows)
		if err != nil {
			return nil, err
		}
		if err := copyRows(&k.out, out, v, o.rows, b.Rows); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// row looks for the value of a row.
func (k *foundValue) row(vs []*column.Vector, texts *column.Vector, i, n int) error {
	list, err := k.paths(vs, i)
	if err != nil {
		return err
	}
	v, state := []byte(nil), wasNoJSON
	if doc, ok := documentOf(vs[0], i); ok {
		v, state = k.find(doc, &list[0])
	}
	o := &k.failed
	switch state {
	case wasFound:
		texts.SetBytes(i, v)
		k.found = append(k.found, int32(i))
		if len(texts.Slab) > maxSlab {
			return ErrTooMuch
		}
		return nil
	case wasNull:
		k.out.setNull(i, n)
		return nil
	case wasEmpty:
		o = &k.empty
	}
	if o.raise {
		return state.err()
	}
	o.rows = append(o.rows, int32(i))
	return nil
}

// converted brings what was found to the type that is wanted; what cannot be is an error.
func (k *foundValue) converted(out *column.Vector, n int) error {
	if len(k.found) == 0 {
		return nil
	}
	k.in.Rows = n
	v, err := k.convert.Eval(&k.in, k.found)
	if err != nil {
		return err
	}
	kept := k.found[:0]
	for _, i := range k.found {
		if v.Null(int(i)) {
			k.failed.rows = append(k.failed.rows, i)
		} else {
			kept = append(kept, i)
		}
	}
	return copyRows(&k.out, out, v, kept, n)
}

// compileExists is JSON_EXISTS with ON ERROR.
func compileExists(e *plan.Call, args []Evaluator) (Evaluator, error) {
	args = args[:2]
	paths, err := pathsOf(args, 1)
	if err != nil {
		return nil, err
	}
	word, _, _ := strings.Cut(e.Args[2].(*plan.Const).Text, " ")
	return newRowFunc(e, args, func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		list, err := paths(vs, i)
		if err != nil {
			return false, err
		}
		state, p := wasNoJSON, &list[0]
		if doc, ok := documentOf(vs[0], i); ok {
			there := false
			met := p.Each(doc, func([]byte) bool { there = true; return false })
			if met || !p.Strict {
				out.Bools[i] = there
				return true, nil
			}
			state = wasMissing
		}
		out.Bools[i] = word == "TRUE"
		if word == "ERROR" {
			return false, state.err()
		}
		return word != "UNKNOWN", nil
	}), nil
}

// compileRows is an array of all that a path leads to, the rows of JSON_TABLE.
func compileRows(e *plan.Call, args []Evaluator) (Evaluator, error) {
	behind := args[3:] // an array whose elements come first, as NULLs
	args = append(args[:2:2], behind...)
	paths, err := pathsOf(args[:2], 1)
	if err != nil {
		return nil, err
	}
	raise := e.Args[2].(*plan.Const).Text == "ERROR ON ERROR"
	return newRowFunc(e, args, func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		list, err := paths(vs, i)
		if err != nil {
			return false, err
		}
		elements := out.Kids[0]
		off := elements.Len()
		for _, v := range vs[2:] {
			for range v.Views[i].Len {
				elements.AppendNull()
			}
		}
		doc, ok := documentOf(vs[0], i)
		met := ok && list[0].Each(doc, func(v []byte) bool {
			elements.AppendBytes(v)
			return len(elements.Slab) <= maxSlab
		})
		switch {
		case len(elements.Slab) > maxSlab:
			return false, ErrTooMuch
		case raise && !ok:
			return false, wasNoJSON.err()
		case raise && list[0].Strict && !met:
			return false, wasMissing.err()
		}
		return true, closeArray(out, i, off)
	}), nil
}
