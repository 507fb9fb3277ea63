package ast

// ShowFailures is SHOW FAILURES [FOR STREAMJOB name].
type ShowFailures struct {
	Source
	Job *Name // nil for all
}

var _ = written("SHOW FAILURES", Form{Clause: MayHaveJob, Make: func(_ *string, job *Name) Statement { return &ShowFailures{Job: job} }})

// Tag is SHOW.
func (*ShowFailures) Tag() string { return "SHOW" }

func (s *ShowFailures) String() string { return ofJob("SHOW FAILURES", s.Job) }
