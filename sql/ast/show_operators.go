package ast

// ShowOperators is SHOW OPERATORS [FOR STREAMJOB name].
type ShowOperators struct {
	Source
	Job *Name // nil for all jobs
}

var _ = written("SHOW OPERATORS", Form{Clause: MayHaveJob, Make: func(_ *string, job *Name) Statement { return &ShowOperators{Job: job} }})

// Tag is SHOW.
func (*ShowOperators) Tag() string { return "SHOW" }

func (s *ShowOperators) String() string { return ofJob("SHOW OPERATORS", s.Job) }
