// Package format turns records into rows with kinds and rows into records: JSON, delimited
// text, raw bytes. A record is what a connector takes from the outside or gives to it,
// whatever the connector is: a Kafka record, a line of a file, a body of a request.
//
// A format is one file and one line in the registry.
package format

import (
	"slipway/conf"
	"slipway/executor/column"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Record is what lies outside. What it points to is lent until the call returns.
type Record struct {
	Key, Value []byte // nil: it has none; of Kafka, a record without value deletes
	// Headers are there for readers whose Format asks for them, and taken from its writers.
	Headers []Header
	Time    int64 // microseconds since 1970-01-01 at which it was written outside; 0: unknown
	// Split and Position are its place: partition and offset, or file and line.
	Split, Position int64
}

// Header is one of a record's own properties; a key may come several times.
type Header struct {
	Key   string
	Value []byte
}

// Reader turns records into rows. One goroutine calls it.
type Reader interface {
	// Read adds the rows that a record gives, at most MaxRows of them, or none. After an
	// error what it had added is taken back by the caller.
	Read(r *Record, rows *Rows) error
}

// MaxRows is how many rows one record may give: with a batch that was all but full they
// are a batch of column.MaxBatchRows.
const MaxRows = column.MaxBatchRows - column.BatchRows

// Writer turns rows into records. One goroutine calls it.
type Writer interface {
	// Takes is why the format cannot write rows of b as they are; nil if it can.
	Takes(b *column.Batch) error
	// Write gives the record of row i of b; false if the row, by its kind, is in none. What r
	// points to is lent until the next call.
	Write(b *column.Batch, i int, r *Record) bool
}

// Options are what a format needs to know of a stream.
type Options struct {
	Declared types.Schema
	Columns  []int // that are needed, ascending; the batch's columns, in order
	Keys     []int // columns of the batch that make the record key, in its order
	// Defaults are the values of declared columns that a record does not have at all.
	Defaults []plan.Default
	// Deletions: a Writer gives a record without value for a row that is deleted; else none.
	Deletions bool
	// Fields stands between the fields of a text; empty: Hive's.
	Fields string
	// Settings hold the format's own options; nil: their defaults.
	Settings *conf.Values
}

// Format is the declaration of one: what it is called, what it can do, and what makes it.
type Format struct {
	Name string
	Text string // says in a line what a record is
	// Options are the format's own, of the streams that name it.
	Options []*conf.Setting
	// Changes: its records say themselves what they do to rows. Of another format a record
	// is a row, or, without a value and in a stream that is read by key, the end of one.
	Changes bool
	// NeedsKey: it takes only streams with a PRIMARY KEY.
	NeedsKey bool
	// Headers: its Reader looks at them.
	Headers bool
	// Check refuses columns that it cannot hold; nil: it takes all.
	Check func(declared types.Schema) error
	// NewReader and NewWriter are nil of a format that cannot be read, or not be written.
	NewReader func(Options) (Reader, error)
	NewWriter func(Options) (Writer, error)
}

// Reader makes a reader, if the format can be read so.
func (f *Format) Reader(o Options) (Reader, error) {
	if f.NewReader == nil {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "format %s only writes", f.Name)
	}
	return f.NewReader(o)
}

// Writer makes a writer, if the format can be written so.
func (f *Format) Writer(o Options) (Writer, error) {
	if f.NewWriter == nil {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "format %s only reads", f.Name)
	}
	return f.NewWriter(o)
}

// Registry holds formats by their names.
type Registry []*Format

// Find gives a format, or an error that names those there are.
func (r Registry) Find(name string) (*Format, error) {
	for _, f := range r {
		if f.Name == name {
			return f, nil
		}
	}
	return nil, sqlerr.New(sqlerr.InvalidParameter, "format %q does not exist", name)
}

// Traits are what the compiler knows of the formats.
func (r Registry) Traits() (out []*catalog.FormatTraits) {
	for _, f := range r {
		out = append(out, &catalog.FormatTraits{
			Name: f.Name, Text: f.Text, Options: f.Options,
			Reads: f.NewReader != nil, Writes: f.NewWriter != nil, Changes: f.Changes, NeedsKey: f.NeedsKey,
		})
	}
	return out
}

// All are the formats that streams may name.
var All = Registry{JSON, Delimited, Raw}
