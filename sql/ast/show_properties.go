package ast

// ShowProperties is SHOW PROPERTIES FOR STREAMJOB name.
type ShowProperties struct {
	Source
	Job Name
}

var _ = written("SHOW PROPERTIES", Form{Clause: HasJob, Make: func(_ *string, job *Name) Statement { return &ShowProperties{Job: *job} }})

// Tag is SHOW.
func (*ShowProperties) Tag() string { return "SHOW" }

func (s *ShowProperties) String() string { return ofJob("SHOW PROPERTIES", &s.Job) }
