package ast

// CreateJob is CREATE STREAMJOB.
type CreateJob struct {
	Source
	IfNotExists bool
	Name        Name
	// Body is the job's SQL as it reads once quotes and escapes are resolved; Map
	// gives for an offset in Body the offset in the user's text.
	Body string
	Map  OffsetMap
	// Quoted is false for a bare INSERT between the brackets: "…" is an identifier there.
	Quoted bool
	// Inserts are the body, parsed, one at least; their positions point into the user's text.
	Inserts       []*Insert
	Properties    []Property
	PropertiesPos int // NoPos without a clause
}

// OffsetMap turns offsets of a derived text into offsets of the text it came
// from. Segments are in order; between two of them both texts run alike. The zero
// value maps every offset to itself.
type OffsetMap []Segment

// Segment says: from At on, the derived text runs like the original from From on.
type Segment struct {
	At, From int
}

// Original gives the original offset of offset at of the derived text.
func (m OffsetMap) Original(at int) int {
	lo, hi := 0, len(m)
	for lo < hi {
		mid := (lo + hi) / 2
		if m[mid].At <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return at
	}
	return m[lo-1].From + at - m[lo-1].At
}

// StartMode is where START STREAMJOB begins.
type StartMode uint8

const (
	// StartNewest resumes from the newest checkpoint, or begins afresh without one.
	StartNewest StartMode = iota
	// StartCheckpoint resumes from Checkpoint.
	StartCheckpoint
	// StartSavepoint resumes from Savepoint.
	StartSavepoint
	// StartFresh ignores checkpoints.
	StartFresh
)

// StartJob is START STREAMJOB name [FROM …].
type StartJob struct {
	Source
	Name       Name
	Mode       StartMode
	Checkpoint int64
	Savepoint  string
	// FromPos is where the choice stands; NoPos without FROM.
	FromPos int
}

// StopJob is STOP STREAMJOB name [WITH SAVEPOINT ['s']]; the name may be a stream id.
type StopJob struct {
	Source
	Name          Name
	WithSavepoint bool
	// Savepoint is empty if the server is to choose a name.
	Savepoint string
}

// SavepointJob is SAVEPOINT STREAMJOB name ['s'].
type SavepointJob struct {
	Source
	Name      Name
	Savepoint string
}

// DropSavepoint is DROP SAVEPOINT 's' FOR STREAMJOB name.
type DropSavepoint struct {
	Source
	IfExists  bool
	Savepoint string
	Name      Name
}

// StartJobs is START STREAMJOBS: all of the current application.
type StartJobs struct{ Source }

// StopJobs is STOP STREAMJOBS.
type StopJobs struct{ Source }

// DropJob is DROP STREAMJOB [IF EXISTS] name.
type DropJob struct {
	Source
	IfExists bool
	Name     Name
}

// AlterJob is ALTER STREAMJOB name SET ( … ).
type AlterJob struct {
	Source
	Name       Name
	Properties []Property
}

// ShowJob is SHOW | LIST | DESCRIBE STREAMJOB name.
type ShowJob struct {
	Source
	// Verb is SHOW, LIST or DESCRIBE.
	Verb string
	Name Name
}

// ResolveTransactions is RESOLVE TRANSACTIONS FOR STREAMJOB name COMMIT | ABORT.
type ResolveTransactions struct {
	Source
	Job    Name
	Commit bool
}

// ExplainJob is EXPLAIN [ANALYZE] STREAMJOB name.
type ExplainJob struct {
	Source
	// Analyze: with what the running job counts.
	Analyze bool
	Name    Name
}

// Explain is EXPLAIN query | INSERT | CREATE STREAMJOB.
type Explain struct {
	Source
	// Statement is a *QueryStatement, an *Insert or a *CreateJob.
	Statement Statement
}
