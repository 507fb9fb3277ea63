package executor

// Stateless is embedded by operators that hold nothing between two batches.
type Stateless struct{}

func (Stateless) Open(*Env) error                 { return nil }
func (Stateless) OnWatermark(int64, Output) error { return nil }
func (Stateless) Flush(Output) error              { return nil }
func (Stateless) Close() error                    { return nil }

// Signal wakes one that waits for it: set once or many times, it is received once. Set
// never blocks and may be called by anybody.
type Signal chan struct{}

// NewSignal makes one that is not set.
func NewSignal() Signal { return make(Signal, 1) }

// Set wakes who waits, or who waits next.
func (s Signal) Set() {
	select {
	case s <- struct{}{}:
	default:
	}
}
