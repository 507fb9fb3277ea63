package oracle

import (
	"math/rand/v2"
	"slices"
)

// choices are the decisions of a generator, noted, so that they can be taken again or made
// simpler: 0 is always the simplest, and what is not there is 0.
type choices struct {
	r     *rand.Rand // nil: taken again
	taken []int
	at    int
}

func randomChoices(seed uint64) *choices { return &choices{r: rand.New(rand.NewPCG(seed, 7))} }

func again(taken []int) *choices { return &choices{taken: taken} }

// below gives a number below n.
func (c *choices) below(n int) int {
	x := 0
	if c.r != nil {
		x = c.r.IntN(n)
		c.taken = append(c.taken, x)
	} else if c.at < len(c.taken) {
		x = c.taken[c.at] % n
	}
	c.at++
	return x
}

// chance is true so many times in 100. The simplest is false.
func (c *choices) chance(percent int) bool { return c.below(100) >= 100-percent }

// shrink makes the list of choices shorter and smaller while fails is true of it, at most so
// many times asking.
func shrink(list []int, tries int, fails func([]int) bool) []int {
	attempt := func(next []int) bool {
		if tries <= 0 || slices.Equal(next, list) {
			return false
		}
		tries--
		if !fails(next) {
			return false
		}
		list = slices.Clone(next)
		return true
	}
	for better := true; better && tries > 0; {
		better = false
		for _, size := range []int{64, 16, 8, 4, 3, 2, 1} {
			for at := 0; at+size <= len(list); {
				if attempt(slices.Concat(list[:at], list[at+size:])) {
					better = true
				} else {
					at += max(1, size/2)
				}
			}
		}
		for _, size := range []int{8, 3, 1} {
			for at := 0; at+size <= len(list); at += size {
				next := slices.Clone(list)
				clear(next[at : at+size])
				better = attempt(next) || better
			}
		}
		for at := range list {
			for _, x := range []int{list[at] / 2, list[at] - 1} {
				if x < 0 || at >= len(list) || x >= list[at] {
					continue
				}
				next := slices.Clone(list)
				next[at] = x
				better = attempt(next) || better
			}
		}
	}
	return list
}

// shrinkList leaves out elements of a list while fails is true of what is left.
func shrinkList[T any](list []T, fails func([]T) bool) []T {
	for size := max(1, len(list)/2); ; size /= 2 {
		for at := 0; at < len(list); {
			next := slices.Concat(list[:at], list[min(len(list), at+size):])
			if fails(next) {
				list = next
			} else {
				at += size
			}
		}
		if size <= 1 {
			return list
		}
	}
}
