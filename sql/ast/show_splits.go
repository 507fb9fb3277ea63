package ast

// ShowSplits is SHOW SPLITS [FOR STREAMJOB name].
type ShowSplits struct {
	Source
	Job *Name // nil for all jobs
}

var _ = written("SHOW SPLITS", Form{Clause: MayHaveJob, Make: func(_ *string, job *Name) Statement { return &ShowSplits{Job: job} }})

// Tag is SHOW.
func (*ShowSplits) Tag() string { return "SHOW" }

func (s *ShowSplits) String() string { return ofJob("SHOW SPLITS", s.Job) }
