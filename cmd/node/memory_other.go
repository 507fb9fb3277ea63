//go:build !linux

package node

func giveBack(memory []byte) []byte { return memory }
