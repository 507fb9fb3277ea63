package pgwire

import (
	"sync"

	"github.com/jackc/pgproto3/v2"
)

// keptNotifications wait for a client at most; of one that reads no faster the oldest are left out.
const keptNotifications = 1024

// notifications wait until the client may have them: between transactions.
type notifications struct {
	sync.Mutex
	waiting []pgproto3.NotificationResponse
	came    chan struct{} // holds a token while some wait
}

func (n *notifications) add(m pgproto3.NotificationResponse) {
	n.Lock()
	defer n.Unlock()
	if len(n.waiting) == keptNotifications {
		n.waiting = n.waiting[1:]
	}
	n.waiting = append(n.waiting, m)
	select {
	case n.came <- struct{}{}:
	default:
	}
}

func (n *notifications) take() []pgproto3.NotificationResponse {
	n.Lock()
	defer n.Unlock()
	list := n.waiting
	n.waiting = nil
	return list
}

func (c *conn) notify(channel, payload string) {
	c.notifications.add(pgproto3.NotificationResponse{PID: c.pid, Channel: channel, Payload: payload})
}

// sendNotifications sends what waits, if the client is in no transaction.
func (c *conn) sendNotifications() {
	if c.session.TxStatus() != idleTransaction {
		return
	}
	for _, m := range c.notifications.take() {
		c.send(&m)
	}
}
