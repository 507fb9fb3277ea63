package engine

import "slipway/server/pgcatalog/syntax"

// nameOf is the name of a column without AS.
func nameOf(x syntax.Expr) string {
	switch x := x.(type) {
	case *syntax.Column:
		return x.Name
	case *syntax.Field:
		return x.Name
	case *syntax.Call:
		return callName(x)
	case *syntax.Cast:
		if name := nameOf(x.X); name != "?column?" {
			return name
		}
		return resolveType(x.To).elementName()
	case *syntax.Subscript:
		return nameOf(x.X)
	case *syntax.Case:
		if x.Else != nil {
			if name := nameOf(x.Else); name != "?column?" {
				return name
			}
		}
		return "case"
	case *syntax.Exists:
		return "exists"
	case *syntax.ArrayList, *syntax.ArrayQuery:
		return "array"
	case *syntax.Row:
		return "row"
	case *syntax.Scalar:
		return queryName(x.Query.Body)
	}
	return "?column?"
}

// callName is a call's: forms with words have that of their function.
func callName(x *syntax.Call) string {
	if x.Written != "" {
		return x.Written
	}
	return x.Name
}

// elementName is the name of a type, or of the elements of an array.
func (t Type) elementName() string {
	if e := t.Element(); e != 0 {
		return e.Name()
	}
	return t.Name()
}

// queryName is the name of the only column of a query.
func queryName(body syntax.Body) string {
	switch body := body.(type) {
	case *syntax.Core:
		if len(body.Items) == 1 {
			if body.Items[0].Name != "" {
				return body.Items[0].Name
			}
			return nameOf(body.Items[0].X)
		}
	case *syntax.Query:
		return queryName(body.Body)
	case *syntax.SetOperation:
		return queryName(body.Left)
	case *syntax.Values:
		return "column1"
	}
	return "?column?"
}
