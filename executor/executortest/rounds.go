package executortest

// Rounds is how many of n rounds a random test makes. The race detector makes each ten times as
// slow and finds in a few what it finds in many: with it they are a quarter.
func Rounds(n int) int {
	if raceDetector {
		return max(min(n, 4), n/4)
	}
	return n
}

// RaceDetector tells that the test runs with it. Pools then forget some of what is put back.
func RaceDetector() bool { return raceDetector }
