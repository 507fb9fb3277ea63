// Package catalog holds what was declared: databases, streams, tables, views and
// applications, as immutable snapshots. A statement sees one snapshot from
// beginning to end; a change goes to Store first and is a new snapshot afterwards.
// Jobs are not here: ha.JobStore owns them.
package catalog

import (
	"context"
	"time"

	"slipway/sql/types"
)

// DefaultDatabase always exists.
const DefaultDatabase = "default"

// Kind tells the declared relations apart.
type Kind string

const (
	// Stream is CREATE STREAM over a topic: source and sink alike.
	Stream Kind = "stream"
	// Table is CREATE TABLE with a connector.
	Table Kind = "table"
	// View is CREATE VIEW, or CREATE STREAM … AS SELECT: a named query.
	View Kind = "view"
)

// Property is one key and value, spelled as declared, in order of declaration.
type Property struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Watermark is WATERMARK FOR Column AS Column - Delay.
type Watermark struct {
	Column string        `json:"column"`
	Delay  time.Duration `json:"delay"`
}

// RowFormat is ROW FORMAT DELIMITED, with the escapes resolved.
type RowFormat struct {
	Fields string `json:"fields"` // default "\001"
	Lines  string `json:"lines"`  // default "\n"
}

// Relation is a declared stream, table or view. It is never changed after it was stored.
type Relation struct {
	// OID is the number clients see in PostgreSQL catalogs, from 16384 up, never used twice.
	OID      uint32       `json:"oid"`
	Database string       `json:"database"` // lower case
	Name     string       `json:"name"`     // lower case
	Kind     Kind         `json:"kind"`
	Derived  bool         `json:"derived,omitempty"` // a View made by CREATE STREAM … AS
	Columns  types.Schema `json:"columns"`
	// Clauses are of the columns whose values do not come from a record's value alone.
	Clauses    []Clause   `json:"column_clauses,omitempty"`
	PrimaryKey []string   `json:"primary_key,omitempty"`
	Watermark  *Watermark `json:"watermark,omitempty"`
	RowFormat  *RowFormat `json:"row_format,omitempty"`
	Properties []Property `json:"properties,omitempty"`
	Comment    string     `json:"comment,omitempty"`
	// Query is the text of a View, and Path the database it is resolved in.
	Query string `json:"query,omitempty"`
	Path  string `json:"path,omitempty"`
	// Reads are the db.names that a View reads, also by other views.
	Reads []string `json:"reads,omitempty"`
	// Owner is the OID of the role that made it; 0: made when there were no users, it belongs to superusers.
	Owner   uint32    `json:"owner,omitempty"`
	Created time.Time `json:"created"`
}

// FullName is db.name.
func (r *Relation) FullName() string { return r.Database + "." + r.Name }

// Property finds a property by key without regard to case; "" if absent.
func (r *Relation) Property(key string) string { return findProperty(r.Properties, key) }

// Application is a name that groups jobs.
type Application struct {
	Database string    `json:"database"`
	Name     string    `json:"name"`
	Owner    uint32    `json:"owner,omitempty"` // as Relation.Owner
	Created  time.Time `json:"created"`
}

// Database is a name space of relations and jobs.
type Database struct {
	OID     uint32    `json:"oid"`
	Name    string    `json:"name"`
	Owner   uint32    `json:"owner,omitempty"` // as Relation.Owner
	Created time.Time `json:"created"`
}

// Format is the version of what a store keeps of a catalog; one that does not say has 1.
// In 1 the types of columns were numbers, in 2 they are their stored form; in 3 there are functions, and columns with
// clauses, which a server that knows none would lose; in 4 functions that give tables and aggregates; in 5 users, and
// owners of what is declared, and
// secrets, and properties that are sealed or name one.
const Format = 5

// Format is that in which a snapshot is written: the least that has what it holds.
func (s *Snapshot) Format() int {
	if s.holdsSecrets() {
		return Format
	}
	least := 2
	for _, f := range s.Functions {
		if least = max(least, 3); f.Columns != nil || f.Aggregate != nil {
			least = 4
		}
	}
	for _, r := range s.Relations {
		if len(r.Clauses) > 0 {
			least = max(least, 3)
		}
	}
	if len(s.Users) > 0 || s.owned() {
		return Format
	}
	return least
}

// owned tells that something has an owner, which a server that knows no users would lose.
func (s *Snapshot) owned() bool {
	for _, r := range s.Relations {
		if r.Owner != 0 {
			return true
		}
	}
	for _, d := range s.Databases {
		if d.Owner != 0 {
			return true
		}
	}
	for _, f := range s.Functions {
		if f.Owner != 0 {
			return true
		}
	}
	for _, a := range s.Applications {
		if a.Owner != 0 {
			return true
		}
	}
	return false
}

// Snapshot is everything declared at one moment. It must not be changed.
type Snapshot struct {
	Version      int64
	Databases    map[string]*Database
	Relations    map[string]*Relation    // by full name
	Applications map[string]*Application // by db.name
	Functions    map[string]*Function    `json:",omitempty"` // by Function.Key
	Secrets      map[string]*Secret      `json:",omitempty"` // by name
	Users        map[string]*User        `json:",omitempty"` // by name
}

// Relation finds a relation by database and name (both lower case), or nil.
func (s *Snapshot) Relation(database, name string) *Relation {
	return s.Relations[database+"."+name]
}

// Change is one DDL statement's effect: puts and deletes that happen together or not at all.
type Change struct {
	PutDatabase     *Database
	DropDatabase    string // name
	PutRelation     *Relation
	DropRelation    string // full name
	PutApplication  *Application
	DropApplication string // db.name
	PutFunction     *Function
	DropFunction    string // Function.Key
	PutSecret       *Secret
	DropSecret      string // name
	// EditUsers says how roles change, by what they are when the change is made: two changes of one role are made one
	// behind the other. It puts new roles, which get an OID, and changed ones, which are found by theirs, and drops names.
	EditUsers func(now *Snapshot) (put []*User, drop []string, err error)
	// Reassign gives what each of these OIDs owns to another role.
	Reassign map[uint32]uint32
	// DroppedJob is the id of a job that is not there any more: what was granted on it goes.
	DroppedJob    string
	AlterRelation string // full name; SetProperties are put over its own
	SetProperties []Property
	// ReplacedProperties are other keys of what SetProperties set: they go.
	ReplacedProperties []string
	RenameRelation     string // full name; NewName takes the place of its name
	NewName            string
	NeedOID            bool // give PutDatabase or PutRelation a fresh OID
	ReplaceIfExisting  bool // else an existing name fails with ErrExists
}

// Store keeps the catalog durably. Apply returns only after the change survives a
// crash (M0). Safe for concurrent use.
type Store interface {
	// Snapshot is the newest state; cheap.
	Snapshot() *Snapshot
	// Apply makes a change; ErrExists or ErrMissing if the names do not fit.
	Apply(ctx context.Context, c Change) (*Snapshot, error)
}
