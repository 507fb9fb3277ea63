package ha

import (
	"encoding/json"

	"slipway/checkpoint"
)

// jobFormat is the version of a job's record.
const jobFormat = 1

// plainJob is a Job without the methods below.
type plainJob Job

type storedJob struct {
	Format int `json:"format"`
	plainJob
}

// MarshalJSON gives the job's record.
func (j Job) MarshalJSON() ([]byte, error) { return json.Marshal(storedJob{jobFormat, plainJob(j)}) }

// UnmarshalJSON reads the job's record.
func (j *Job) UnmarshalJSON(b []byte) error {
	var s storedJob
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*j = Job(s.plainJob)
	return checkpoint.CheckFormat("the record of stream job "+j.FullName(), s.Format, jobFormat)
}
