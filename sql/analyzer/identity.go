package analyzer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"slipway/sql/plan"
)

// An operator's id is a hash of what it means: where its rows come from, what was left
// out of them, and its keys and aggregates traced back to declared columns. Where it
// stands in the plan, other columns of the stream and what the optimizer makes of it
// are no part of it, so they may change under a checkpoint. Meanings are spelled in stored
// forms only (plan.Stored), never as people are shown them.

// id hashes what an operator means; the same meaning twice is numbered.
func (a *analysis) id(kind string, meaning ...any) plan.OperatorID {
	id := plan.OperatorID(kind + "-" + digest(kind+fmt.Sprint(meaning...)))
	a.ids[id]++
	if n := a.ids[id]; n > 1 {
		id = plan.OperatorID(fmt.Sprintf("%s-%d", id, n))
	}
	return id
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// maxIdentity is where a text gives way to its hash: nested queries would let it grow
// without bounds.
const maxIdentity = 512

func brief(text string) string {
	if len(text) <= maxIdentity {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// origin spells an expression over the relation in terms of declared columns.
func (r *relation) origin(e plan.Expr) string {
	traced := plan.MapColumns(e, func(c *plan.Column) plan.Expr {
		traced := *c
		traced.Index = 0
		if i := columnAt(r, c.Index); i >= 0 {
			traced.Name = r.columns[i].origin
		}
		return &traced
	})
	return brief(plan.Stored(traced))
}

func (r *relation) origins(list []plan.Expr) string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = r.origin(e)
	}
	return brief(strings.Join(out, ", "))
}

// spell is the identity of a window; empty for none.
func (r *relation) spell(w *plan.Window) string {
	if w == nil {
		return ""
	}
	return w.Stored(r.columns[columnAt(r, w.Time)].origin)
}
