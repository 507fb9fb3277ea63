package expr

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// A path of JSON_VALUE: $, then .name, ."any name" or [number], as often as wanted.

// pathStep is a member of an object, or an element of an array if name is not meant.
type pathStep struct {
	name  string
	index int // -1: a member
}

func parsePath(path string) ([]pathStep, error) {
	var steps []pathStep
	rest, ok := strings.CutPrefix(strings.TrimSpace(path), "$")
	for ok && rest != "" {
		var s pathStep
		if s, rest, ok = nextStep(rest); ok {
			steps = append(steps, s)
		}
	}
	if !ok {
		return nil, sqlerr.New(sqlerr.InvalidParameter, "invalid JSON path %q", path).WithHint(`A path reads $.name."any name"[0].`)
	}
	return steps, nil
}

func nextStep(path string) (s pathStep, rest string, ok bool) {
	switch {
	case path[0] == '[':
		digits, rest, found := strings.Cut(path[1:], "]")
		n, err := strconv.ParseUint(strings.TrimSpace(digits), 10, 31)
		return pathStep{index: int(n)}, rest, found && err == nil
	case strings.HasPrefix(path, `."`):
		quoted, err := strconv.QuotedPrefix(path[1:])
		if err != nil {
			return s, "", false
		}
		err = json.Unmarshal([]byte(quoted), &s.name)
		s.index = -1
		return s, path[1+len(quoted):], err == nil
	case path[0] == '.':
		end := strings.IndexAny(path[1:], `.["]*`)
		if end < 0 {
			end = len(path) - 1
		}
		rest = path[1+end:]
		return pathStep{name: path[1 : 1+end], index: -1}, rest, end > 0 && (rest == "" || rest[0] == '.' || rest[0] == '[')
	}
	return s, "", false
}

// compileJSONValue reads a constant path once, so that a wrong one is found before any row.
func compileJSONValue(e *plan.Call, args []Evaluator) (Evaluator, error) {
	find := func(vs []*column.Vector, i int) ([]pathStep, error) { return parsePath(string(vs[1].Bytes(i))) }
	if p, ok := constantText(args[1]); ok {
		steps, err := parsePath(p)
		if err != nil {
			return nil, err
		}
		find = func([]*column.Vector, int) ([]pathStep, error) { return steps, nil }
	}
	return newRowFunc(e, args, func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		steps, err := find(vs, i)
		if err != nil {
			return false, err
		}
		b, ok := jsonValue(vs[0].Bytes(i), steps)
		if ok {
			out.SetBytes(i, b)
		}
		return ok, nil
	}), nil
}

// jsonValue gives a scalar as text, an object or an array as it is written; what is not
// there, null, and what is no JSON give nothing.
func jsonValue(b []byte, path []pathStep) (text []byte, ok bool) {
	if !json.Valid(b) {
		return nil, false
	}
	for _, step := range path {
		if b, ok = descend(b, step); !ok {
			return nil, false
		}
	}
	b = bytes.TrimSpace(b)
	switch b[0] {
	case 'n':
		return nil, false
	case '"':
		var s string
		err := json.Unmarshal(b, &s)
		return []byte(s), err == nil
	}
	return b, true
}

func descend(b []byte, step pathStep) ([]byte, bool) {
	if step.index >= 0 {
		var list []json.RawMessage
		if json.Unmarshal(b, &list) != nil || step.index >= len(list) {
			return nil, false
		}
		return list[step.index], true
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(b, &members) != nil {
		return nil, false
	}
	v, ok := members[step.name]
	return v, ok
}
