package op

import (
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
)

// givenSessions are what was given of sessions: rows of the same keys and bounds as these, with words of their own behind them.
type givenSessions struct {
	layout state.OrderedLayout
	before bool // old versions are wanted
	given  *state.OrderedMap

	found  []int32 // numbers of keys
	former []int32 // what is taken back
	lie    []int32
	ids    []int32
}

func (g *givenSessions) open(env *executor.Env) (err error) {
	g.given, err = env.State.OrderedMap("given", g.layout)
	return err
}

func (g *givenSessions) find(keys *column.Batch, cols []int, hashes []uint64) {
	g.found = g.given.Lookup(keys, cols, hashes, nil, g.found)
}

// forget implements sessionForm.
func (g *givenSessions) forget(n int, below int64) {
	if key := g.found[n]; key != state.Absent {
		g.lie = g.given.RemoveBelow(key, state.Bound{Int: below}, g.lie[:0], 1<<31-1)
	}
}

func (g *givenSessions) prune() { g.given.Prune() }

// lying finds what was given of the rows of a session of the nth key that was looked up; same tells that it is a session with the
// same bounds.
func (g *givenSessions) lying(n int, session []uint64) (same bool) {
	first, last := int64(session[sessionFirst]), int64(session[sessionLast])
	g.lie = g.lie[:0]
	if key := g.found[n]; key != state.Absent {
		g.lie = g.given.AppendRange(g.lie, g.given.Ceil(key, state.Bound{Int: first}), state.Bound{Int: last}, 1<<31-1)
	}
	return len(g.lie) == 1 && slices.Equal(boundWords(g.given.Table().Acc(g.lie[0])), boundWords(session))
}

func boundWords(session []uint64) []uint64 { return session[sessionFirst : sessionLast+1] }

// renew puts the selected of some sessions in the place of those that are taken back, and lists their rows.
func (g *givenSessions) renew(u *SessionUpdates, sel []int32) (err error) {
	for _, id := range g.former {
		g.given.Remove(id)
	}
	g.ids, err = g.given.Apply(u.named, u.cols, u.hashesOf, sel, g.ids)
	return err
}

// sessionSums gives the results of accumulators, which are words of sessions.
type sessionSums struct{ givenSessions }

// keep implements sessionForm: sessions have all of their rows.
func (g *sessionSums) keep(*column.Batch, []uint64, []int32) error { return nil }

// give implements sessionForm.
func (g *sessionSums) give(u *SessionUpdates, out executor.Output) error {
	u.out.begin(out, u.sessions.Table())
	g.find(u.named, u.keyCols(), u.hashesOf)
	g.former = g.former[:0]
	for i, id := range u.changed {
		g.replace(u, i, id)
	}
	if err := u.out.finish(); err != nil {
		return err
	}
	if err := g.renew(u, nil); err != nil {
		return err
	}
	for i, id := range u.changed {
		if err := g.copy(g.ids[i], u.sessions, id); err != nil {
			return err
		}
	}
	return nil
}

// replace emits a session, in front of it all that was given and lies in it.
func (g *sessionSums) replace(u *SessionUpdates, n int, id int32) {
	session, kind, back := u.sessions.Table().Acc(id), column.Insert, column.Delete
	if g.lying(n, session) {
		kind, back = column.UpdateAfter, column.UpdateBefore
	}
	if kind == column.Insert || g.before {
		u.out.turn(g.given.Table())
		for _, old := range g.lie {
			u.out.row(old, g.given.Table().Acc(old), back)
		}
	}
	u.out.turn(u.sessions.Table())
	u.out.row(id, session, kind)
	g.former = append(g.former, g.lie...)
}

// copy writes the words of a session into those of what was given of it.
func (g *sessionSums) copy(to int32, sessions *state.OrderedMap, id int32) (err error) {
	w := g.given.Write(to)
	for i, x := range sessions.Acc(id) {
		if !slices.Contains(g.layout.Refs, i) {
			w[i] = x
		} else if w[i], err = g.given.Put(w[i], sessions.Bytes(x)); err != nil {
			return err
		}
	}
	return nil
}
