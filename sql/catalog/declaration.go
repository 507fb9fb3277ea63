package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"slipway/conf"
)

// Declaration is what a connector says of itself: from it come the check of properties,
// their refusal on other connectors, redaction and the reference page.
type Declaration struct {
	// Name is the value of the property "connector", in lower case.
	Name string
	// Text says in a line what is behind it.
	Text string
	// Options are its own, beside those that every stream has and those of its formats.
	Options []*conf.Setting
	// Formats are those its records may have, and DefaultFormat that of a stream that names
	// none; empty where rows are read and written without a form.
	Formats       []*FormatTraits
	DefaultFormat string
	// Metadata is what its records have beside their value.
	Metadata []Metadata
	// Source and Sink are nil of a connector that cannot be read, or not be written.
	Source *SourceTraits
	Sink   *SinkTraits
	// Lookup: rows of its tables can be asked for by key (executor.Lookup). In a join with such a
	// table as of processing time they are, instead of being read.
	Lookup bool
	// Locates are the options that say where the outside is: with another value it is another
	// one, and a position in the former means nothing there.
	Locates []*conf.Setting
	// Prepares are the options of which ALTER, if it sets one, calls Prepare.
	Prepares []*conf.Setting
}

// SourceTraits are what the sources of a connector can do.
type SourceTraits struct {
	// Bounded: they know where what is there ends, or end by themselves.
	Bounded bool
	// Table: they read a table as it is now, to its end, of whose rows no two have the same PRIMARY KEY.
	Table bool
	// Changes: their rows have kinds of their own, in whatever format.
	Changes bool
	// Origin: each of their rows is of a record with a topic, a partition and an offset.
	Origin bool
	// Starts are the places at which one can begin that no checkpoint names, as
	// conf.OffsetStrategy names them; none: there is only one.
	Starts []string
}

// SinkTraits are what the sinks of a connector can do.
type SinkTraits struct {
	// Deliveries that they can promise: conf.AtLeastOnce, conf.ExactlyOnce.
	Deliveries []string
	// NeedsKey: a result that changes can be written only by PRIMARY KEY, if not every change
	// is to be a row of its own.
	NeedsKey bool
}

// FormatTraits are what a format says of itself.
type FormatTraits struct {
	Name string
	Text string
	// Options are its own: of a stream of another format they are refused.
	Options       []*conf.Setting
	Reads, Writes bool
	// Changes: a record says itself what it does to rows. Of other formats it is a row, or,
	// without a value and in a stream that is read by key, the end of one.
	Changes bool
	// NeedsKey: it takes only streams with a PRIMARY KEY.
	NeedsKey bool
}

// FieldsKey is the key of ROW FORMAT's field delimiter among the options in force; it is no
// property.
const FieldsKey = "row.format.fields"

// HiveFields stands between the fields of Hive's text files.
const HiveFields = "\001"

// Format gives a format by its name, the default for none; nil if there is no such format.
func (d *Declaration) Format(name string) *FormatTraits {
	name = cmp.Or(strings.ToLower(strings.TrimSpace(name)), d.DefaultFormat)
	for _, f := range d.Formats {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// FormatOf gives the format of a relation's records; nil if they have none.
func (d *Declaration) FormatOf(r *Relation) *FormatTraits {
	return d.Format(r.Property(conf.Format.Name()))
}

// Own gives all options of a stream that are the connector's or a format's.
func (d *Declaration) Own(f *FormatTraits) []*conf.Setting {
	out := slices.Clone(d.Options)
	if len(d.Formats) > 0 {
		choice := *conf.Format.Setting
		for _, f := range d.Formats {
			choice.Choices = append(choice.Choices, f.Name)
		}
		out = append(out, &choice)
	}
	if f != nil {
		out = append(out, f.Options...)
	}
	return out
}

// Scope is all that a stream in that format may name.
func (d *Declaration) Scope(f *FormatTraits) conf.Scope {
	return conf.Of(conf.Stream).With(d.Own(f)...)
}

// Values are the options in force of a relation: the one reading of its properties, and of
// the clause ROW FORMAT.
func (d *Declaration) Values(r *Relation) *conf.Values {
	list := make([]conf.Property, 0, len(r.Properties)+1)
	for _, p := range r.Properties {
		list = append(list, conf.P(p.Key, p.Value))
	}
	fields := HiveFields
	if r.RowFormat != nil && r.RowFormat.Fields != "" {
		fields = r.RowFormat.Fields
	}
	return d.Scope(d.FormatOf(r)).Read(append(list, conf.P(FieldsKey, fields)))
}

// Read gives the typed options of what a plan carries of them, Values.Map.
func (d *Declaration) Read(properties map[string]string) *conf.Values {
	return d.Scope(d.Format(properties[conf.Format.Name()])).ReadMap(properties)
}

// ConnectorOf is the name of what is behind a relation.
func ConnectorOf(r *Relation) string {
	return cmp.Or(strings.ToLower(r.Property(conf.Connector.Name())), conf.Connector.Default)
}

// DeclarationOf gives what the connector of a relation declares; of one that is not there
// nothing but its name.
func DeclarationOf(all map[string]Connector, r *Relation) *Declaration {
	name := ConnectorOf(r)
	if c := all[name]; c != nil {
		return c.Declaration()
	}
	return &Declaration{Name: name}
}

// CheckRead is why a relation cannot be read; empty if it can.
func (d *Declaration) CheckRead(r *Relation) string {
	if d.Source == nil && d.Lookup {
		return fmt.Sprintf("a table of connector %q is asked for rows by key, in JOIN … FOR SYSTEM_TIME AS OF PROCTIME()", d.Name)
	}
	if d.Source == nil {
		return fmt.Sprintf("connector %q only writes", d.Name)
	}
	if f := d.FormatOf(r); f != nil && !f.Reads {
		return fmt.Sprintf("format %q only writes", f.Name)
	}
	return ""
}

// CheckWrite is why a relation cannot be written; empty if it can.
func (d *Declaration) CheckWrite(r *Relation) string {
	if d.Sink == nil && d.Lookup {
		return fmt.Sprintf("connector %q only reads: tables outside are not written yet", d.Name)
	}
	if d.Sink == nil {
		return fmt.Sprintf("connector %q only reads", d.Name)
	}
	if f := d.FormatOf(r); f != nil && !f.Writes {
		return fmt.Sprintf("format %q only reads", f.Name)
	}
	return ""
}

// Changes tells that the rows of a relation have kinds of their own when they are read.
func (d *Declaration) Changes(r *Relation) bool {
	f := d.FormatOf(r)
	return d.Source != nil && d.Source.Changes || f != nil && f.Changes
}
