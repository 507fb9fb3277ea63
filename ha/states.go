package ha

// transitions is the whole life of a job: from each state the states it may enter
// next. Anything else is a fault of ours and is refused (setState).
var transitions = map[State][]State{
	Created:    {Starting, Dropping},
	Starting:   {Running, Restarting, Stopping, Stopped, Finished, Failed, Dropping},
	Running:    {Restarting, Stopping, Stopped, Finished, Failed, Dropping},
	Restarting: {Starting, Stopping, Stopped, Failed, Dropping},
	Stopping:   {Stopped, Finished, Failed, Dropping},
	Stopped:    {Starting, Dropping},
	Finished:   {Starting, Dropping},
	Failed:     {Starting, Stopped, Dropping},
	Dropping:   {},
}

// CanBecome tells whether a job in state s may enter state next.
func (s State) CanBecome(next State) bool {
	for _, t := range transitions[s] {
		if t == next {
			return true
		}
	}
	return false
}

// Active tells the states in which an attempt is under way or about to be.
func (s State) Active() bool {
	return s == Starting || s == Running || s == Restarting || s == Stopping
}
