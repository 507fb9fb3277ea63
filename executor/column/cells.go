package column

// cells is what representations share whose values are the elements of one slice.
type cells[T any] struct {
	of    func(v *Vector) *[]T
	bytes int // of an element
}

func (c cells[T]) length(v *Vector) int     { return len(*c.of(v)) }
func (c cells[T]) memory(v *Vector) int     { return c.bytes * cap(*c.of(v)) }
func (c cells[T]) grow(v *Vector, rows int) { s := c.of(v); *s = resize(*s, rows) }

func (c cells[T]) extend(v *Vector) int {
	s := c.of(v)
	n := len(*s)
	*s = resize(*s, n+1)
	return n
}

func (c cells[T]) appendRows(v, src *Vector, sel []int32, n int) {
	s := c.of(v)
	*s = gather(*s, *c.of(src), sel, n)
}

func (c cells[T]) copyRows(v, src *Vector, sel []int32) {
	to, from := *c.of(v), *c.of(src)
	for _, r := range sel {
		to[r] = from[r]
	}
}

func (c cells[T]) set(v *Vector, i int, src *Vector, j int) { (*c.of(v))[i] = (*c.of(src))[j] }

// add appends a present value.
func (c cells[T]) add(v *Vector, x T) {
	s := c.of(v)
	*s = append(*s, x)
	v.coverRows(len(*s))
}

// resize sets the length. What grows by one value after the other, as a long array that is read, is copied seldom.
func resize[T any](s []T, n int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	room := BatchRows
	if cap(s) == 0 && n <= fewRows {
		room = fewRows
	}
	out := make([]T, n, max(n, room, cap(s)+cap(s)/2))
	copy(out, s)
	return out
}

// fewRows is what a new vector has room for that is asked for no more: that of a constant expression, of which a
// statement may hold some ten thousand, has one row.
const fewRows = 8

func gather[T any](dst, src []T, sel []int32, n int) []T {
	if sel == nil {
		return append(dst, src[:n]...)
	}
	at := len(dst)
	dst = resize(dst, at+n)
	out := dst[at:]
	for i, s := range sel {
		out[i] = src[s]
	}
	return dst
}
