package ha

import "time"

// Strategy names of morphling.restart.strategy.
const (
	NoRestart        = "none"
	FixedDelay       = "fixed-delay"
	FailureRate      = "failure-rate"
	ExponentialDelay = "exponential-delay"
)

// Policy decides whether a failed job is started again, and when.
type Policy struct {
	Strategy string
	// Attempts is the number of restarts since the last START: fixed-delay gives up
	// behind them, failure-rate behind that many within Interval; negative: no limit.
	Attempts int
	Interval time.Duration
	// Delay is the wait before a restart; exponential-delay doubles it up to MaxDelay
	// and begins anew after a run of at least MaxDelay.
	Delay    time.Duration
	MaxDelay time.Duration
}

// Next answers after a failure: failures are the times of all failures since START,
// the last one included, oldest first.
func (p Policy) Next(failures []time.Time) (delay time.Duration, restart bool) {
	switch p.Strategy {
	case FixedDelay:
		return p.Delay, p.Attempts < 0 || len(failures) <= p.Attempts
	case FailureRate:
		return p.Delay, p.Attempts < 0 || p.recent(failures) <= p.Attempts
	case ExponentialDelay:
		return p.backoff(failures), p.Attempts < 0 || len(failures) <= p.Attempts
	}
	return 0, false
}

// recent counts the failures within Interval before the last.
func (p Policy) recent(failures []time.Time) int {
	last, n := failures[len(failures)-1], 0
	for _, f := range failures {
		if last.Sub(f) < p.Interval {
			n++
		}
	}
	return n
}

func (p Policy) backoff(failures []time.Time) time.Duration {
	delay := p.Delay
	for i := 1; i < len(failures); i++ {
		delay = min(2*delay, p.MaxDelay)
		if failures[i].Sub(failures[i-1]) > p.MaxDelay+delay {
			delay = p.Delay
		}
	}
	return delay
}
