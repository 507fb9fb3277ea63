package catalog

import (
	"strings"

	"slipway/sql/types"
)

// Clause says where the values of a column come from: just one of Metadata, Computed and Default is set.
type Clause struct {
	Column string `json:"column"`
	// Metadata is what is taken of the record, beside its value: a name of Declaration.Metadata. Virtual: it is only
	// read, else INSERT gives it.
	Metadata string `json:"metadata,omitempty"`
	Virtual  bool   `json:"virtual,omitempty"`
	// Computed is the text of what the column is computed by; nobody gives it.
	Computed string `json:"computed,omitempty"`
	// Default is the text of the value of a row that is given none.
	Default string `json:"default,omitempty"`
}

// Metadata is what a connector knows of its records, and may let rows say of them, beside their value.
type Metadata struct {
	Name string
	// Types are those that a column of it may have; of TIMESTAMP each with at least the digits of the one here.
	Types []types.Type
	// Writable: a sink takes it.
	Writable bool
}

// Takes tells that a column of the metadata may have a type.
func (m *Metadata) Takes(t types.Type) bool {
	for _, one := range m.Types {
		if t == one || t.Kind == types.Timestamp && one.Kind == t.Kind && t.Precision >= one.Precision {
			return true
		}
	}
	return false
}

// FindMetadata gives the metadata of a name; nil if there is none.
func (d *Declaration) FindMetadata(name string) *Metadata {
	for i := range d.Metadata {
		if d.Metadata[i].Name == name {
			return &d.Metadata[i]
		}
	}
	return nil
}

// Clause gives that of a column; one that says nothing if it has none.
func (r *Relation) Clause(column string) Clause {
	for _, c := range r.Clauses {
		if strings.EqualFold(c.Column, column) {
			return c
		}
	}
	return Clause{Column: column}
}

// Recorded are the columns that the value of a record holds, in order.
func (r *Relation) Recorded() types.Schema {
	return r.columns(func(c Clause) bool { return c.Metadata == "" && c.Computed == "" })
}

// ReadMetadata are the columns that are taken of the record, beside its value.
func (r *Relation) ReadMetadata() types.Schema {
	return r.columns(func(c Clause) bool { return c.Metadata != "" })
}

// WrittenMetadata are those that INSERT gives.
func (r *Relation) WrittenMetadata() types.Schema {
	return r.columns(func(c Clause) bool { return c.Metadata != "" && !c.Virtual })
}

// Written are the columns that INSERT gives, in the order in which it gives them.
func (r *Relation) Written() types.Schema {
	return r.columns(func(c Clause) bool { return c.Computed == "" && !c.Virtual })
}

// Sunk are the same columns in the order in which a sink takes them: those of the value first.
func (r *Relation) Sunk() types.Schema {
	if len(r.Clauses) == 0 {
		return r.Columns
	}
	return append(r.Recorded(), r.WrittenMetadata()...)
}

func (r *Relation) columns(with func(Clause) bool) types.Schema {
	if len(r.Clauses) == 0 && with(Clause{}) {
		return r.Columns
	}
	var out types.Schema
	for _, c := range r.Columns {
		if with(r.Clause(c.Name)) {
			out = append(out, c)
		}
	}
	return out
}
