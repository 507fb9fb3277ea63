package node

import (
	"context"

	"slipway/server/traces"
)

// traced makes spans of statements; nil where nobody takes them.
func (n *Node) traced() func(ctx context.Context, kind, user, database string) (context.Context, func(error)) {
	if n.traces == nil {
		return nil
	}
	return func(ctx context.Context, kind, user, database string) (context.Context, func(error)) {
		return n.traces.Begin(ctx, kind, traces.Attributes{"db.system.name": "slipway", "db.operation.name": kind, "db.user": user, "db.namespace": database})
	}
}
