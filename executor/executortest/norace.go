//go:build !race

package executortest

const raceDetector = false
