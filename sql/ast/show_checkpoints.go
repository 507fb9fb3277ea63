package ast

// ShowCheckpoints is SHOW CHECKPOINTS [FOR STREAMJOB name].
type ShowCheckpoints struct {
	Source
	Job *Name // nil for all jobs
}

var _ = written("SHOW CHECKPOINTS", Form{Clause: MayHaveJob, Make: func(_ *string, job *Name) Statement { return &ShowCheckpoints{Job: job} }})

// Tag is SHOW.
func (*ShowCheckpoints) Tag() string { return "SHOW" }

func (s *ShowCheckpoints) String() string { return ofJob("SHOW CHECKPOINTS", s.Job) }
