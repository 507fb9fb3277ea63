package value

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// JSONTree is JSON as PostgreSQL's jsonb holds it: of members of one name the last, in the order of length and then of
// bytes; numbers are compared by their value. It is never changed: what is made of it may share parts with it.
type JSONTree struct {
	// Kind is the first character of an object, an array, a string, true, false and null, and 0 of a number.
	Kind byte
	// Text is what a string says, or a scalar as it is written.
	Text  []byte
	Names []string // of the members, in their order
	Items []JSONTree
}

// JSONTreeOf reads a text that has been found to be JSON, in one pass. Names of members are
// compared by their characters, so that bytes that belong to none are U+FFFD before.
func JSONTreeOf(text []byte) JSONTree {
	r := treeReader{text: Characters(text)}
	return r.value()
}

type treeReader struct {
	text []byte
	at   int
}

// skip leaves out what stands between values.
func (r *treeReader) skip() {
	for r.at < len(r.text) && (blank(r.text[r.at]) || r.text[r.at] == ',' || r.text[r.at] == ':') {
		r.at++
	}
}

func (r *treeReader) value() JSONTree {
	r.skip()
	from := r.at
	switch c := r.text[from]; c {
	case '{', '[':
		return r.parts(c)
	case '"':
		r.at = stringEnd(r.text, from)
		return JSONTree{Kind: c, Text: Unquoted(r.text[from:r.at])}
	case 't', 'f', 'n':
		r.at = scalarEnd(r.text, from)
		return JSONTree{Kind: c, Text: r.text[from:r.at]}
	}
	r.at = scalarEnd(r.text, from)
	return JSONTree{Text: r.text[from:r.at]}
}

// parts reads an object or an array.
func (r *treeReader) parts(kind byte) JSONTree {
	t := JSONTree{Kind: kind}
	r.at++
	for {
		if r.skip(); r.text[r.at] == kind+2 { // } and ] are two behind { and [
			break
		}
		if kind == '{' {
			key := r.value()
			t.Names = append(t.Names, string(key.Text))
		}
		t.Items = append(t.Items, r.value())
	}
	r.at++
	if !slices.IsSortedFunc(t.Names, compareNames) || hasTwice(t.Names) {
		t.sort()
	}
	return t
}

func hasTwice(sorted []string) bool {
	for i := 1; i < len(sorted); i++ {
		if sorted[i] == sorted[i-1] {
			return true
		}
	}
	return false
}

// sort brings the members into their order; of those of one name the last stays.
func (t *JSONTree) sort() {
	order := make([]int, len(t.Names))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareNames(t.Names[a], t.Names[b]) })
	out := JSONTree{Kind: '{'}
	for n, i := range order {
		if n+1 < len(order) && t.Names[order[n+1]] == t.Names[i] {
			continue
		}
		out.Names, out.Items = append(out.Names, t.Names[i]), append(out.Items, t.Items[i])
	}
	*t = out
}

func compareNames(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// IsScalar tells what is no object and no array.
func (t *JSONTree) IsScalar() bool { return t.Kind != '{' && t.Kind != '[' }

// place finds a member of an object.
func (t *JSONTree) place(name string) (int, bool) {
	return slices.BinarySearchFunc(t.Names, name, compareNames)
}

// Append writes it without blanks.
func (t *JSONTree) Append(dst []byte) []byte {
	switch t.Kind {
	case '{', '[':
		dst = append(dst, t.Kind)
		for i := range t.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			if t.Kind == '{' {
				dst = append(AppendJSONString(dst, []byte(t.Names[i])), ':')
			}
			dst = t.Items[i].Append(dst)
		}
		return append(dst, t.Kind+2) // } and ] are two behind { and [
	case '"':
		return AppendJSONString(dst, t.Text)
	}
	return append(dst, t.Text...)
}

// AppendPretty writes each part on a line of its own, four blanks further in at each level, as JSONB_PRETTY does. It ends
// behind so many bytes.
func (t *JSONTree) AppendPretty(dst []byte, level, most int) []byte {
	if len(dst) > most {
		return dst
	}
	if t.IsScalar() {
		if t.Kind == 0 {
			return appendPlainNumber(dst, t.Text)
		}
		return t.Append(dst)
	}
	dst = append(dst, t.Kind)
	for i := range t.Items {
		if len(dst) > most {
			return dst
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = newLine(dst, level+1)
		if t.Kind == '{' {
			dst = append(AppendJSONString(dst, []byte(t.Names[i])), ": "...)
		}
		dst = t.Items[i].AppendPretty(dst, level+1, most)
	}
	if len(dst) > most {
		return dst
	}
	return append(newLine(dst, level), t.Kind+2)
}

func newLine(dst []byte, level int) []byte {
	dst = append(dst, '\n')
	for range level {
		dst = append(dst, "    "...)
	}
	return dst
}

// Contains is PostgreSQL's x @> y: each member of y is one of x whose value contains its value, each element of y is
// contained in one of x, scalars are equal. An array contains a scalar that is an element of it.
func (t *JSONTree) Contains(o *JSONTree) bool {
	switch {
	case t.Kind == '[' && o.IsScalar():
		return t.hasElement(o)
	case t.IsScalar() || o.IsScalar():
		return t.sameScalar(o)
	}
	return t.holds(o)
}

// holds is Contains of two values, of which a scalar is only equal to another.
func (t *JSONTree) holds(o *JSONTree) bool {
	switch {
	case t.IsScalar() || o.IsScalar():
		return t.sameScalar(o)
	case t.Kind != o.Kind:
		return false
	case t.Kind == '{':
		for i := range o.Items {
			if at, ok := t.place(o.Names[i]); !ok || !t.Items[at].holds(&o.Items[i]) {
				return false
			}
		}
		return true
	}
	for i := range o.Items {
		if !t.hasElement(&o.Items[i]) {
			return false
		}
	}
	return true
}

func (t *JSONTree) hasElement(o *JSONTree) bool {
	for i := range t.Items {
		if t.Items[i].holds(o) {
			return true
		}
	}
	return false
}

func (t *JSONTree) sameScalar(o *JSONTree) bool {
	if t.Kind != o.Kind {
		return false
	}
	return bytes.Equal(t.Text, o.Text) || t.Kind == 0 && CompareJSONNumbers(t.Text, o.Text) == 0
}

// HasName is x ? name: a member of an object, a string that is an element of an array, or that string itself.
func (t *JSONTree) HasName(name string) bool {
	switch t.Kind {
	case '{':
		_, ok := t.place(name)
		return ok
	case '[':
		return slices.ContainsFunc(t.Items, func(e JSONTree) bool { return e.Kind == '"' && string(e.Text) == name })
	}
	return t.Kind == '"' && string(t.Text) == name
}

// Joined is x || y: the members of two objects, of which those of y count; else the elements of both, anything but an
// array being one.
func (t *JSONTree) Joined(o *JSONTree) JSONTree {
	if t.Kind == '{' && o.Kind == '{' {
		out := JSONTree{Kind: '{', Names: slices.Concat(t.Names, o.Names), Items: slices.Concat(t.Items, o.Items)}
		out.sort()
		return out
	}
	return JSONTree{Kind: '[', Items: slices.Concat(t.elements(), o.elements())}
}

func (t *JSONTree) elements() []JSONTree {
	if t.Kind == '[' {
		return t.Items
	}
	return []JSONTree{*t}
}

// Without leaves out a member of an object, or the elements of an array that are the string.
func (t *JSONTree) Without(name string) JSONTree {
	out := JSONTree{Kind: t.Kind}
	for i := range t.Items {
		switch {
		case t.Kind == '{' && t.Names[i] != name:
			out.Names, out.Items = append(out.Names, t.Names[i]), append(out.Items, t.Items[i])
		case t.Kind == '[' && (t.Items[i].Kind != '"' || string(t.Items[i].Text) != name):
			out.Items = append(out.Items, t.Items[i])
		}
	}
	return out
}

// WithoutElement leaves out an element of an array, counted from its end where the number is negative.
func (t *JSONTree) WithoutElement(at int64) JSONTree {
	if at < 0 {
		at += int64(len(t.Items))
	}
	if at < 0 || at >= int64(len(t.Items)) {
		return *t
	}
	return JSONTree{Kind: '[', Items: slices.Delete(slices.Clone(t.Items), int(at), int(at)+1)}
}

// WithoutNulls leaves out members that are null, at every depth.
func (t *JSONTree) WithoutNulls() JSONTree {
	if t.IsScalar() {
		return *t
	}
	out := JSONTree{Kind: t.Kind}
	for i := range t.Items {
		if t.Kind == '{' {
			if t.Items[i].Kind == 'n' {
				continue
			}
			out.Names = append(out.Names, t.Names[i])
		}
		out.Items = append(out.Items, t.Items[i].WithoutNulls())
	}
	return out
}

// JSONName is a step of a path: the name of a member, or the number of an element.
type JSONName struct {
	Text string
	Null bool
}

// JSONChange says what is done where a path of names leads to.
type JSONChange uint8

// Of JSONB_SET with and without create_if_missing, JSONB_INSERT before and after, and #-.
const (
	ReplaceJSON JSONChange = iota
	SetJSON
	InsertJSONBefore
	InsertJSONAfter
	RemoveJSON
)

func (c JSONChange) creates() bool {
	return c == SetJSON || c == InsertJSONBefore || c == InsertJSONAfter
}
func (c JSONChange) inserts() bool { return c == InsertJSONBefore || c == InsertJSONAfter }

// JSONChangeFault is why a change is none; empty where it is one.
type JSONChangeFault struct {
	// Taken: JSONB_INSERT would replace a member. Else element Position of the path, from 1, is NULL, or no integer.
	Taken    bool
	Null     bool
	Position int
	Text     string
}

// Changed is the value with the change where the path leads to. Where it leads nowhere before its last step, nothing is
// changed.
func (t *JSONTree) Changed(path []JSONName, to *JSONTree, c JSONChange) (JSONTree, *JSONChangeFault) {
	if len(path) == 0 || len(t.Items) == 0 && !c.creates() {
		return *t, nil
	}
	return t.changed(path, 0, to, c)
}

func (t *JSONTree) changed(path []JSONName, level int, to *JSONTree, c JSONChange) (JSONTree, *JSONChangeFault) {
	switch {
	case path[level].Null:
		return *t, &JSONChangeFault{Null: true, Position: level + 1}
	case t.Kind == '{':
		return t.changedMember(path, level, to, c)
	case t.Kind == '[':
		return t.changedElement(path, level, to, c)
	}
	return *t, nil
}

func (t *JSONTree) changedMember(path []JSONName, level int, to *JSONTree, c JSONChange) (JSONTree, *JSONChangeFault) {
	name, last := path[level].Text, level == len(path)-1
	at, ok := t.place(name)
	out := JSONTree{Kind: '{', Names: slices.Clone(t.Names), Items: slices.Clone(t.Items)}
	var fault *JSONChangeFault
	switch {
	case ok && !last:
		out.Items[at], fault = t.Items[at].changed(path, level+1, to, c)
	case ok && c.inserts():
		fault = &JSONChangeFault{Taken: true}
	case ok && c == RemoveJSON:
		out.Names, out.Items = slices.Delete(out.Names, at, at+1), slices.Delete(out.Items, at, at+1)
	case ok:
		out.Items[at] = *to
	case last && c.creates():
		out.Names, out.Items = slices.Insert(out.Names, at, name), slices.Insert(out.Items, at, *to)
	}
	return out, fault
}

func (t *JSONTree) changedElement(path []JSONName, level int, to *JSONTree, c JSONChange) (JSONTree, *JSONChangeFault) {
	at, err := strconv.ParseInt(strings.TrimLeft(path[level].Text, " \t\n\v\f\r"), 10, 32)
	if err != nil {
		return *t, &JSONChangeFault{Position: level + 1, Text: path[level].Text}
	}
	n, last := int64(len(t.Items)), level == len(path)-1
	if at < 0 {
		at += n
	}
	out := JSONTree{Kind: '[', Items: slices.Clone(t.Items)}
	var fault *JSONChangeFault
	switch there := at >= 0 && at < n; {
	case there && !last:
		out.Items[at], fault = t.Items[at].changed(path, level+1, to, c)
	case !last:
	case there && c == RemoveJSON:
		out.Items = slices.Delete(out.Items, int(at), int(at)+1)
	case there && c.inserts():
		if c == InsertJSONAfter {
			at++
		}
		out.Items = slices.Insert(out.Items, int(at), *to)
	case there:
		out.Items[at] = *to
	case c.creates():
		out.Items = slices.Insert(out.Items, int(max(0, min(at, n))), *to)
	}
	return out, fault
}
