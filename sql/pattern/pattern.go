// Package pattern turns the pattern that rows are matched against into an automaton. It is pure: it
// knows neither rows nor conditions, only variables by number.
//
// MATCH_RECOGNIZE and PATTERN are both trees of Pattern. A tree stands for the row sequences that it
// matches, in an order of preference: of alternatives the first, of a greedy quantifier the longer, of a
// reluctant one the shorter. An iteration beyond the least number that takes no row is the last one.
package pattern

import (
	"fmt"
	"strings"
)

// Kind tells what a Pattern is.
type Kind uint8

const (
	// Variable is one row that meets the variable's condition.
	Variable Kind = iota
	// Sequence is its parts, one behind the other.
	Sequence
	// Choice is one of its parts, of which the first is preferred.
	Choice
	// Repeat is its one part, from Min to Max times.
	Repeat
	// Pass is one row that belongs to no variable and does not meet the condition of any of Not.
	Pass
	// NotNext says of the row behind that it does not meet the condition of Variable. It takes no row.
	NotNext
	// Elapsed is when the time of the match has run out, and takes no row; nothing stands behind it.
	Elapsed
)

// Unbounded is the Max of a Repeat without one.
const Unbounded = -1

// Pattern is a node of a tree.
type Pattern struct {
	Kind  Kind
	Parts []Pattern
	// Variable is the number of that of a Variable and of a NotNext.
	Variable int
	// Not are the variables of a Pass.
	Not []int
	// Min and Max are the bounds of a Repeat.
	Min, Max int
	// Reluctant: of a Repeat as few as possible, else as many.
	Reluctant bool
	// Excluded: the rows are not given by ALL ROWS PER MATCH; of a node of any kind.
	Excluded bool
}

// Show writes a tree in the names of the variables. What it writes of trees of MATCH_RECOGNIZE is its syntax.
func (p *Pattern) Show(names []string) string {
	text := p.show(names)
	if p.Excluded {
		text = "{- " + text + " -}"
	}
	return text
}

func (p *Pattern) show(names []string) string {
	switch p.Kind {
	case Variable:
		return names[p.Variable]
	case Sequence:
		return p.join(" ", names)
	case Choice:
		return p.join(" | ", names)
	case Repeat:
		return p.Parts[0].bracketed(names) + p.quantifier()
	case Pass:
		return "~" + pick(p.Not, names)
	case NotNext:
		return "(?! " + names[p.Variable] + ")"
	}
	return "elapsed"
}

func pick(list []int, names []string) string {
	var out strings.Builder
	for _, v := range list {
		out.WriteString("!" + names[v])
	}
	return out.String()
}

func (p *Pattern) join(glue string, names []string) string {
	parts := make([]string, len(p.Parts))
	for i := range p.Parts {
		if parts[i] = p.Parts[i].Show(names); p.Parts[i].Kind == Choice && !p.Parts[i].Excluded {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, glue)
}

func (p *Pattern) bracketed(names []string) string {
	text := p.Show(names)
	if (p.Kind == Sequence || p.Kind == Choice || p.Kind == Repeat) && !p.Excluded {
		return "(" + text + ")"
	}
	return text
}

func (p *Pattern) quantifier() string {
	var text string
	switch {
	case p.Min == 0 && p.Max == Unbounded:
		text = "*"
	case p.Min == 1 && p.Max == Unbounded:
		text = "+"
	case p.Min == 0 && p.Max == 1:
		text = "?"
	case p.Min == p.Max:
		text = fmt.Sprintf("{%d}", p.Min)
	case p.Max == Unbounded:
		text = fmt.Sprintf("{%d,}", p.Min)
	default:
		text = fmt.Sprintf("{%d,%d}", p.Min, p.Max)
	}
	if p.Reluctant {
		text += "?"
	}
	return text
}
