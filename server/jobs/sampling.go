package jobs

import "time"

// sampleEvery lies between two looks at what running jobs have done: rates are those of the last five to ten seconds.
const sampleEvery = 5 * time.Second

// sampleRunning looks at all running jobs again and again. One goroutine does it for all of them, and only while one runs;
// it ends when stop is closed.
func (r *Runner) sampleRunning(stop <-chan struct{}) {
	every := time.NewTicker(sampleEvery)
	defer every.Stop()
	for {
		select {
		case now := <-every.C:
			for _, a := range r.attempts() {
				a.job.Sample(now)
			}
		case <-stop:
			return
		}
	}
}

func (r *Runner) attempts() []*attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]*attempt, 0, len(r.mu.running))
	for _, a := range r.mu.running {
		out = append(out, a)
	}
	return out
}
