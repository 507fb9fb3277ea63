package ast

// ShowEvents is SHOW EVENTS [FOR STREAMJOB name].
type ShowEvents struct {
	Source
	Job *Name // nil for all
}

var _ = written("SHOW EVENTS", Form{Clause: MayHaveJob, Make: func(_ *string, job *Name) Statement { return &ShowEvents{Job: job} }})

// Tag is SHOW.
func (*ShowEvents) Tag() string { return "SHOW" }

func (s *ShowEvents) String() string { return ofJob("SHOW EVENTS", s.Job) }
