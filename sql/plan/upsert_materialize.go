package plan

import (
	"fmt"
	"strings"
	"time"

	"slipway/sql/types"
)

// UpsertMaterialize makes any changelog one for a sink that finds rows by key, where the key is not
// unique at each moment: it keeps the rows of each key and gives the newest of those that are left,
// once for all changes of a batch. A Delete waits for the rows that come behind it in the same
// moment, so that a key that goes on is not deleted.
type UpsertMaterialize struct {
	Op   OperatorID
	Keys []int
	// TTL is the time after which a row that has not come again is forgotten; 0 keeps it for ever.
	TTL time.Duration
	Out types.Schema
}

var _ = tag[UpsertMaterialize]("upsert_materialize")

func (o *UpsertMaterialize) Schema() types.Schema { return o.Out }

func (o *UpsertMaterialize) ID() OperatorID { return o.Op }

// StateSchema lists the columns that are kept, and which of them are the key.
func (o *UpsertMaterialize) StateSchema() string {
	parts := make([]string, len(o.Out))
	for i, c := range o.Out {
		parts[i] = c.Name + " " + c.Type.Stored()
	}
	return fmt.Sprintf("%s by %v", strings.Join(parts, ", "), o.Keys)
}

func (o *UpsertMaterialize) Describe() string {
	return fmt.Sprintf("newest of the rows by (%s)", columnNames(o.Out, o.Keys))
}

func (o *UpsertMaterialize) Inputs() int { return 1 }

// Reads: rows are told apart by all columns.
func (o *UpsertMaterialize) Reads(int, Columns) []int { return AllColumns(len(o.Out)).List() }

func (o *UpsertMaterialize) Passes(int) []int { return SamePlaces(len(o.Out)) }

func (o *UpsertMaterialize) Needs() Needs { return Needs{} }
