package ast

import (
	"fmt"
	"strings"
)

// EventPattern is PATTERN ( [PARTITION BY k] e1 = s[condition] FOLLOWEDBY e2 = s[condition] … ) [WITHIN ('10' MINUTE)].
type EventPattern struct {
	Pos int
	// PartitionBy are columns that each of the streams has.
	PartitionBy []Ident
	Elements    []EventElement
	Within      *Literal // an IntervalLiteral; nil if absent
	Alias       string
	AliasPos    int
}

// EventLink says how an element of an EventPattern follows the one in front of it.
type EventLink uint8

const (
	FirstEvent EventLink = iota
	FollowedBy
	NextEvent
	NotFollowedBy
	NotNextEvent
)

var eventLinks = [...]string{"", " FOLLOWEDBY ", ", ", " NOTFOLLOWEDBY ", " NOTNEXT "}

// Not tells an element that must not come.
func (l EventLink) Not() bool { return l == NotFollowedBy || l == NotNextEvent }

// EventElement is name = table [condition] [TIMES(n)].
type EventElement struct {
	Link    EventLink
	LinkPos int
	Name    Ident
	Table   *TableName
	Cond    Expr // nil if absent
	// Min and Max are how often it comes; Max may be Unbounded.
	Min, Max int
}

func (t *EventPattern) Position() int { return t.Pos }

func (*EventPattern) table() {}

func (t *EventPattern) String() string {
	var b strings.Builder
	for i, k := range t.PartitionBy {
		b.WriteString(map[bool]string{true: "PARTITION BY ", false: ", "}[i == 0] + k.String())
	}
	if t.PartitionBy != nil {
		b.WriteString(" ")
	}
	for _, e := range t.Elements {
		b.WriteString(e.String())
	}
	text := "PATTERN (" + b.String() + ")"
	if t.Within != nil {
		text += " WITHIN " + t.Within.String()
	}
	return text + alias(t.Alias)
}

func (e EventElement) String() string {
	text := eventLinks[e.Link] + e.Name.String() + " = " + e.Table.String()
	if e.Cond != nil {
		text += "[" + e.Cond.String() + "]"
	}
	switch {
	case e.Max == Unbounded:
		return text + "[ONEORMORE]"
	case e.Min != e.Max:
		return text + fmt.Sprintf("[TIMES(%d, %d)]", e.Min, e.Max)
	case e.Min != 1:
		return text + fmt.Sprintf("[TIMES(%d)]", e.Min)
	}
	return text
}
