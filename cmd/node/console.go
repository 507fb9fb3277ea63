package node

import (
	"context"

	"slipway/sql/sqlerr"
)

// access is who comes into the console.
type access struct{}

// Open implements web.Access: there are no users.
func (access) Open() bool { return true }

// SignIn implements web.Access.
func (access) SignIn(context.Context, string, string, string) error {
	return sqlerr.New("28000", "there are no users")
}
