package session

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"slipway/conf"
	"slipway/server/pgwire"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

var (
	_ = register(statement[*ast.Set]{right: ownSession, needs: nothing[*ast.Set], do: func(s *session, _ context.Context, st *ast.Set) error { return s.set(st) }})
	_ = register(statement[*ast.Reset]{right: ownSession,
		needs: nothing[*ast.Reset], do: func(s *session, _ context.Context, r *ast.Reset) error { return s.reset(r) }})
	_ = register(statement[*ast.ShowVariable]{right: ownSession,
		needs: nothing[*ast.ShowVariable], tag: "SHOW", columns: (*session).variableColumns, list: (*session).showVariable})
	_ = register(statement[*ast.Discard]{right: ownSession, needs: nothing[*ast.Discard], do: (*session).discard,
		block: func(d *ast.Discard) block {
			if d.What != "ALL" {
				return block{}
			}
			return block{outside: "DISCARD ALL"}
		}})
	_ = register(statement[*ast.Listen]{right: ownSession, needs: nothing[*ast.Listen], do: (*session).listen})
	_ = register(statement[*ast.Unlisten]{right: ownSession, needs: nothing[*ast.Unlisten], do: (*session).unlisten})
)

// set is SET.
func (s *session) set(st *ast.Set) error {
	if st.Scope == ast.LocalScope {
		if s.tx == idle {
			s.warn("25P01", "SET LOCAL can only be used in transaction blocks")
			return nil
		}
		return s.setLocal(st)
	}
	if s.undo != nil {
		delete(s.undo.local, st.Name)
	}
	return s.assign(st)
}

func (s *session) setLocal(st *ast.Set) error {
	before := s.current(st.Name)
	if err := s.assign(st); err != nil {
		return err
	}
	if _, again := s.undo.local[st.Name]; !again {
		s.undo.local[st.Name] = before
	}
	return nil
}

// current gives a setting as it is, to be put back later.
func (s *session) current(name string) former {
	if name == "search_path" {
		return former{s.database, true}
	}
	if v, ok := variables[name]; ok && !v.fixed {
		value, set := s.vars[name]
		return former{value, set}
	}
	for _, p := range s.settings.Properties() {
		if strings.EqualFold(p.Key, name) {
			return former{p.Value, true}
		}
	}
	return former{}
}

// endLocal takes SET LOCAL back.
func (s *session) endLocal(local map[string]former) {
	for name, f := range local {
		s.assign(&ast.Set{Name: name, Values: []string{f.value}, Default: !f.set, Pos: ast.NoPos, ValuePos: ast.NoPos})
	}
}

// restore takes all of a transaction's settings back.
func (s *session) restore(u *undo) {
	s.settings, s.database = u.settings, u.database
	for name := range variables {
		value, set := u.vars[name]
		s.put(name, value, set)
	}
}

// assign gives a setting its value, or its default.
func (s *session) assign(st *ast.Set) error {
	if st.Name == "search_path" {
		return s.setSearchPath(st)
	}
	v, ok := variables[st.Name]
	if !ok {
		return s.assignOwn(st)
	}
	value := strings.Join(st.Values, ", ")
	if v.fixed {
		return sqlerr.At(st.Pos, "55P02", "parameter %q cannot be changed", st.Name)
	}
	if v.check != nil && !st.Default {
		if value, ok = v.check(value); !ok {
			return sqlerr.At(st.ValuePos, sqlerr.InvalidParameter, "invalid value for parameter %q: %q", st.Name, strings.Join(st.Values, ", "))
		}
	}
	s.put(st.Name, value, !st.Default)
	return nil
}

// goHome makes the connection's database the current one again; if it was dropped, the one that is always there.
func (s *session) goHome() error {
	home := s.home
	if s.Catalog.Snapshot().Databases[home] == nil {
		home = catalog.DefaultDatabase
	}
	return s.use(ast.Ident{Pos: ast.NoPos, Name: home})
}

func (s *session) setSearchPath(st *ast.Set) error {
	if st.Default || len(st.Values) == 0 {
		return s.goHome()
	}
	return s.use(ast.Ident{Pos: st.ValuePos, Name: strings.ToLower(st.Values[0])})
}

// assignOwn is SET slipway.….
func (s *session) assignOwn(st *ast.Set) error {
	list := slices.DeleteFunc(s.settings.Properties(), func(p conf.Property) bool { return strings.EqualFold(p.Key, st.Name) })
	if !st.Default {
		list = append(list, conf.Property{Key: st.Name, Value: strings.Join(st.Values, ", "), KeyPos: st.Pos, ValuePos: st.ValuePos})
	}
	v, _, err := conf.Parse(conf.Session, list)
	if st.Default && conf.Of(conf.Session).Find(st.Name) == nil {
		_, _, err = conf.Parse(conf.Session, []conf.Property{{Key: st.Name, KeyPos: st.Pos}})
	}
	if err != nil {
		return settingFault(err, st.Name)
	}
	s.settings = v
	if st.Default {
		return nil
	}
	_, notices, err := conf.Parse(conf.Session, list[len(list)-1:]) // what was set before had its notices then
	for _, n := range notices {
		s.notice("%s", n.Message)
	}
	return err
}

// settingFault renders a fault in a setting as PostgreSQL does.
func settingFault(err error, name string) error {
	if err == nil {
		return nil
	}
	e := sqlerr.From(sql.SettingError(err))
	if strings.HasPrefix(e.Message, "unknown") {
		e.Code, e.Message = sqlerr.UndefinedObject, "unrecognized configuration parameter "+strconv.Quote(name)
	}
	return e
}

// reset is RESET.
func (s *session) reset(r *ast.Reset) error {
	if !r.All {
		return s.assign(&ast.Set{Pos: r.Pos, Name: r.Name, Default: true, ValuePos: ast.NoPos})
	}
	s.settings = conf.Defaults(conf.Session)
	for name := range variables {
		s.put(name, "", false)
	}
	return s.goHome()
}

// discard is DISCARD: ALL is what pools send when a client is done.
func (s *session) discard(_ context.Context, d *ast.Discard) error {
	if d.What != "ALL" {
		return nil
	}
	s.closeCursors(true)
	s.endListening()
	if err := s.deallocate(&ast.Deallocate{All: true}); err != nil {
		return err
	}
	return s.reset(&ast.Reset{All: true})
}

// variableColumns is the heading of SHOW name and SHOW ALL.
func (s *session) variableColumns(st *ast.ShowVariable, _ []plan.Expr) ([]pgwire.Column, error) {
	if st.All {
		return textColumns("name", "setting"), nil
	}
	if _, ok := s.shown(st.Name); !ok {
		return nil, sqlerr.At(st.Pos, sqlerr.UndefinedObject, "unrecognized configuration parameter %q", st.Name)
	}
	if r := variables[st.Name].report; r != "" {
		return textColumns(r), nil
	}
	return textColumns(st.Name), nil
}

// showVariable is SHOW name and SHOW ALL.
func (s *session) showVariable(_ context.Context, st *ast.ShowVariable, t *table) error {
	if !st.All {
		v, _ := s.shown(st.Name)
		t.add(v)
		return nil
	}
	names := slices.Collect(maps.Keys(variables))
	for _, c := range conf.All() {
		if c.Level == conf.Session && !c.Ignored {
			names = append(names, c.Key)
		}
	}
	for _, n := range slices.Sorted(slices.Values(names)) {
		v, _ := s.shown(n)
		t.add(n, v)
	}
	return nil
}

func (s *session) shown(name string) (string, bool) {
	if _, ok := variables[name]; ok {
		return s.variable(name), true
	}
	for _, c := range conf.All() {
		if c.Level == conf.Session && c.Key == name && !c.Ignored {
			return s.settings.Text(name), true
		}
	}
	return "", false
}

var _ = describe(described{chapter: "The session", place: 1, form: `SET [SESSION | LOCAL] name = | TO value
SET TIME ZONE value
RESET name | ALL`,
	text: "Settings of the session, those of PostgreSQL that clients set among them; [settings.md](../settings.md) has ours.",
	example: `SET slipway.select.rows = 1000;
RESET slipway.select.rows;`}, of[*ast.Set](), of[*ast.Reset]())

var _ = describe(described{chapter: "The session", place: 2, form: `SHOW name | ALL`,
	text:    "The value of a setting.",
	example: `SHOW slipway.select.rows;`}, of[*ast.ShowVariable]())

var _ = describe(described{chapter: "The session", place: 4, form: `DISCARD ALL | PLANS | SEQUENCES | TEMP`,
	text:    "Makes the session as new, as pools of connections ask.",
	example: `DISCARD ALL;`}, of[*ast.Discard]())

var _ = describe(described{chapter: "The session", place: 5, form: `LISTEN channel
UNLISTEN channel | *`,
	text: "`LISTEN streamjob_events` has what happens from now on (SHOW EVENTS) sent to this client, each event as a notification whose payload is a JSON object: id, at, kind, severity, job, user, message, detail. They come between transactions, also while the client rests; " +
		"psql shows them after its next command. Of a client that does not read, the last 1024 are kept: a gap in the ids tells. Other channels are accepted, and nothing is sent on them; NOTIFY is not there.",
	example: `LISTEN streamjob_events;
UNLISTEN *;`}, of[*ast.Listen](), of[*ast.Unlisten]())
