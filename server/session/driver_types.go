package session

import (
	"regexp"
	"strconv"
	"strings"

	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// asyncpg asks the catalog how arrays are decoded when it first meets a type of one: there is no catalog, but this one
// question has an answer here. It asks for a setting of PostgreSQL's in front of it, and is content with there being none.

// typeQuestion is the question: numbers of types are its only parameter.
type typeQuestion struct{ ast.Source }

// Tag implements ast.Statement.
func (*typeQuestion) Tag() string { return "SELECT" }

// String implements ast.Statement.
func (q *typeQuestion) String() string { return q.Text }

var (
	typeQuestionBegins = regexp.MustCompile(`^\s*WITH RECURSIVE typeinfo_tree\(`)
	settingQuestion    = regexp.MustCompile(`^\s*SELECT\s+current_setting\('jit'\)`)
)

// driverQuestion tells a text that a driver sends of its own accord; nil of all others.
func driverQuestion(text string) (*typeQuestion, error) {
	switch {
	case typeQuestionBegins.MatchString(text):
		return &typeQuestion{ast.Source{Text: text}}, nil
	case settingQuestion.MatchString(text):
		return nil, sqlerr.At(strings.Index(text, "current_setting"), sqlerr.UndefinedObject, "unrecognized configuration parameter %q", "jit")
	}
	return nil, nil
}

var typeQuestionColumns = textColumns("oid:bigint", "ns", "name", "kind", "basetype:bigint", "elemtype:bigint", "elemdelim", "range_subtype:bigint", "attrtypoids",
	"attrnames", "depth:bigint", "basetype_name", "elemtype_name", "range_subtype_name")

// answer gives a row for each type that is asked for, and is an array.
func (q *typeQuestion) answer(args []plan.Expr) pgwire.Result {
	t := &table{columns: typeQuestionColumns, tag: q.Tag()}
	for _, oid := range asked(args) {
		if element := types.ElementOID(oid); element != 0 {
			name := types.NameOf(element)
			t.add(strconv.Itoa(int(oid)), "pg_catalog", "_"+name, "b", null, strconv.Itoa(int(element)), ",", null, null, null, "0", null, name, null)
		}
	}
	return t
}

var digits = regexp.MustCompile(`\d+`)

// asked are the numbers of an array that a driver sends.
func asked(args []plan.Expr) (oids []uint32) {
	for _, a := range args {
		cast, ok := a.(*plan.Cast)
		if !ok {
			continue
		}
		if c, ok := cast.Arg.(*plan.Const); ok {
			for _, d := range digits.FindAllString(c.Text, -1) {
				n, _ := strconv.ParseUint(d, 10, 32)
				oids = append(oids, uint32(n))
			}
		}
	}
	return oids
}
