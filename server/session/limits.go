package session

import (
	"time"

	"slipway/conf"
	"slipway/ha"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// account is the client's user as it is now; nil of who needs no name.
func (s *session) account() *catalog.User { return s.everything().User(s.identity().User) }

// limits are those that ALTER USER … SET gives a user; of nobody they are the defaults.
func limits(u *catalog.User) *conf.Values {
	var list []conf.Property
	if u != nil {
		for _, p := range u.Settings {
			if conf.Of(conf.User).Find(p.Key) != nil {
				list = append(list, conf.P(p.Key, p.Value))
			}
		}
	}
	v, _, err := conf.Parse(conf.User, list)
	if err != nil { // it was checked when it was set; another build may have had other bounds
		return conf.Defaults(conf.User)
	}
	return v
}

// beginAs gives a new session what its user's settings say.
func (s *session) beginAs(u *catalog.User) {
	if u == nil {
		return
	}
	for _, p := range u.Settings {
		if conf.Of(conf.User).Find(p.Key) != nil {
			continue
		}
		if err := s.assign(&ast.Set{Name: p.Key, Values: []string{p.Value}, Pos: ast.NoPos, ValuePos: ast.NoPos}); err != nil {
			s.warn("01000", "the setting %s of user %q is left out: %s", p.Key, u.Name, sqlerr.From(err).Message)
		}
	}
}

// checkConnections refuses a client whose user has as many as it may. Those that came before count; superusers always get in.
func (s *session) checkConnections(u *catalog.User) error {
	if u == nil || u.ConnectionLimit == nil || u.Superuser || s.startup.Clients == nil {
		return nil
	}
	before := 0
	for _, c := range s.startup.Clients() {
		if c.User == u.Name && c.PID < s.startup.PID {
			before++
		}
	}
	if before < *u.ConnectionLimit {
		return nil
	}
	return sqlerr.New(sqlerr.TooManyConnections, "too many connections for role %q", u.Name).WithHint("It may have %d: ALTER USER … CONNECTION LIMIT.", *u.ConnectionLimit)
}

// checkJobs refuses to run one more job of a user who has as many as it may.
func (s *session) checkJobs(owner uint32) error {
	u := s.everything().UserByOID(owner)
	if owner == 0 || u == nil {
		return nil
	}
	most, running := conf.LimitJobs.Get(limits(u)), int64(0)
	if most == 0 {
		return nil
	}
	for _, j := range s.allJobs() {
		if j.Job.Owner == owner && j.State.Active() {
			running++
		}
	}
	if running < most {
		return nil
	}
	return sqlerr.New(sqlerr.LimitExceeded, "user %q has %d running stream jobs, and may have %d", u.Name, running, most).
		WithHint("STOP STREAMJOB one of them, or let a superuser send ALTER USER … SET %s = n.", conf.LimitJobs.Name())
}

// runs tells that a new job is to run.
func runs(j *ha.Job) bool { return j.Desired == ha.WantRunning }

// Timeout implements pgwire.Session: statement_timeout, or the user's limit if that is less.
func (s *session) Timeout() time.Duration {
	own, _ := duration(s.variable("statement_timeout"))
	most := conf.LimitTime.Get(limits(s.account()))
	if most > 0 && (own == 0 || most < own) {
		return most
	}
	return own
}
