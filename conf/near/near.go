// Package near finds the known name that a misspelt one was probably meant to be. It
// imports nothing, so that every package suggests by the same measure.
package near

import (
	"strings"
	"unicode/utf8"
)

// Name gives the known name closest to name, empty if none is close: a third of the letters
// may differ, at least one. Of names with points only the parts behind the common ones count.
// Cases do not matter; of equally close names the first in the alphabet is taken.
func Name(name string, known []string) string {
	return best(name, known, func(word string) int { return max(1, utf8.RuneCountInString(word)/3) })
}

// Typo gives the known name from which name differs by one slip: a letter too many, too few
// or wrong, or two of them swapped.
func Typo(name string, known []string) string {
	return best(name, known, func(string) int { return 1 })
}

func best(name string, known []string, limit func(string) int) string {
	found, distance := "", 0
	for _, k := range known {
		a, b := behind(strings.ToLower(name), strings.ToLower(k))
		if far := utf8.RuneCountInString(a) - utf8.RuneCountInString(b); max(far, -far) > limit(a) {
			continue
		}
		d := Distance(a, b)
		if d > limit(a) || d >= utf8.RuneCountInString(b) { // all of it other letters
			continue
		}
		if found == "" || d < distance || d == distance && k < found {
			found, distance = k, d
		}
	}
	return found
}

// behind takes away the parts before points that both names have.
func behind(a, b string) (string, string) {
	for {
		x, restA, okA := strings.Cut(a, ".")
		y, restB, okB := strings.Cut(b, ".")
		if !okA || !okB || x != y {
			return a, b
		}
		a, b = restA, restB
	}
}

// Distance is how many letters must be put in, taken out, changed or swapped with their
// neighbour to make b of a.
func Distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, row, next := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		next[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(y)]
}
