package zookeeper

import (
	"time"

	"github.com/go-zookeeper/zk"
)

// A leader that lives says so: it sets the node `alive` each time it has asked whether it
// leads. Who stands by looks whether that node changes, so no clocks are compared.

// beatEvery bounds the time between two signs of life.
const beatEvery = 2 * time.Second

// beat gives one sign of life; one that is lost is made up for by the next.
func (c *Conn) beat() {
	c.asLeader(&zk.SetDataRequest{Path: c.path("alive"), Version: -1})
}

// heard is the last sign of life of a leader.
type heard struct {
	leader  Leader
	version int32     // of the node
	at      time.Time // by this server's clock; zero: no change was seen yet
}

// hears is the state behind a look at the leader and its sign of life. The first look
// cannot tell how old the sign is.
func (h heard) hears(l Leader, version int32, known bool, now time.Time) heard {
	next := heard{leader: l, version: version, at: h.at}
	if known && (l.Epoch != h.leader.Epoch || version != h.version) {
		next.at = now
	}
	return next
}

// Look looks for a sign of life of the leader.
func (c *Conn) Look() error {
	l, err := c.Leader()
	if err != nil {
		return err
	}
	_, stat, err := c.zk.Exists(c.path("alive"))
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mu.heard = c.mu.heard.hears(l, stat.Version, c.mu.looked, time.Now())
	c.mu.looked = true
	return nil
}

// Heard is the leader's address and when it gave its last sign of life, as far as Look has
// seen: empty and zero if nothing is known.
func (c *Conn) Heard() (address string, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mu.heard.leader.Address, c.mu.heard.at
}
