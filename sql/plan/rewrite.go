package plan

// MapColumns gives an expression in which every column is replaced by what f makes of
// it; the original stays as it is.
func MapColumns(e Expr, f func(*Column) Expr) Expr {
	switch e := e.(type) {
	case *Column:
		return f(e)
	case *Call:
		out := *e
		out.Args = mapAll(e.Args, f)
		return &out
	case *Case:
		out := *e
		out.Whens = make([]When, len(e.Whens))
		for i, w := range e.Whens {
			out.Whens[i] = When{Cond: MapColumns(w.Cond, f), Then: MapColumns(w.Then, f)}
		}
		if e.Else != nil {
			out.Else = MapColumns(e.Else, f)
		}
		return &out
	case *Cast:
		out := *e
		out.Arg = MapColumns(e.Arg, f)
		return &out
	}
	return e
}

func mapAll(list []Expr, f func(*Column) Expr) []Expr {
	out := make([]Expr, len(list))
	for i, e := range list {
		out[i] = MapColumns(e, f)
	}
	return out
}

// EachColumn visits the columns of an expression, each as often as it stands there.
func EachColumn(e Expr, visit func(*Column)) {
	switch e := e.(type) {
	case *Column:
		visit(e)
	case *Call:
		for _, x := range e.Args {
			EachColumn(x, visit)
		}
	case *Case:
		for _, w := range e.Whens {
			EachColumn(w.Cond, visit)
			EachColumn(w.Then, visit)
		}
		if e.Else != nil {
			EachColumn(e.Else, visit)
		}
	case *Cast:
		EachColumn(e.Arg, visit)
	}
}
