package session

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// offset is a time zone by its distance, as clients write it: +02, -05:30, UTC+2.
var offset = regexp.MustCompile(`^(GMT|UTC)?([-+]?)(\d{1,2})(?::(\d\d))?(?::(\d\d))?$`)

// location gives the time zone of a name or of a distance. A bare distance counts to the
// east; behind GMT or UTC it counts to the west, as POSIX has it and PostgreSQL's clients
// write it.
func location(name string) (*time.Location, bool) {
	m := offset.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(name)))
	if m == nil {
		l, err := time.LoadLocation(name)
		return l, err == nil && name != "" && name != "Local"
	}
	seconds := 0
	for i, unit := range []int{3600, 60, 1} {
		n, _ := strconv.Atoi(m[3+i]) // "" is 0
		seconds += n * unit
	}
	if (m[2] == "-") != (m[1] != "") {
		seconds = -seconds
	}
	return time.FixedZone(name, seconds), seconds > -16*3600 && seconds < 16*3600
}

// zone checks the setting's value.
func zone(v string) (string, bool) {
	l, ok := location(v)
	if !ok || offset.MatchString(strings.ToUpper(v)) {
		return v, ok
	}
	return l.String(), true
}

// location is the zone of the session's statements; jobs have the server's.
func (s *session) location() *time.Location {
	name, set := s.vars["timezone"]
	if !set {
		return s.TimeZone
	}
	if s.zone == nil || s.zone.String() != name {
		s.zone, _ = location(name) // it was checked when it was set
	}
	return s.zone
}
