package jobs_test

import (
	"testing"
	"time"

	"slipway/ha"
	"slipway/server/jobs"
)

// TestPolicy: what the properties of a job say about its restarts.
func TestPolicy(t *testing.T) {
	for _, c := range []struct {
		name       string
		properties []ha.Property
		want       ha.Policy
		failover   bool
	}{
		{"nothing set", nil, ha.Policy{Strategy: ha.ExponentialDelay, Attempts: -1}, true},
		{"a number", []ha.Property{{Key: "morphling.task.max.failures", Value: "3"}}, ha.Policy{Strategy: ha.FixedDelay, Attempts: 3}, true},
		{"none", []ha.Property{{Key: "morphling.task.max.failures", Value: "-1"}}, ha.Policy{Strategy: ha.NoRestart, Attempts: 3}, true},
		{"off", []ha.Property{{Key: "morphling.job.enable.auto.failover", Value: "FALSE"}}, ha.Policy{Strategy: ha.NoRestart, Attempts: 3}, false},
		{"a strategy", []ha.Property{{Key: "morphling.restart.strategy", Value: "failure-rate"}}, ha.Policy{Strategy: ha.FailureRate, Attempts: 3}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.Delay, c.want.MaxDelay, c.want.Interval = time.Second, time.Minute, 5*time.Minute
			got, failover := jobs.Policy(&ha.Job{Properties: c.properties})
			if got != c.want || failover != c.failover {
				t.Errorf("%+v, failover %t; want %+v, %t", got, failover, c.want, c.failover)
			}
		})
	}
}
