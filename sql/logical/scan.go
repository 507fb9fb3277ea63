package logical

import (
	"strings"
	"time"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// ArrivalColumn is the name of the column that holds a row's arrival time.
const ArrivalColumn = "__arrival"

// Scan reads a declared stream or table: some of its declared columns, then the arrival
// time if that is wanted.
type Scan struct {
	Identity Identity
	// Name is db.name of the declaration, Relation its name alone.
	Name, Relation string
	Connector      string
	Properties     map[string]string
	// Declared is every column of the declaration, Columns the indexes of those that are
	// read, ascending.
	Declared types.Schema
	Columns  []int
	// Metadata adds columns that are taken of the record beside its value.
	Metadata []plan.Metadata
	// Defaults are the values of declared columns that a record does not have.
	Defaults []plan.Default
	// Arrival adds a last column TIMESTAMP(3): when the row came.
	Arrival bool
	// Origin adds last columns: those of plan.DivertedColumns that say of which record a row is. Records: it has such.
	Origin  []int
	Records bool
	// Watermark is the event time; nil if there is none, or nobody reads its column.
	Watermark *plan.WatermarkSpec
	// Keys, if set, are the output columns of the primary key, in its order: of the records
	// of one key the newest is the row. Else every record is a row of its own.
	Keys []int
	// Versions: the rows are read as they change, by Keys, for a join that keeps the versions
	// itself: not one per key is kept behind the source, and Watermark speaks of all records. With
	// Changes they are read as the records say.
	Versions bool
	// Lookup, if set: the table stays outside, and is asked for rows by a join.
	Lookup *plan.LookupLimits
	// Changes: records say themselves what they do to rows.
	Changes bool
	// RowKey, if set, are the output columns of the primary key of a stream with Changes, or of a table
	// that is read as it is now, of whose rows no two have the same.
	RowKey []int
	// Table: it is such a table. Unique are the declared columns of its primary key.
	Table  bool
	Unique []int
	// Bounded: it ends behind what is there when it begins, and what comes within Wait.
	// With Keys or Changes its rows are then those that are left at the end.
	Bounded bool
	Wait    time.Duration
}

func (s *Scan) Schema() types.Schema {
	out := make(types.Schema, 0, len(s.Columns)+1)
	for _, c := range s.Columns {
		out = append(out, s.Declared[c])
	}
	for _, m := range s.Metadata {
		out = append(out, m.Column)
	}
	if s.Arrival {
		out = append(out, types.Column{Name: ArrivalColumn, Type: types.NewTimestamp(types.DefaultTimestamp)})
	}
	for _, o := range s.Origin {
		out = append(out, originColumn(o))
	}
	return out
}

func (s *Scan) Inputs() []Node         { return nil }
func (s *Scan) WithInputs([]Node) Node { return s }

// Traits: of an upsert stream the times of rows say nothing, since a later row corrects
// an earlier one.
func (s *Scan) Traits([]Traits) Traits {
	t := Traits{Bounded: s.Bounded, Fixed: s.Keys}
	if s.Keys != nil {
		t.Unique = [][]int{s.Keys}
	}
	if s.RowKey != nil {
		t.Unique = [][]int{s.RowKey}
	}
	switch {
	case s.Versions:
		if t.Changelog, t.Upsert = Upsert, s.Keys; s.Changes {
			t.Changelog = Retract
		}
		t.EventTimes = s.eventTime()
	case s.Keys != nil && !s.Bounded:
		t.Changelog, t.Upsert = Upsert, s.Keys
	case s.Changes && !s.Bounded:
		t.Changelog = Retract
	default:
		t.EventTimes = s.eventTime()
	}
	if s.Watermark != nil && t.EventTimes == nil {
		t.RowTimes = []int{s.Watermark.Column}
	}
	return t
}

// eventTime is the column that watermarks speak of, none where it is computed of others.
func (s *Scan) eventTime() []int {
	if s.Watermark == nil || s.Watermark.Computed != nil {
		return nil
	}
	return []int{s.Watermark.Column}
}

// computedTime is what watermarks speak of that is computed of the columns of a relation, nil if there is none.
func computedTime(n Node) plan.Expr {
	switch n := n.(type) {
	case *Scan:
		if n.Watermark != nil && (n.Versions || n.Bounded || n.Keys == nil && !n.Changes) {
			return n.Watermark.Computed
		}
	case *Filter:
		return computedTime(n.Input)
	case *Shared:
		return computedTime(n.Input)
	}
	return nil
}

// ArrivalAt is the place of the column with the arrival time.
func (s *Scan) ArrivalAt() int { return len(s.Columns) + len(s.Metadata) }

func (s *Scan) Lineage([]Lineage) Lineage {
	l := Lineage{Rows: s.Name}
	for _, c := range s.Columns {
		l.Columns = append(l.Columns, s.Name+"."+strings.ToLower(s.Declared[c].Name))
	}
	for _, m := range s.Metadata {
		l.Columns = append(l.Columns, s.Name+" metadata "+m.Name)
	}
	if s.Arrival {
		l.Columns = append(l.Columns, "arrival")
	}
	for _, o := range s.Origin {
		l.Columns = append(l.Columns, s.Name+" origin "+originColumn(o).Name)
	}
	return l
}

func (s *Scan) Meaning([]Lineage) (kind, meaning string) { return "source", s.Name }

// NewestMeaning is the meaning of the newest row per key, which is kept.
func (s *Scan) NewestMeaning() string {
	l := s.Lineage(nil)
	return s.Name + " by " + l.pick(s.Keys)
}

func (s *Scan) Identified(id Identity) Node {
	out := *s
	out.Identity = id
	return &out
}

func (s *Scan) Describe([][]string) (string, []string) {
	names := ColumnNames(s.Schema())
	if s.Arrival {
		names[s.ArrivalAt()] = "PROCTIME()"
	}
	line := "scan " + s.Name + ": " + strings.Join(names, ", ")
	if s.Lookup != nil {
		line = "look up in " + s.Name + ": " + strings.Join(names, ", ")
	}
	switch {
	case s.Versions && !s.Changes:
		line += "; versions by (" + Pick(names, s.Keys) + ")"
	case s.Keys != nil:
		line += "; the newest row by (" + Pick(names, s.Keys) + ")"
	}
	if s.Changes {
		line += "; with changes"
	}
	if s.Bounded {
		line += "; bounded"
	}
	if s.Watermark != nil {
		line += "; event time " + NameOf(names, s.Watermark.Column)
	}
	if x := computedTime(s); x != nil {
		line += "; event time " + Show(x, names)
	}
	return line, names
}
