package ast

// ShowTasks is SHOW TASKS [FOR STREAMJOB name].
type ShowTasks struct {
	Source
	Job *Name // nil for all jobs
}

var _ = written("SHOW TASKS", Form{Clause: MayHaveJob, Make: func(_ *string, job *Name) Statement { return &ShowTasks{Job: job} }})

// Tag is SHOW.
func (*ShowTasks) Tag() string { return "SHOW" }

func (s *ShowTasks) String() string { return ofJob("SHOW TASKS", s.Job) }
