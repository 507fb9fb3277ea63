package conf

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// parse checks a text against the declaration.
func (s *Setting) parse(text string) (any, error) {
	switch s.Type {
	case "boolean":
		return parseBool(text)
	case "integer":
		return s.parseInt(text)
	case "duration":
		return s.parseDuration(text)
	case "bytes":
		n, err := parseBytes(text)
		if err != nil {
			return nil, err
		}
		return n, s.checkLeast(n, text)
	case "choice":
		return s.parseChoice(text)
	}
	return text, nil
}

func parseBool(text string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "on", "yes", "1":
		return true, nil
	case "false", "off", "no", "0":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false", text)
}

func (s *Setting) parseInt(text string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", text)
	}
	return n, s.within(n)
}

func (s *Setting) within(n int64) error {
	if s.Min == 0 && s.Max == 0 {
		return nil
	}
	if n < s.Min || n > s.Max {
		return fmt.Errorf("%d is not between %d and %d", n, s.Min, s.Max)
	}
	return nil
}

// durationText is a duration in one unit as people write it; m is a minute, as in 1m30s.
var durationText = regexp.MustCompile(`^(?i)([0-9]+)\s*(ms|milliseconds?|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)$`)

// units are the durations of their first letters.
var units = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}

// ReadDuration reads a duration as properties have it: a number of milliseconds, or a text such as 10s, 1m30s, 10 min and 1 day.
func ReadDuration(text string) (time.Duration, error) { return (&Setting{}).parseDuration(text) }

// durationOf takes texts such as 10s, 1m30s, 10 min and 1 day.
func durationOf(text string) (time.Duration, error) {
	m := durationText.FindStringSubmatch(text)
	if m == nil {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	unit, name := units[strings.ToLower(m[2])[0]], strings.ToLower(m[2])
	if name == "ms" || strings.HasPrefix(name, "milli") {
		unit = time.Millisecond
	}
	if err != nil || n > int64(1<<63-1)/int64(unit) {
		return 0, strconv.ErrRange
	}
	return time.Duration(n) * unit, nil
}

// parseDuration takes a bare number in Unit or a text for durationOf; bounds are in milliseconds.
func (s *Setting) parseDuration(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	n, err := strconv.ParseInt(text, 10, 64)
	d := time.Duration(n) * time.Millisecond
	if err != nil {
		if d, err = durationOf(text); err != nil {
			return 0, fmt.Errorf("%q is neither a number of milliseconds nor a duration such as 10s, 5 min or 1 day", text)
		}
	} else if n > int64(1<<63-1)/int64(time.Millisecond) || n < -int64(1<<62)/int64(time.Millisecond) {
		return 0, fmt.Errorf("%s ms is out of range", text)
	}
	return d, s.within(d.Milliseconds())
}

var byteText = regexp.MustCompile(`^(?i)\s*(\d+)\s*(b|kb|mb|gb|tb|kib|mib|gib|tib|k|m|g|t)?\s*$`)

func parseBytes(text string) (int64, error) {
	m := byteText.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q is not a size such as 512MB", text)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	shift := 0
	if m[2] != "" {
		shift = 10 * (strings.IndexByte("bkmgt", strings.ToLower(m[2])[0]))
	}
	if err != nil || n > (1<<62)>>shift {
		return 0, fmt.Errorf("%q is out of range", text)
	}
	return n << shift, nil
}

// checkLeast refuses a size below the least: mostly its unit was forgotten. 0 is a default.
func (s *Setting) checkLeast(n int64, text string) error {
	if n == 0 || n >= s.Min {
		return nil
	}
	text = strings.TrimSpace(text)
	if _, err := strconv.ParseInt(text, 10, 64); err != nil {
		return fmt.Errorf("%s is below the least, %dMB", text, s.Min>>20)
	}
	return fmt.Errorf("%s bytes are below the least, %dMB; a number without a unit counts bytes: write %[1]sMB or %[1]sGB", text, s.Min>>20)
}

// spelled is a text as it is compared: exactly-once is exactly_once.
func spelled(text string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text)), "-", "_")
}

func (s *Setting) parseChoice(text string) (string, error) {
	got := spelled(text)
	for _, c := range s.Choices {
		if spelled(c) == got {
			return c, nil
		}
	}
	return "", fmt.Errorf("%q is none of %s", text, strings.Join(s.Choices, ", "))
}
