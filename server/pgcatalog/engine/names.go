package engine

import "slipway/server/pgcatalog/syntax"

// noName is the heading of what has none.
const noName = "?column?"

// nameOf is the name of a column without AS.
func nameOf(x syntax.Expr) string {
	name, _ := figured(x)
	return name
}

// figured gives a name, and whether a cast around the value leaves it: not that of a type or of CASE.
func figured(x syntax.Expr) (name string, stays bool) {
	switch x := x.(type) {
	case *syntax.Column:
		return x.Name, true
	case *syntax.Field:
		return x.Name, true
	case *syntax.Call:
		return callName(x), true
	case *syntax.Subscript:
		return figured(x.X)
	case *syntax.Cast:
		if name, stays := figured(x.X); stays {
			return name, true
		}
		return resolveType(x.To).elementName(), false
	case *syntax.Case:
		if x.Else != nil {
			if name, stays := figured(x.Else); stays {
				return name, true
			}
		}
		return "case", false
	case *syntax.Exists:
		return "exists", true
	case *syntax.ArrayList, *syntax.ArrayQuery:
		return "array", true
	case *syntax.Row:
		return "row", true
	case *syntax.Scalar:
		name := queryName(x.Query.Body)
		return name, name != noName
	}
	return noName, false
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
	return noName
}
