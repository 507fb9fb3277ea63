package executor

// Stateless is embedded by operators that hold nothing between two batches.
type Stateless struct{}

func (Stateless) Open(*Env) error                 { return nil }
func (Stateless) OnWatermark(int64, Output) error { return nil }
func (Stateless) Flush(Output) error              { return nil }
func (Stateless) Close() error                    { return nil }
