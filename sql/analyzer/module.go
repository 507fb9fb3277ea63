package analyzer

import (
	"cmp"

	"slipway/conf"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// external is a call of a function in WebAssembly. It takes and gives a few types, to and from which the others are
// brought by casts: what is too large for an INT is told as everywhere.
func external(f *catalog.Function, args []plan.Expr) plan.Expr {
	result := ResultOf(f)
	call := &plan.Call{Func: f.FullName(), Args: make([]plan.Expr, len(args)), Typ: result, Module: ModuleOf(f)}
	for i, x := range args {
		call.Args[i] = cast(x, Held(f.Parameters[i].Type))
	}
	x := plan.Expr(call)
	if f.Columns == nil {
		x = cast(call, f.Result)
	}
	if f.Strict {
		return unlessNull(args, x)
	}
	return x
}

func cast(x plan.Expr, t types.Type) plan.Expr {
	if x.Type() == t {
		return x
	}
	return &plan.Cast{Arg: x, Typ: t}
}

// ModuleOf is what a plan holds of a function in WebAssembly.
func ModuleOf(f *catalog.Function) *plan.Module {
	list := make([]conf.Property, len(f.Properties))
	for i, p := range f.Properties {
		list[i] = conf.P(p.Key, p.Value)
	}
	v := conf.Of(conf.Function).Read(list)
	rows := 0
	if f.Columns != nil {
		rows = int(conf.FunctionRows.Get(v))
	}
	return &plan.Module{Hash: f.Hash, Code: f.Module, Export: cmp.Or(conf.FunctionExport.Get(v), f.Name),
		Memory: int(conf.FunctionMemory.Get(v)), Time: conf.FunctionTime.Get(v), Rows: rows}
}

// ResultOf is what the module of a function gives: a value, or rows as an array of them.
func ResultOf(f *catalog.Function) types.Type {
	if f.Columns == nil {
		return Held(f.Result)
	}
	held := make(types.Schema, len(f.Columns))
	for i, c := range f.Columns {
		held[i] = types.Column{Name: c.Name, Type: Held(c.Type)}
	}
	return arrayOf(held)
}

// arrayOf is the type of rows of some columns as one value.
func arrayOf(s types.Schema) types.Type {
	fields := make([]types.Field, len(s))
	for i, c := range s {
		fields[i] = types.Field{Name: c.Name, Type: c.Type}
	}
	return types.NewArray(types.NewStruct(fields...))
}

// Held is the type as which a function in WebAssembly has the values of a type.
func Held(t types.Type) types.Type {
	switch {
	case t.IsInteger():
		return types.Of(types.BigInt)
	case t.Kind == types.Float:
		return types.Of(types.Double)
	case t.IsText():
		return types.Of(types.String)
	case t.Kind == types.Timestamp:
		return types.NewTimestamp(types.MaxTimestampPrecision)
	case t.Kind == types.TimestampTZ:
		return types.NewTimestampTZ(types.MaxTimestampPrecision)
	case t.Kind == types.Time:
		return types.NewTime(types.MaxTimestampPrecision)
	case t.Kind == types.JSON, t.IsNested():
		return types.Of(types.String) // as JSON
	}
	return t
}
