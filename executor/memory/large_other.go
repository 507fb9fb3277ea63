//go:build !linux

package memory

func adviseLargePages([]byte) {}

func giveBack([]byte) {}
