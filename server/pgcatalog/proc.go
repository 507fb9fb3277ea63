package pgcatalog

import (
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"slipway/server/pgcatalog/engine"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Function is a function that Slipway has without a declaration.
type Function struct {
	Name string // lower case
	// Kind is f, a or w, as in pg_proc; Rows tells one that gives rows.
	Kind string
	Rows bool
	// Arguments is what stands in the brackets, Text what it gives.
	Arguments, Text string
}

// proc is a line of pg_proc.
type proc struct {
	oid                    int64
	schema, name, kind     string
	rows                   bool
	language               int64
	result                 engine.Type
	arguments              []procArgument
	shownArgs, shownResult string
	source, definition     string
	comment                string
	strict                 bool
}

type procArgument struct {
	name string
	typ  engine.Type
	mode string // i, t
}

// Numbers of languages (pg_language.dat), and one of ours.
const (
	internalLanguage = 12
	sqlLanguage      = 14
	wasmLanguage     = 8990
)

// Numbers of functions lie between those of relations and those of keys. They are made of what a function is found by, so that
// they are the same as long as it is there, on every server; where two would be one, the second in order of name has the next.
const (
	functionBit  = 1 << 30
	functionLows = 1<<30 - 1
)

// functionNumber is the number of a function that no other of the taken has.
func functionNumber(key string, taken map[int64]*proc) int64 {
	h := fnv.New32a()
	h.Write([]byte(key))
	for n := int64(h.Sum32()) & functionLows; ; n = (n + 1) & functionLows {
		if taken[n|functionBit] == nil {
			return n | functionBit
		}
	}
}

// procs are all functions by their numbers, made once for a World.
func (w *World) procs() map[int64]*proc {
	if w.functions != nil {
		return w.functions
	}
	all := map[int64]*proc{}
	for name, oid := range functionNumbers {
		if oid != 0 {
			all[oid] = &proc{oid: oid, schema: "pg_catalog", name: name, kind: "f", language: internalLanguage, result: engine.AnyType, shownResult: `"any"`, source: name, strict: true}
		}
	}
	for _, f := range w.Builtin {
		p := &proc{schema: "pg_catalog", name: f.Name, kind: f.Kind, rows: f.Rows, language: internalLanguage, result: engine.AnyType, shownArgs: f.Arguments, source: f.Name, comment: f.Text}
		p.oid = functionNumber("pg_catalog."+f.Name, all)
		all[p.oid] = p
	}
	for _, key := range slices.Sorted(maps.Keys(w.Declared.Functions)) {
		p := w.declaredProc(w.Declared.Functions[key])
		p.oid = functionNumber(key, all)
		all[p.oid] = p
	}
	w.functions = all
	return all
}

func (w *World) declaredProc(f *catalog.Function) *proc {
	p := &proc{schema: f.Database, name: f.Name, kind: "f", rows: f.Columns != nil, language: sqlLanguage, result: engine.Type(f.Result.OID()), comment: f.Comment,
		strict: f.Strict, source: f.Body, definition: w.FunctionText(f), shownResult: shownType(f.Result)}
	if f.Aggregate != nil {
		p.kind = "a"
	}
	if f.Language != "sql" {
		p.language, p.source = wasmLanguage, f.Hash
	}
	p.add(f.Parameters, "i")
	p.shownArgs = shownColumns(f.Parameters)
	if p.rows {
		p.add(f.Columns, "t")
		p.shownResult = "TABLE(" + shownColumns(f.Columns) + ")"
		if p.result = engine.AnyRecord; len(f.Columns) == 1 {
			p.result = engine.Type(f.Columns[0].Type.OID())
		}
	}
	return p
}

func (p *proc) add(list types.Schema, mode string) {
	for _, c := range list {
		p.arguments = append(p.arguments, procArgument{c.Name, engine.Type(c.Type.OID()), mode})
	}
}

// ins are the types of what a function takes.
func (p *proc) ins() (out engine.Array) {
	for _, a := range p.arguments {
		if a.mode == "i" {
			out = append(out, integer(a.typ))
		}
	}
	return out
}

func shownType(t types.Type) string { return formatType(engine.Type(t.OID()), -1) }

func shownColumns(list types.Schema) string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = strings.TrimSpace(engine.QuoteIdent(c.Name) + " " + shownType(c.Type))
	}
	return strings.Join(out, ", ")
}

func procs(d *definition) func(*World) rows {
	make := d.maker("oid", "proname", "pronamespace", "proowner", "prolang", "procost", "prorows", "prokind", "proisstrict", "proretset", "provolatile", "proparallel", "pronargs",
		"prorettype", "proargtypes", "proallargtypes", "proargmodes", "proargnames", "prosrc")
	return func(w *World) (out rows) {
		all := w.procs()
		for _, oid := range slices.Sorted(maps.Keys(all)) {
			p := all[oid]
			ins := p.ins()
			types, modes, names := p.allArguments()
			out = append(out, make(p.oid, p.name, integer(w.schemaOID(p.schema)), integer(superuser), p.language, 1.0, map[bool]float64{true: 1000}[p.rows], p.kind, p.strict, p.rows,
				"i", "s", integer(len(ins)), integer(p.result), ins, types, modes, names, p.source))
		}
		return out
	}
}

// allArguments are proallargtypes and proargmodes, of functions that give columns, and proargnames.
func (p *proc) allArguments() (types, modes, names value) {
	var t, m, n engine.Array
	for _, a := range p.arguments {
		t, m, n = append(t, integer(a.typ)), append(m, a.mode), append(n, a.name)
	}
	if len(n) == 0 {
		return nil, nil, nil
	}
	if !p.rows {
		return nil, nil, n
	}
	return t, m, n
}

// procTexts are the functions that show a function.
var procTexts = []*engine.Function{
	ofProc("pg_get_functiondef", func(p *proc) value {
		if p.definition == "" {
			engine.Fail(sqlerr.New(sqlerr.WrongObjectType, "%q is a function of Slipway, without a text", p.name).WithHint("DESCRIBE FUNCTION shows what is known of it."))
		}
		return p.definition + "\n"
	}),
	ofProc("pg_get_function_result", func(p *proc) value { return p.shownResult }),
	ofProc("pg_get_function_arguments", func(p *proc) value { return p.shownArgs }),
	ofProc("pg_get_function_identity_arguments", func(p *proc) value { return p.shownArgs }),
	ofProc("pg_get_function_sqlbody", func(*proc) value { return nil }),
	of("pg_function_is_visible", engine.Bool, func(w *World, a []value) value {
		p := w.procs()[engine.Whole(a[0])]
		return p != nil && w.visible(p.schema)
	}, engine.OID),
}

func ofProc(name string, show func(*proc) value) *engine.Function {
	return of(name, engine.Text, func(w *World, a []value) value {
		if p := w.procs()[engine.Whole(a[0])]; p != nil {
			return show(p)
		}
		return nil
	}, engine.OID)
}

// findProc finds the functions of a name; arguments, if there are brackets behind it, choose one of them.
func (w *World) findProc(space, name string, arguments []engine.Type, exact bool) (int64, bool) {
	var found []*proc
	for _, p := range w.procs() {
		fits := p.name == name && (space == p.schema || space == "" && w.visible(p.schema))
		if fits && (!exact || slices.EqualFunc(p.ins(), arguments, func(a value, t engine.Type) bool { return a == integer(t) })) {
			found = append(found, p)
		}
	}
	if len(found) > 1 {
		engine.Fail(sqlerr.New(sqlerr.AmbiguousFunction, "more than one function named %q", name))
	}
	if len(found) == 0 {
		return 0, false
	}
	return found[0].oid, true
}

// findProcedure finds one by its name and the types of its arguments: f(bigint, text).
func (w *World) findProcedure(text string) (int64, bool) {
	name, list, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(text), ")"), "(")
	if !ok {
		engine.Fail(sqlerr.New(sqlerr.InvalidText, "expected a left parenthesis"))
	}
	var arguments []engine.Type
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		n, ok := findType(word, word)
		if !ok {
			notThere(word, engine.Regtype)
		}
		arguments = append(arguments, engine.Type(n))
	}
	parts := engine.ParseIdent(name)
	space := ""
	if len(parts) > 1 {
		space = parts[len(parts)-2]
	}
	return w.findProc(space, parts[len(parts)-1], arguments, true)
}

// procName is how a function is shown, with its arguments if they belong to it.
func (w *World) procName(n int64, arguments bool) string {
	p := w.procs()[n]
	if p == nil {
		return ""
	}
	name := w.qualified(p.schema, p.name)
	if !arguments {
		return name
	}
	list := make([]string, 0, len(p.arguments))
	for _, t := range p.ins() {
		list = append(list, formatType(engine.Type(engine.Whole(t)), -1))
	}
	return name + "(" + strings.Join(list, ",") + ")"
}

// procComment is what is said of a function.
func (w *World) procComment(n int64) value {
	if p := w.procs()[n]; p != nil {
		return orNull(p.comment)
	}
	return nil
}
