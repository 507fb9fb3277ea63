// Package faultinject holds the named points at which a test can kill the process: the
// gaps between two durable steps that random kills almost never hit. Every point is
// free when SLIPWAY_CRASHPOINT is unset.
//
// SLIPWAY_CRASHPOINT=name:n ends the process with exit code 137 and without any
// cleanup when the point is reached for the n-th time.
package faultinject

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// Point is one place in the code, declared as a package variable by the package
// that passes it.
type Point struct {
	name  string
	armed bool
	left  atomic.Int64
}

var (
	names    []string // written by init functions only
	wanted   string
	wantedAt int64
)

func init() {
	name, n, _ := strings.Cut(os.Getenv("SLIPWAY_CRASHPOINT"), ":")
	wanted, wantedAt = name, 1
	if k, err := strconv.ParseInt(n, 10, 64); err == nil && k > 0 {
		wantedAt = k
	}
}

// CrashPoint declares a point; names are unique.
func CrashPoint(name string) *Point {
	names = append(names, name)
	p := &Point{name: name, armed: name == wanted}
	p.left.Store(wantedAt)
	return p
}

// CrashPoints lists all points of the program, sorted.
func CrashPoints() []string { return slices.Sorted(slices.Values(names)) }

// Here passes the point: the armed one ends the process at its n-th passing.
func (p *Point) Here() {
	if p.armed && p.left.Add(-1) == 0 {
		os.Stderr.WriteString("crash point " + p.name + " reached\n")
		os.Exit(137)
	}
}
