package plan

import (
	"fmt"
	"slices"
	"strings"

	"slipway/sql/types"
)

// ChangelogNormalize makes changes by key, of which a later row replaces an earlier one
// and a Delete may hold the key alone, a changelog that is whole: it keeps the newest row
// of each key, a row that is like the one before is left out, and a Delete holds what is
// deleted.
type ChangelogNormalize struct {
	Op OperatorID
	// Name is db.name of the stream.
	Name string
	Keys []int
	// EmitBefore: somebody needs the old version of a changed row, an UpdateBefore directly in
	// front of the UpdateAfter and in the same batch.
	EmitBefore bool
	Out        types.Schema
}

// UpsertChanges makes a changelog one for a sink that finds rows by key: an UpdateBefore
// is left out if the UpdateAfter behind it has the same key, else it is a Delete.
type UpsertChanges struct {
	Keys []int
	Out  types.Schema
}

var _ = tag[ChangelogNormalize]("changelog_normalize")

func (o *ChangelogNormalize) Schema() types.Schema { return o.Out }

func (o *ChangelogNormalize) ID() OperatorID { return o.Op }

// StateSchema lists the columns that are kept, those of the key first.
func (o *ChangelogNormalize) StateSchema() string {
	parts := make([]string, 0, len(o.Out))
	for _, c := range append(slices.Clone(o.Keys), o.Values()...) {
		parts = append(parts, o.Out[c].Name+" "+o.Out[c].Type.Stored())
	}
	return strings.Join(parts, ", ")
}

// Values are the columns that are not of the key.
func (o *ChangelogNormalize) Values() (out []int) {
	for c := range o.Out {
		if !slices.Contains(o.Keys, c) {
			out = append(out, c)
		}
	}
	return out
}

func (o *ChangelogNormalize) Describe() string {
	return fmt.Sprintf("newest row of %s by (%s)", o.Name, columnNames(o.Out, o.Keys))
}

func (o *ChangelogNormalize) Inputs() int { return 1 }

func (o *ChangelogNormalize) Reads(_ int, wanted Columns) []int {
	return append(wanted.List(), o.Keys...)
}

func (o *ChangelogNormalize) Passes(int) []int { return SamePlaces(len(o.Out)) }

func (o *ChangelogNormalize) Needs() Needs { return Needs{} }

var _ = tag[UpsertChanges]("upsert_changes")

func (o *UpsertChanges) Schema() types.Schema { return o.Out }

func (o *UpsertChanges) Describe() string {
	return fmt.Sprintf("changes by (%s)", columnNames(o.Out, o.Keys))
}

func columnNames(s types.Schema, columns []int) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = s[c].Name
	}
	return strings.Join(names, ", ")
}

func (o *UpsertChanges) Inputs() int { return 1 }

func (o *UpsertChanges) Reads(_ int, wanted Columns) []int {
	return append(wanted.List(), o.Keys...)
}

func (o *UpsertChanges) Passes(int) []int { return SamePlaces(len(o.Out)) }

func (o *UpsertChanges) Needs() Needs { return Needs{} }
