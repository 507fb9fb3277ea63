package ast

// ShowTransactions is SHOW TRANSACTIONS [FOR STREAMJOB name].
type ShowTransactions struct {
	Source
	Job *Name // nil for all jobs
}

var _ = written("SHOW TRANSACTIONS", Form{Clause: MayHaveJob, Make: func(_ *string, job *Name) Statement { return &ShowTransactions{Job: job} }})

// Tag is SHOW.
func (*ShowTransactions) Tag() string { return "SHOW" }

func (s *ShowTransactions) String() string { return ofJob("SHOW TRANSACTIONS", s.Job) }
