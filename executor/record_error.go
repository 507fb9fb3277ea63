package executor

// RecordError is a failure over one record of what a job reads. It reads as what it holds, which says the place in its own words.
type RecordError struct {
	Topic     string
	Partition int32
	Offset    int64
	Err       error
}

func (e *RecordError) Error() string { return e.Err.Error() }

func (e *RecordError) Unwrap() error { return e.Err }
