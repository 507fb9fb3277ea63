package auth

import (
	"net/netip"
	"sync"
	"time"
)

// What wrong passwords cost. A wait is for the one attempt, right or wrong, and holds up
// nobody else; failures are forgotten by halves.
const (
	firstDelay   = 100 * time.Millisecond
	longestDelay = 4 * time.Second
	halfLife     = 30 * time.Second
	mostKeys     = 10_000
)

// key is what failures are counted by: a user at an address, a user, an address.
type key struct {
	address netip.Prefix
	user    string
}

// free are the failures of a key that cost nothing: few for a user at one address, more for a
// user anywhere (whom others could else slow down at will), most for an address, which many may share.
func (k key) free() float64 {
	switch {
	case k.user == "":
		return 30
	case !k.address.IsValid():
		return 10
	}
	return 2
}

func keysOf(user string, address netip.Addr) [3]key {
	bits := 32
	if address.Is6() {
		bits = 64 // what one machine has at its choice
	}
	network, _ := address.Prefix(bits)
	return [3]key{{network, user}, {user: user}, {address: network}}
}

type failures struct {
	count float64
	at    time.Time
}

// left is the number of failures that are not forgotten.
func (f failures) left(now time.Time) float64 {
	n := f.count
	for d := now.Sub(f.at); d >= halfLife && n >= 1; d -= halfLife {
		n /= 2
	}
	return n
}

// delays remembers failures.
type delays struct {
	sync.Mutex
	by map[key]failures
}

// before is how long an attempt waits before it is judged.
func (d *delays) before(user string, address netip.Addr, now time.Time) time.Duration {
	d.Lock()
	defer d.Unlock()
	var longest time.Duration
	for _, k := range keysOf(user, address) {
		longest = max(longest, delayOf(d.by[k].left(now)-k.free()))
	}
	return longest
}

// delayOf doubles with each failure beyond those that are free.
func delayOf(beyond float64) time.Duration {
	d := firstDelay
	switch {
	case beyond < 0:
		return 0
	case beyond > 10:
		return longestDelay
	}
	for range int(beyond) {
		d *= 2
	}
	return min(d, longestDelay)
}

// failed counts a wrong password.
func (d *delays) failed(user string, address netip.Addr, now time.Time) {
	d.Lock()
	defer d.Unlock()
	if d.by == nil {
		d.by = map[key]failures{}
	}
	for _, k := range keysOf(user, address) {
		d.by[k] = failures{d.by[k].left(now) + 1, now}
	}
	d.forget(now)
}

// forget keeps the memory bounded: what is forgotten goes, and if that is not enough, anything.
func (d *delays) forget(now time.Time) {
	if len(d.by) <= mostKeys {
		return
	}
	for k, f := range d.by {
		if f.left(now) < 1 || len(d.by) > mostKeys {
			delete(d.by, k)
		}
	}
}

// succeeded forgets the failures of a user at an address.
func (d *delays) succeeded(user string, address netip.Addr) {
	d.Lock()
	defer d.Unlock()
	delete(d.by, keysOf(user, address)[0])
}
