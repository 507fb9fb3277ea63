//go:build race

package executortest

const raceDetector = true
