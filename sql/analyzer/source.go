package analyzer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/conf"
	"slipway/conf/near"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/logical"
	"slipway/sql/parser"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

func (a *analysis) table(ref *ast.TableName) (*relation, error) {
	alias := ref.Alias
	if alias == "" {
		alias = ref.Name.Name
	}
	if c := a.ctes.find(strings.ToLower(ref.Name.Name)); c != nil && ref.DB == "" {
		r, err := a.named(c)
		return qualify(r, alias), err
	}
	rel, err := a.read(ref.Name)
	if err != nil {
		return nil, err
	}
	if rel.Kind == catalog.View {
		return a.view(ref, rel, alias)
	}
	return a.source(ref, rel, alias)
}

// read looks up a relation whose rows are read.
func (a *analysis) read(n ast.Name) (*catalog.Relation, error) {
	if len(a.views) > 0 {
		return Find(a.Snapshot, a.Database, n)
	}
	return a.Find(n, false)
}

// Find looks up a relation that is read, or written, if that is allowed.
func (in *Input) Find(n ast.Name, write bool) (*catalog.Relation, error) {
	if in.Access == nil {
		return Find(in.Snapshot, in.Database, n)
	}
	r, err := find(in.Snapshot, in.Database, n, func(r *catalog.Relation) bool { return !errors.Is(in.Access(r, false), catalog.ErrMissing) })
	if err == nil {
		err = in.Access(r, write)
	}
	if err == nil {
		return r, nil
	}
	e := *sqlerr.From(err)
	e.Position = n.Pos + 1
	return nil, &e
}

// Find looks a relation up.
func Find(s *catalog.Snapshot, database string, n ast.Name) (*catalog.Relation, error) {
	return find(s, database, n, func(*catalog.Relation) bool { return true })
}

// find looks a relation up among those that are seen.
func find(s *catalog.Snapshot, database string, n ast.Name, sees func(*catalog.Relation) bool) (*catalog.Relation, error) {
	db := n.DB
	if db == "" {
		db = database
	}
	if r := s.Relation(db, n.Name); r != nil && sees(r) {
		return r, nil
	}
	e := sqlerr.At(n.Pos, sqlerr.UndefinedTable, "stream or table %q does not exist", db+"."+n.Name)
	var names []string
	for _, r := range s.Relations {
		if r.Database == db && sees(r) {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	if known := near.Name(n.Name, names); known != "" {
		return nil, e.WithHint("Perhaps you meant %q.", known)
	}
	return nil, e.WithHint("SHOW STREAMS, SHOW TABLES and SHOW VIEWS list what is there.")
}

// view inlines a view's query; faults in it have no place in the user's text.
func (a *analysis) view(ref *ast.TableName, rel *catalog.Relation, alias string) (*relation, error) {
	if slices.Contains(a.views, rel.FullName()) {
		return nil, sqlerr.At(ref.Pos, sqlerr.InvalidParameter, "view %s reads itself", rel.FullName())
	}
	q, err := parser.ParseQuery(rel.Query, nil)
	if err != nil {
		return nil, err
	}
	if len(a.views) == maxViewDepth {
		return nil, sqlerr.At(ref.Pos, sqlerr.TooComplex, "views are nested deeper than %d", maxViewDepth)
	}
	a.views = append(a.views, rel.FullName())
	database, ctes := a.Database, a.ctes
	a.Database, a.ctes = rel.Path, nil
	r, err := a.query(q)
	a.Database, a.ctes = database, ctes
	a.views = a.views[:len(a.views)-1]
	if err != nil {
		e := *sqlerr.From(err)
		e.Message, e.Position = fmt.Sprintf("in view %s: %s", rel.FullName(), e.Message), ref.Pos+1
		return nil, &e
	}
	a.reads(rel)
	return qualify(r, alias), nil
}

// source reads a declared stream; the optimizer narrows it to the columns that are needed.
func (a *analysis) source(ref *ast.TableName, rel *catalog.Relation, alias string) (*relation, error) {
	if a.parts >= maxParts {
		return nil, sqlerr.At(ref.Pos, sqlerr.TooComplex, "the query reads more than %d streams, views and WITH resolved", maxParts).
			WithHint("A view or WITH that is named twice is computed twice; write a part of it into a stream of its own.")
	}
	d := catalog.DeclarationOf(a.Connectors, rel)
	if why := d.CheckRead(rel); why != "" {
		return nil, sqlerr.At(ref.Pos, sqlerr.WrongObjectType, "%s cannot be read: %s", rel.FullName(), why)
	}
	options, err := a.divert(ref, rel, a.reading(rel, d))
	if err != nil {
		return nil, err
	}
	bounded, err := a.ends(ref, rel, d, options)
	if err != nil {
		return nil, err
	}
	scan := &logical.Scan{Name: rel.FullName(), Relation: rel.Name, Connector: d.Name, Properties: options.Map(),
		Declared: rel.Recorded(), Changes: d.Changes(rel), Bounded: bounded, Wait: a.Wait, Records: d.Source.Origin}
	switch {
	case d.Source.Table:
		scan.Table, scan.RowKey, scan.Unique = true, keyColumns(rel), keyColumns(rel)
	case scan.Changes:
		scan.RowKey = keyColumns(rel)
	default:
		scan.Keys = upsertKeys(rel, options)
	}
	if scan.Defaults, err = a.defaults(rel); err != nil {
		return nil, err
	}
	for _, col := range rel.ReadMetadata() {
		scan.Metadata = append(scan.Metadata, plan.Metadata{Name: rel.Clause(col.Name).Metadata, Column: col})
	}
	r := &relation{node: scan}
	for i := range scan.Declared {
		scan.Columns = append(scan.Columns, i)
	}
	for i, col := range scan.Schema() {
		r.columns = append(r.columns, scopeColumn{qualifier: strings.ToLower(alias), db: rel.Database, name: col.Name, typ: col.Type, index: i})
	}
	a.parts++
	if scan.Keys != nil {
		a.parts++ // its newest rows are kept apart
	}
	a.reads(rel)
	computed, err := a.computedColumns(rel, r)
	if err != nil {
		return nil, err
	}
	a.watermark(ref, rel, r, computed)
	r.traits = logical.TraitsOf(r.node)
	r.asDeclared(rel, computed)
	return r, nil
}

// ends tells whether a stream is read up to what is there when the reading begins.
func (a *analysis) ends(ref *ast.TableName, rel *catalog.Relation, d *catalog.Declaration, options *conf.Values) (bool, error) {
	if a.Bounded || d.Source.Table || !conf.SourceBounded.Get(options) {
		return a.Bounded || d.Source.Table, nil
	}
	if !d.Source.Bounded {
		return false, sqlerr.At(ref.Pos, sqlerr.FeatureNotSupported, "%s cannot be read with %q: connector %s does not know where it ends", rel.FullName(), conf.SourceBounded.Name(), d.Name)
	}
	return true, nil
}

// reading gives the options by which a stream is read.
func (a *analysis) reading(rel *catalog.Relation, d *catalog.Declaration) *conf.Values {
	options := d.Values(rel)
	begin := a.From
	if d.Changes(rel) || upsertKeys(rel, options) != nil || conf.SourceBounded.Get(options) { // rows that are not read are not there
		begin = cmp.Or(begin, conf.Earliest)
	}
	if conf.OffsetStrategy.Get(options) == "" && begin != "" {
		options = options.With(conf.OffsetStrategy.Name(), begin)
	}
	if conf.JobOnError.IsSet(a.Settings) {
		options = options.With(conf.OnError.Name(), conf.JobOnError.Get(a.Settings))
	}
	return options
}

// watermark gives the scan the event time that its stream declares.
func (a *analysis) watermark(ref *ast.TableName, rel *catalog.Relation, r *relation, computed map[string]plan.Expr) {
	at, scan := rel.Columns.Index(timeField(rel)), r.node.(*logical.Scan)
	switch {
	case at < 0 || (scan.Keys != nil || scan.Changes) && !scan.Bounded:
	case rel.Columns[at].Type.IsMoment():
		scan.Watermark = a.watermarkOf(rel, scan)
		if x := computed[rel.Columns[at].Name]; x != nil {
			scan.Watermark.Computed = x
		}
	case scan.Keys == nil:
		if r.textTime = a.textTime(rel, r); r.textTime != nil {
			return
		}
		r.untimed = sqlerr.At(
			ref.Pos, sqlerr.FeatureNotSupported, "timefield %q of %s is %s: event time must be a TIMESTAMP column",
			rel.Columns[at].Name, rel.FullName(), rel.Columns[at].Type,
		).
			WithHint("Declare it as TIMESTAMP; \"timeformat\" says how it is written.")
	}
}

// watermarkOf is the event time that a stream declares; nil if it declares none that is a TIMESTAMP. Its column is -1
// where it is computed.
func (a *analysis) watermarkOf(rel *catalog.Relation, scan *logical.Scan) *plan.WatermarkSpec {
	at := rel.Columns.Index(timeField(rel))
	if at < 0 || !rel.Columns[at].Type.IsMoment() {
		return nil
	}
	return &plan.WatermarkSpec{Column: scan.Schema().Index(rel.Columns[at].Name), Delay: a.delay(rel), IdleAfter: idleAfter(scan.Properties)}
}

// upsertKeys gives the columns of the primary key of a stream that is read as its newest
// row per key; nil where every record is a row of its own.
func upsertKeys(rel *catalog.Relation, options *conf.Values) (keys []int) {
	if conf.SourceChangelog.Get(options) == "append" {
		return nil
	}
	return keyColumns(rel)
}

// keyColumns are the columns of the primary key, among those that records hold.
func keyColumns(rel *catalog.Relation) (keys []int) {
	for _, k := range rel.PrimaryKey {
		keys = append(keys, rel.Recorded().Index(k))
	}
	return keys
}

// reads notes what must not be dropped.
func (a *analysis) reads(rel *catalog.Relation) {
	if !slices.Contains(a.streams, rel.FullName()) {
		a.streams = append(a.streams, rel.FullName())
	}
}

func timeField(rel *catalog.Relation) string {
	if rel.Watermark != nil {
		return rel.Watermark.Column
	}
	return rel.Property(conf.TimeField.Name())
}

func (a *analysis) delay(rel *catalog.Relation) time.Duration {
	if rel.Watermark != nil {
		return rel.Watermark.Delay
	}
	return max(0, conf.MaxLag.Get(a.Settings))
}

func idleAfter(properties map[string]string) time.Duration {
	return conf.IdleTimeout.Get(conf.Of(conf.Stream).ReadMap(properties))
}
