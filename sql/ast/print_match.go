package ast

import (
	"fmt"
	"strconv"
	"strings"
)

func (t *MatchRecognize) String() string {
	var parts []string
	add := func(on bool, text func() string) {
		if on {
			parts = append(parts, text())
		}
	}
	add(len(t.PartitionBy) > 0, func() string { return "PARTITION BY " + exprList(t.PartitionBy) })
	add(len(t.OrderBy) > 0, func() string { return orderBy(t.OrderBy)[1:] })
	add(len(t.Measures) > 0, func() string { return "MEASURES " + joined(t.Measures, SelectItem.String) })
	add(t.AllRows, func() string {
		return "ALL ROWS PER MATCH" + optional(t.OmitEmpty, " OMIT EMPTY MATCHES") + optional(t.Unmatched, " WITH UNMATCHED ROWS")
	})
	add(!t.AllRows, func() string { return "ONE ROW PER MATCH" })
	add(t.Skip.Kind != SkipDefault, t.Skip.String)
	add(true, func() string { return "PATTERN (" + t.Pattern.String() + ")" })
	add(t.Within != nil, func() string { return "WITHIN " + t.Within.String() })
	add(len(t.Subsets) > 0, func() string { return "SUBSET " + joined(t.Subsets, Subset.String) })
	add(len(t.Define) > 0, func() string { return "DEFINE " + joined(t.Define, Definition.String) })
	return t.Input.String() + " MATCH_RECOGNIZE (" + strings.Join(parts, " ") + ")" + alias(t.Alias)
}

func (s Subset) String() string { return s.Name.String() + " = (" + joined(s.Of, Ident.String) + ")" }

func (p *PatternPermute) String() string {
	parts := make([]string, len(p.Items))
	for i, item := range p.Items {
		parts[i] = item.String()
	}
	return "PERMUTE(" + strings.Join(parts, ", ") + ")"
}

func (d Definition) String() string { return d.Variable.String() + " AS " + d.X.String() }

func (s Skip) String() string {
	switch s.Kind {
	case SkipPastLast:
		return "AFTER MATCH SKIP PAST LAST ROW"
	case SkipToNext:
		return "AFTER MATCH SKIP TO NEXT ROW"
	case SkipToFirst:
		return "AFTER MATCH SKIP TO FIRST " + s.Variable.String()
	case SkipToLast:
		return "AFTER MATCH SKIP TO LAST " + s.Variable.String()
	}
	return ""
}

func (p *PatternVariable) String() string { return QuoteName(p.Name) }

func (p *PatternSequence) String() string {
	parts := make([]string, len(p.Items))
	for i, item := range p.Items {
		parts[i] = item.String()
		switch item.(type) {
		case *PatternChoice, *PatternSequence:
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, " ")
}

func (p *PatternChoice) String() string {
	parts := make([]string, len(p.Items))
	for i, item := range p.Items {
		parts[i] = item.String()
		if _, inner := item.(*PatternChoice); inner {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, " | ")
}

func (p *PatternRepeat) String() string {
	x := p.X.String()
	switch p.X.(type) {
	case *PatternVariable, *PatternExclude, *PatternPermute:
	default:
		x = "(" + x + ")"
	}
	return x + p.quantifier() + optional(p.Reluctant, "?")
}

func (p *PatternRepeat) quantifier() string {
	switch {
	case p.Min == 0 && p.Max == Unbounded:
		return "*"
	case p.Min == 1 && p.Max == Unbounded:
		return "+"
	case p.Min == 0 && p.Max == 1:
		return "?"
	case p.Min == p.Max:
		return fmt.Sprintf("{%d}", p.Min)
	case p.Max == Unbounded:
		return fmt.Sprintf("{%d,}", p.Min)
	}
	return "{" + strconv.Itoa(p.Min) + "," + strconv.Itoa(p.Max) + "}"
}

func (p *PatternExclude) String() string { return "{- " + p.X.String() + " -}" }
