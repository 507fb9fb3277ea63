package ast

// ShowWatermark is SHOW WATERMARK FOR STREAMJOB name.
type ShowWatermark struct {
	Source
	Job Name
}

var _ = written("SHOW WATERMARK", Form{Clause: HasJob, Make: func(_ *string, job *Name) Statement { return &ShowWatermark{Job: *job} }})

// Tag is SHOW.
func (*ShowWatermark) Tag() string { return "SHOW" }

func (s *ShowWatermark) String() string { return ofJob("SHOW WATERMARK", &s.Job) }
