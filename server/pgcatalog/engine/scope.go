package engine

import (
	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

// binding binds one query to a catalog.
type binding struct {
	catalog Catalog
	params  []Type // 0: not known yet
	caches  int    // places in run.cached that were given out
}

// set is of sources of one scope, by their numbers.
type set uint64

// maxSources of a SELECT are what a set holds.
const maxSources = 64

func only(source int) set { return 1 << source }

// scope is what a SELECT's names may mean; names that it has not are looked for in the one around it.
type scope struct {
	around  *scope
	sources []*source
	ctes    map[string]*boundCTE
	used    set  // sources that were named since it was emptied last
	outside bool // a name of a scope around was used

	group  *grouping // nil: aggregates have no place here
	within bool      // an aggregate
	slots  int       // of a frame: aggregates, window functions, calls that give rows
	window []*windowCall
	giving []*givingCall // calls that give rows in the select list; nil with rowsAllowed false
	rowsOK bool
}

// source is one relation of FROM.
type source struct {
	at      int // its number
	name    string
	schema  string
	columns []Column
	merged  map[string]bool // columns that USING shows once, of the other side
	whole   bool            // one column that a function gave: its name means the value
	hidden  int             // of the columns, the last
}

// shown are the columns that * means.
func (src *source) shown() []Column { return src.columns[:len(src.columns)-src.hidden] }

// boundCTE is a query of WITH.
type boundCTE struct {
	columns []Column
	rows    func(f *frame) [][]Value
}

// frame is where values are computed: a row of each source, and those of the scopes around.
type frame struct {
	run    *run
	around *frame
	rows   [][]Value
	slots  []Value
}

// run is one execution of a query.
type run struct {
	env     Env
	catalog Catalog
	params  []Value
	cached  []any // results that stay as they are for the whole run, by place
	indexes map[indexed]map[string][][]Value
	steps   int64
	stopped func() error
}

type indexed struct {
	table  *Table
	column int
}

// maxSteps bounds how many rows a query looks at: none of a client comes near.
const maxSteps = 200_000_000

// step counts a row that is looked at, and asks now and then whether to go on.
func (r *run) step() {
	if r.steps++; r.steps&1023 != 0 {
		return
	}
	if r.steps > maxSteps {
		Fail(sqlerr.New(sqlerr.ProgramLimit, "the query of the catalog looks at more than %d rows", maxSteps))
	}
	if r.stopped != nil {
		if err := r.stopped(); err != nil {
			Fail(err)
		}
	}
}

func (s *scope) add(src *source, pos int) *source {
	if len(s.sources) == maxSources {
		Fail(sqlerr.At(pos, sqlerr.ProgramLimit, "a query of the catalog joins at most %d relations", maxSources))
	}
	src.at = len(s.sources)
	s.sources = append(s.sources, src)
	return src
}

// place is where a column lies: so many scopes outwards, which source, which column.
type place struct {
	up, source, column int
	typ                Type
	fields             []Column
}

// column finds what a name means.
func (s *scope) column(c *syntax.Column) (p place, ok bool) {
	for up := 0; s != nil; up, s = up+1, s.around {
		found := s.own(c)
		if len(found) > 1 {
			Fail(sqlerr.At(c.Offset(), sqlerr.AmbiguousColumn, "column reference %q is ambiguous", c.Name))
		}
		if len(found) == 1 {
			s.used |= only(found[0].source)
			found[0].up = up
			return found[0], true
		}
		s.outside = true
	}
	return p, false
}

// own finds a column among the scope's own sources.
func (s *scope) own(c *syntax.Column) (found []place) {
	for _, src := range s.sources {
		if !src.answersTo(c.Qualifiers) {
			continue
		}
		for i, col := range src.columns {
			if col.Name == c.Name && !(len(c.Qualifiers) == 0 && src.merged[c.Name]) {
				found = append(found, place{source: src.at, column: i, typ: col.Type, fields: col.Fields})
			}
		}
	}
	return found
}

// answersTo tells whether qualifiers (table, or schema and table) name the source.
func (src *source) answersTo(qualifiers []string) bool {
	switch len(qualifiers) {
	case 0:
		return true
	case 1:
		return src.name == qualifiers[0]
	}
	return src.name == qualifiers[len(qualifiers)-1] && (src.schema == "" || src.schema == qualifiers[len(qualifiers)-2])
}

// named finds a source by its name, here or around.
func (s *scope) named(name string) (src *source, up int) {
	for ; s != nil; up, s = up+1, s.around {
		for _, src := range s.sources {
			if src.name == name {
				s.used |= only(src.at)
				return src, up
			}
		}
		s.outside = true
	}
	return nil, 0
}

func (s *scope) cte(name string) *boundCTE {
	for ; s != nil; s = s.around {
		if c := s.ctes[name]; c != nil {
			return c
		}
	}
	return nil
}
