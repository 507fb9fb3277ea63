package pgwire

import (
	"context"
	"strings"
)

// traced tells who wants to know that a statement begins, and gives what is called as it ends.
func (c *conn) traced(shown string) (context.Context, func(error)) {
	if c.server.options.Trace == nil {
		return c.ctx, func(error) {}
	}
	c.mu.Lock()
	who := c.mu.client
	c.mu.Unlock()
	return c.server.options.Trace(c.ctx, kindOf(shown), who.User, who.Database)
}

// kindOf is what kind of statement a text is: its first word, nothing of what the statement holds. A text of capitals alone is a tag
// and says it whole.
func kindOf(shown string) string {
	words := strings.Fields(shown)
	if len(words) == 0 {
		return "empty"
	}
	if len(words) <= 3 && strings.Trim(strings.Join(words, ""), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		return strings.Join(words, " ")
	}
	first, _, _ := strings.Cut(words[0], "(")
	if strings.Trim(strings.ToUpper(first), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || first == "" {
		return "other"
	}
	return strings.ToUpper(first)
}
