package expr

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
)

const (
	// maxText bounds the text that a function gives for one row. The length of a result
	// is known before it is computed, so that a refusal costs no more than the arguments.
	maxText = 16 << 20
	// maxSlab bounds the texts of one vector; rows whose texts are more are computed in
	// several batches. Two fit in any case: the versions of a changed row stay together.
	maxSlab = 2 * maxText
)

// ErrTooMuch: the texts of the rows asked for are too much for one batch, though each is
// within its bound. The caller asks for fewer rows.
var ErrTooMuch = errors.New("expr: the texts of a batch are too long")

// OfOneRow is an error of a single row, for which there are no fewer.
func OfOneRow(err error) error {
	if errors.Is(err, ErrTooMuch) {
		return sqlerr.New(sqlerr.ProgramLimit, "the texts of a row are too long, %d bytes of one value are allowed, and %d of all that are computed on the way", maxText, maxRoom)
	}
	return err
}

// checkSlab tells when a vector has taken enough texts.
func checkSlab(v *column.Vector) error {
	if len(v.Slab) > maxSlab {
		return ErrTooMuch
	}
	return nil
}

// maxTemplate bounds what says how a number or a time is written.
const maxTemplate = 16 << 10

func checkTemplate(b []byte) error {
	if len(b) > maxTemplate {
		return sqlerr.New(sqlerr.ProgramLimit, "a template of %d bytes is too long, %d are allowed", len(b), maxTemplate)
	}
	return nil
}

// checkRow does so behind row i, whose text has a bound of its own.
func checkRow(v *column.Vector, i int) error {
	if err := checkText(int64(v.Views[i].Len)); err != nil && len(v.Kids) == 0 {
		return err
	}
	return checkSlab(v)
}

func checkText(n int64) error {
	if n > maxText {
		return sqlerr.New(sqlerr.ProgramLimit, "a text result of %d bytes is too long, %d are allowed", n, maxText)
	}
	return nil
}

// MostRows is how many rows may leave with the constant texts among some results: the
// values of a constant share their bytes here, but not any more where they are copied.
func MostRows(list []Evaluator) int {
	n := 0
	for _, ev := range list {
		if text, ok := constantText(ev); ok {
			n += len(text)
		}
	}
	return max(2, maxSlab/max(n, 1))
}

// bounded is a text function whose result's length is computed first; more than maxText
// means that much or more.
func bounded(size func(vs []*column.Vector, i int) int64, f func(dst []byte, vs []*column.Vector, i int) ([]byte, bool)) kernel {
	k := text(f)
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		if err := checkText(size(vs, i)); err != nil {
			return false, err
		}
		return k(vs, out, i)
	}
}

func sizeOfConcat(vs []*column.Vector, i int) (n int64) {
	for _, v := range vs {
		n += int64(v.Views[i].Len)
	}
	return n
}

// times multiplies a length; the product of what is too long anyway is only a bound.
func times(length, n int64) int64 {
	if length <= 0 || n <= 0 {
		return 0
	}
	if n > 1<<40/length {
		return 1 << 40
	}
	return length * n
}

func sizeOfRepeat(vs []*column.Vector, i int) int64 {
	return times(int64(vs[0].Views[i].Len), vs[1].Ints[i])
}

// sizeOfReplace counts only where the greatest number of replacements would be too long.
func sizeOfReplace(vs []*column.Vector, i int) int64 {
	b, old, by := vs[0].Bytes(i), vs[1].Bytes(i), vs[2].Bytes(i)
	grows := int64(len(by) - len(old))
	if len(old) == 0 || grows <= 0 {
		return int64(len(b))
	}
	n := int64(len(b) / len(old))
	if int64(len(b))+times(grows, n) > maxText {
		n = int64(bytes.Count(b, old))
	}
	return int64(len(b)) + times(grows, n)
}

func sizeOfPad(vs []*column.Vector, i int) int64 {
	b, n, fill := vs[0].Bytes(i), vs[1].Ints[i], fillOf(vs, i)
	missing, each := n-int64(utf8.RuneCount(b)), int64(utf8.RuneCount(fill))
	if missing <= 0 || each == 0 {
		return int64(len(b))
	}
	return int64(len(b)) + times(int64(len(fill)), missing/each) + int64(skip(fill, missing%each))
}
