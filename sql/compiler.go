// Package sql is the front of the compiler: text to statements, queries to
// dataflows, declarations to relations.
package sql

import (
	"cmp"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/conf"
	"slipway/conf/near"
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/logical"
	"slipway/sql/optimizer"
	"slipway/sql/parser"
	"slipway/sql/physical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Compiler compiles against the connectors that are registered.
type Compiler struct {
	Connectors map[string]catalog.Connector
	// Access is analyzer.Input's, for what a client sends; what is stored was allowed when it was made.
	Access func(r *catalog.Relation, write bool) error
}

// Parse cuts and parses a text, and refuses what is read but not there yet.
func (c *Compiler) Parse(text string) ([]ast.Statement, error) {
	list, err := parser.Parse(text)
	if err != nil {
		return nil, err
	}
	for _, st := range list {
		if err := analyzer.Supported(st); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Job compiles a job's INSERTs, of which there is one at least.
func (c *Compiler) Job(s *catalog.Snapshot, database string, list []*ast.Insert, settings *conf.Values) (*plan.Dataflow, error) {
	for _, i := range list {
		if _, ok := i.Query.(*ast.Values); ok {
			return nil, sqlerr.At(i.Query.Position(), sqlerr.FeatureNotSupported, "a stream job reads from a stream, not from VALUES")
		}
	}
	st, err := analyzer.Inserts(c.input(s, database, settings), list)
	return dataflow(st, settings, err)
}

// dataflow takes a statement from its tree to its plan.
func dataflow(s *logical.Statement, settings *conf.Values, err error) (*plan.Dataflow, error) {
	if err != nil {
		return nil, err
	}
	s.Root = logical.ShareJoined(s.Root, conf.SharedStreams.Get(settings))
	shares := conf.SharedStreams.Get(settings) && logical.SharesStreams(s.Root)
	s.Root = optimizer.Optimize(logical.Identify(s.Root))
	for _, part := range logical.Parts(s.Root) {
		if err := cmp.Or(physical.Check(part), knowsLate(s, part)); err != nil {
			return nil, err
		}
	}
	flow := physical.Plan(s, options(settings))
	flow.SharedStreams, flow.PatternByKey = shares, logical.ByKey(s.Root)
	if s.NoLate != nil && !slices.ContainsFunc(flow.Edges, func(e plan.Edge) bool { return e.Late }) {
		return nil, s.NoLate
	}
	flow.Logical = slices.Concat(logical.Print(s.Root), flow.Logical)
	for _, line := range logical.Corrected(s.Root) {
		flow.Logical = append(flow.Logical, "rows are corrected from here on: "+line)
	}
	if names := logical.RandomNames(s.Root); len(names) > 0 {
		flow.Logical = append(flow.Logical, "not deterministic: "+strings.Join(names, ", ")+": a row that is computed again after a failure has another value; each row that is given has one")
	}
	return flow, nil
}

// knowsLate refuses late rows of which it is not known what a column of theirs needs.
func knowsLate(s *logical.Statement, n logical.Node) error {
	if s.Late == nil {
		return nil
	}
	col, missing := logical.MissingLate(n, s.Late.Declared)
	if !missing {
		return nil
	}
	return sqlerr.At(
		s.LatePos, sqlerr.NotNullViolation, "column %q of %s takes no NULL, and of a late row of this query it is not known which record it is of", col.Name, s.Late.Name,
	).WithHint("Let the column take NULL. " +
		"Only rows of a window over a stream itself are each of one record, those of joins, of GROUP BY and of streams with PRIMARY KEY are not.")
}

// options are the settings that plans hang on.
func options(settings *conf.Values) physical.Options {
	o := physical.Options{StateTTL: conf.StateTTL.Get(settings), OnePhase: !conf.TwoPhases.Get(settings)}
	o.SplitDistinct = splits[conf.SplitDistinct.Get(settings)]
	o.SplitWindows = conf.SplitWindows.Get(settings)
	if o.SplitDistinct == physical.SplitNone && conf.JobParallelism.Get(settings) == 1 {
		o.SplitDistinct = physical.SplitOneTask
	}
	o.JoinTTL = [2]time.Duration{o.StateTTL, o.StateTTL}
	if conf.LeftTTL.IsSet(settings) {
		o.JoinTTL[0] = conf.LeftTTL.Get(settings)
	}
	if conf.RightTTL.IsSet(settings) {
		o.JoinTTL[1] = conf.RightTTL.Get(settings)
	}
	return o
}

// JobText compiles a stored job.
func (c *Compiler) JobText(s *catalog.Snapshot, database, text string, settings *conf.Values) (*plan.Dataflow, error) {
	c = &Compiler{Connectors: c.Connectors}
	st, err := parser.ParseOne(text)
	if err != nil {
		return nil, err
	}
	if err := analyzer.Supported(st); err != nil {
		return nil, err
	}
	switch st := st.(type) {
	case *ast.Insert:
		return c.Job(s, database, []*ast.Insert{st}, settings)
	case *ast.StatementSet:
		return c.Job(s, database, st.Inserts, settings)
	}
	return nil, sqlerr.New(sqlerr.SyntaxError, "a stream job is INSERT INTO … SELECT …")
}

func (c *Compiler) input(s *catalog.Snapshot, database string, settings *conf.Values) analyzer.Input {
	return analyzer.Input{Snapshot: s, Database: database, Settings: settings, Connectors: c.Connectors, Access: c.Access}
}

// Reading is how a SELECT reads its streams.
type Reading = analyzer.Reading

// Query compiles a SELECT that reads streams.
func (c *Compiler) Query(s *catalog.Snapshot, database string, q ast.Query, args []plan.Expr, r Reading) (*plan.Dataflow, error) {
	in := c.input(s, database, Chosen(conf.Defaults(conf.Job)))
	in.Args, in.Reading = args, r
	st, err := analyzer.Query(in, q)
	return dataflow(st, in.Settings, err)
}

// OneRow types a SELECT without FROM.
func (c *Compiler) OneRow(s *catalog.Snapshot, database string, q *ast.Select, args []plan.Expr, session map[string]plan.Expr) (*analyzer.Row, error) {
	in := c.input(s, database, conf.Defaults(conf.Job))
	in.Args, in.Session = args, session
	return analyzer.OneRow(in, q)
}

// Rows hands rows out one by one, so that a million of them need not be there at once; a
// row is lent until take returns.
type Rows func(take func(row []plan.Expr) error) error

// Values types the rows of INSERT … VALUES, as they are asked for.
func (c *Compiler) Values(
	s *catalog.Snapshot, database string, i *ast.Insert, args []plan.Expr, session map[string]plan.Expr,
) (*catalog.Relation, Rows, error) {
	in := c.input(s, database, conf.Defaults(conf.Job))
	target, err := in.Find(i.Table, true)
	if err != nil {
		return nil, nil, err
	}
	in.Args, in.Session = args, session
	return target, func(take func([]plan.Expr) error) error { return analyzer.Constants(in, target, i, take) }, nil
}

// Loading is what COPY … FROM writes to.
type Loading struct {
	Target *catalog.Relation
	// Columns are those that values come for, in their order.
	Columns types.Schema
	// Rows are the rows of values that next gives, until io.EOF.
	Rows func(next func() ([]plan.Expr, error)) Rows
}

// Load types rows whose values come without a statement.
func (c *Compiler) Load(s *catalog.Snapshot, database string, d *ast.CopyFrom, session map[string]plan.Expr) (*Loading, error) {
	in := c.input(s, database, conf.Defaults(conf.Job))
	in.Session = session
	target, err := in.Find(d.Table, true)
	if err != nil {
		return nil, err
	}
	i := &ast.Insert{Source: d.Source, Table: d.Table, Columns: d.Columns, Query: &ast.Values{Pos: d.Table.Pos}}
	// What cannot be written to is refused before the client is asked for rows.
	none := func() ([]plan.Expr, error) { return nil, io.EOF }
	if err := analyzer.Given(in, target, i, none, nil); err != nil {
		return nil, err
	}
	columns, err := analyzer.Taken(target, i)
	return &Loading{target, columns, func(next func() ([]plan.Expr, error)) Rows {
		return func(take func([]plan.Expr) error) error { return analyzer.Given(in, target, i, next, take) }
	}}, err
}

// Sink gives the plan of writing to a relation outside a job.
func Sink(d *catalog.Declaration, r *catalog.Relation) *plan.Sink {
	s := physical.Sink(analyzer.Target(d, r))
	s.Op = "values"
	return s
}

// Options are those in force of a relation.
func (c *Compiler) Options(r *catalog.Relation) *conf.Values {
	return catalog.DeclarationOf(c.Connectors, r).Values(r)
}

// SettingError renders a fault in a property list as the user's.
func SettingError(err error) error {
	e, ok := errors.AsType[*conf.Error](err)
	if !ok {
		return err
	}
	out := sqlerr.At(e.Pos, sqlerr.InvalidParameter, "%s", e.Message)
	if e.Hint != "" {
		out.WithHint("%s", e.Hint)
	}
	return out
}

// Properties brings parsed properties to the form of conf.
func Properties(list []ast.Property) []conf.Property {
	out := make([]conf.Property, len(list))
	for i, p := range list {
		out[i] = conf.Property{Key: p.Key, Value: p.Value, KeyPos: p.Pos, ValuePos: p.ValuePos}
	}
	return out
}

// Mask gives a text of statements as others may see it, without what may be a secret; ok is false where nobody knows.
func Mask(text string) (masked string, ok bool) { return parser.Mask(text) }

// CheckName refuses the names that a relation cannot have.
func CheckName(n ast.Ident) error {
	if strings.HasPrefix(n.Name, "pg_") {
		return sqlerr.At(n.Pos, sqlerr.InvalidName, "names that begin with pg_ belong to the catalog")
	}
	return nil
}

// Relation checks a declaration and gives what is stored of it.
func (c *Compiler) Relation(s *catalog.Snapshot, database string, d *ast.CreateRelation) (*catalog.Relation, []string, error) {
	db := d.Name.DB
	if db == "" {
		db = database
	}
	if s.Databases[db] == nil {
		return nil, nil, sqlerr.At(d.Name.Pos, sqlerr.UndefinedDatabase, "database %q does not exist", db)
	}
	if err := CheckName(ast.Ident{Pos: d.Name.Pos, Name: d.Name.Name}); err != nil {
		return nil, nil, err
	}
	r := &catalog.Relation{Database: db, Name: d.Name.Name, Comment: d.Comment, Created: time.Now().UTC(), Kind: catalog.Stream}
	if d.Query != nil {
		return c.view(s, database, d, r)
	}
	if d.Kind == ast.Table {
		r.Kind = catalog.Table
	}
	if err := c.columns(s, d, r); err != nil {
		return nil, nil, err
	}
	if err := watermark(d, r); err != nil {
		return nil, nil, err
	}
	for _, p := range d.Properties {
		r.Properties = append(r.Properties, catalog.Property{Key: p.Key, Value: p.Value})
	}
	if f := d.RowFormat; f != nil {
		r.RowFormat = &catalog.RowFormat{Fields: "\001", Lines: "\n"}
		if f.Fields != nil {
			r.RowFormat.Fields = f.Fields.Text
		}
		if f.Lines != nil {
			r.RowFormat.Lines = f.Lines.Text
		}
	}
	if err := metadata(catalog.DeclarationOf(c.Connectors, r), d, r); err != nil {
		return nil, nil, err
	}
	notices, err := c.check(r, d.Properties, d.PropertiesPos, d.Name.Pos)
	return r, notices, err
}

// check is what a declaration must hold when it is made and when it is altered: the
// properties that stand in the statement, then the relation as it would be.
func (c *Compiler) check(r *catalog.Relation, given []ast.Property, at, otherwise int) ([]string, error) {
	d := catalog.DeclarationOf(c.Connectors, r)
	connector := c.Connectors[d.Name]
	if connector == nil {
		return nil, sqlerr.At(at, sqlerr.InvalidParameter, "connector %q does not exist", d.Name).WithHint("%s", connectorHint(c.Connectors, d.Name))
	}
	notices, err := catalog.ParseOptions(c.Connectors, r, Properties(given))
	if err != nil {
		return nil, SettingError(err)
	}
	if t := r.Property(conf.TimeField.Name()); t != "" && r.Columns.Index(t) < 0 {
		return nil, sqlerr.At(at, sqlerr.UndefinedColumn, "timefield %q is no column of %s", t, r.FullName())
	}
	out, err := connector.Check(r)
	if err != nil {
		e := *sqlerr.From(err)
		if e.Position == 0 {
			e.Position = max(at, otherwise) + 1
		}
		return nil, &e
	}
	if len(r.PrimaryKey) == 0 && strings.EqualFold(r.Property(conf.SourceChangelog.Name()), "upsert") {
		return nil, sqlerr.At(at, sqlerr.InvalidParameter, "%q=\"upsert\" needs a PRIMARY KEY: it says which row a record replaces", conf.SourceChangelog.Name())
	}
	if f := d.FormatOf(r); f != nil && f.NeedsKey && len(r.PrimaryKey) == 0 {
		return nil, sqlerr.At(max(at, otherwise), sqlerr.InvalidParameter, "format %q needs a PRIMARY KEY: its records say which row they change", f.Name)
	}
	for _, n := range notices {
		out = append(out, n.Message)
	}
	return out, nil
}

// Altered checks ALTER … SET and gives the relation as it will be, and the change that makes it so.
func (c *Compiler) Altered(r *catalog.Relation, d *ast.AlterRelation) (*catalog.Relation, catalog.Change, []string, error) {
	change := catalog.Change{AlterRelation: r.FullName()}
	if r.Kind == catalog.View {
		return nil, change, nil, sqlerr.At(d.Name.Pos, sqlerr.WrongObjectType, "%s is a derived stream or view: it has no properties", r.FullName())
	}
	declared := catalog.DeclarationOf(c.Connectors, r)
	scope := declared.Scope(declared.FormatOf(r))
	for _, p := range d.Properties {
		if scope.Same(p.Key, conf.Connector.Name()) && !strings.EqualFold(p.Value, declared.Name) {
			return nil, change, nil, sqlerr.At(
				p.ValuePos, sqlerr.FeatureNotSupported, "the connector of %s cannot be changed", r.FullName(),
			).WithHint("Declare another stream.")
		}
		change.SetProperties = append(change.SetProperties, catalog.Property{Key: p.Key, Value: p.Value})
		for _, old := range r.Properties {
			if scope.Same(old.Key, p.Key) {
				change.ReplacedProperties = append(change.ReplacedProperties, old.Key)
			}
		}
	}
	out := r.With(change.SetProperties, change.ReplacedProperties)
	notices, err := c.check(out, d.Properties, d.PropertiesPos, d.Name.Pos)
	return out, change, notices, err
}

// Moves tells that something else is behind a relation that was altered.
func (c *Compiler) Moves(before, after *catalog.Relation) bool {
	d := catalog.DeclarationOf(c.Connectors, before)
	was, is := d.Values(before), d.Values(after)
	return slices.ContainsFunc(d.Locates, func(o *conf.Setting) bool { return was.Text(o.Key) != is.Text(o.Key) })
}

// WantsPrepare tells that ALTER sets what the connector is to act on at once.
func (c *Compiler) WantsPrepare(r *catalog.Relation, given []ast.Property) bool {
	d := catalog.DeclarationOf(c.Connectors, r)
	scope := d.Scope(d.FormatOf(r))
	return slices.ContainsFunc(given, func(p ast.Property) bool { return slices.Contains(d.Prepares, scope.Find(p.Key)) })
}

// Reads are the db.names that a view reads.
func (c *Compiler) Reads(s *catalog.Snapshot, view *catalog.Relation) []string {
	q, err := parser.ParseQuery(view.Query, nil)
	if err != nil {
		return view.Reads
	}
	flow, err := c.Query(s, view.Path, q, nil, Reading{})
	if err != nil {
		return view.Reads
	}
	return flow.Reads
}

func (c *Compiler) columns(s *catalog.Snapshot, d *ast.CreateRelation, r *catalog.Relation) error {
	if len(d.Columns) == 0 {
		return sqlerr.At(d.Name.Pos, sqlerr.SyntaxError, "%s has no columns", r.FullName())
	}
	for _, c := range d.Columns {
		if r.Columns.Index(c.Name) >= 0 {
			return sqlerr.At(c.Pos, sqlerr.DuplicateColumn, "column %q is declared twice", c.Name)
		}
		r.Columns = append(r.Columns, types.Column{Name: c.Name, Type: c.Type.Type, NotNull: c.NotNull, Comment: c.Comment})
		if c.PrimaryKey {
			r.PrimaryKey = append(r.PrimaryKey, c.Name)
		}
	}
	for _, k := range d.PrimaryKey {
		if r.Columns.Index(k.Name) < 0 {
			return sqlerr.At(k.Pos, sqlerr.UndefinedColumn, "column %q named in the key does not exist", k.Name)
		}
		r.PrimaryKey = append(r.PrimaryKey, r.Columns[r.Columns.Index(k.Name)].Name)
	}
	return c.clauses(s, d, r)
}

// watermark reads WATERMARK FOR c AS c [- INTERVAL …].
func watermark(d *ast.CreateRelation, r *catalog.Relation) error {
	w := d.Watermark
	if w == nil {
		return nil
	}
	i := r.Columns.Index(w.Column.Name)
	if i < 0 {
		return sqlerr.At(w.Column.Pos, sqlerr.UndefinedColumn, "column %q does not exist", w.Column.Name)
	}
	if !r.Columns[i].Type.IsMoment() {
		return sqlerr.At(w.Column.Pos, sqlerr.DatatypeMismatch, "the watermark's column must be a TIMESTAMP, %q is %s", w.Column.Name, r.Columns[i].Type)
	}
	delay, err := analyzer.WatermarkDelay(w)
	if err != nil {
		return err
	}
	r.Watermark = &catalog.Watermark{Column: r.Columns[i].Name, Delay: delay}
	return nil
}

func (c *Compiler) view(s *catalog.Snapshot, database string, d *ast.CreateRelation, r *catalog.Relation) (*catalog.Relation, []string, error) {
	r.Kind, r.Derived, r.Query, r.Path = catalog.View, d.Kind == ast.Stream, parser.MaskComments(d.QueryText), database
	flow, err := c.Query(s, database, d.Query, nil, Reading{})
	if err != nil {
		return nil, nil, err
	}
	r.Columns, r.Reads = flow.Output, flow.Reads
	for i, col := range r.Columns {
		if r.Columns.Index(col.Name) != i {
			return nil, nil, sqlerr.At(d.QueryPos, sqlerr.DuplicateColumn, "column %q is there twice; give it an alias", col.Name)
		}
	}
	return r, nil, nil
}

// TypeNames are the names by which a kind of type can be declared, that by which it is shown first.
func TypeNames(k types.Kind) []string { return parser.TypeNames(k) }

// connectorHint says which connectors there are, and what stands for one of Flink's.
func connectorHint(all map[string]catalog.Connector, name string) string {
	if name == "upsert-kafka" {
		return "A stream of connector kafka with a PRIMARY KEY is read and written by its key."
	}
	names := slices.Sorted(maps.Keys(all))
	if meant := near.Name(name, names); meant != "" {
		return "Perhaps you meant " + strconv.Quote(meant) + "."
	}
	return "There are " + strings.Join(names, ", ") + "."
}
