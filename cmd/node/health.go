package node

import (
	"context"
	"fmt"
	"time"

	"slipway/checkpoint/localfs"
	"slipway/conf"
	"slipway/server/web"
)

// Checks implements web.Figures.
func (n *Node) Checks(ctx context.Context) []web.Check {
	return []web.Check{{Name: "clients", Fault: n.taken()}, {Name: "leader", Fault: n.led()}, {Name: "brokers", Fault: n.reached(ctx)}, {Name: "disk", Fault: n.room()}}
}

// taken says why clients are not taken: they are, from when the catalog has been read and
// the jobs are taken up until the server is asked to end.
func (n *Node) taken() string {
	if n.serving.Load() {
		return ""
	}
	return "the server is starting or ending"
}

// led says why nobody is there who runs the jobs.
func (n *Node) led() string {
	p := n.parts.Load()
	if p == nil {
		return "the role of this server is not known yet"
	}
	if p.Standby == nil {
		return ""
	}
	word, leads := p.Standby.LeaderSeen(time.Now())
	if leads {
		return ""
	}
	return word
}

// reached says why the server's own brokers cannot be used.
func (n *Node) reached(ctx context.Context) string {
	if err := n.kafka.Ping(ctx); err != nil {
		return "the brokers do not answer: " + conf.Redact(err.Error())
	}
	return ""
}

// room says why nothing can be written to the data directory.
func (n *Node) room() string {
	directory := conf.DataDirectory.Get(n.cfg)
	free, err := localfs.Free(directory)
	return full(directory, free, err)
}

// fullBytes is the room below which what is declared, and checkpoints, will not be written for long.
const fullBytes = 16 << 20

func full(directory string, free uint64, err error) string {
	switch {
	case err != nil:
		return fmt.Sprintf("the data directory %s cannot be looked at: %v", directory, err)
	case free < fullBytes:
		return fmt.Sprintf("the data directory %s has %d MB left: statements and checkpoints will fail", directory, free>>20)
	}
	return ""
}

func (n *Node) role() string {
	if p := n.parts.Load(); p == nil || p.Standby != nil {
		return web.Standby
	}
	return web.Leader
}
