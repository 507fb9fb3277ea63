//go:build race

package process

const raceEnabled = true

// RaceFactor is how much more memory a process may take under the race detector.
const RaceFactor = 10
