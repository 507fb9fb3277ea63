package session

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Drivers ask the catalog of PostgreSQL about a type when they first meet it: asyncpg about arrays, pgJDBC about INTERVAL
// and rows. There is no catalog, but these questions have answers here.

// typeQuestion is such a question. Its one parameter that counts is a number of a type, a list of them, or a name.
type typeQuestion struct {
	ast.Source
	of *typeQuestions
}

// Tag implements ast.Statement.
func (*typeQuestion) Tag() string { return "SELECT" }

// String implements ast.Statement.
func (q *typeQuestion) String() string { return q.Text }

// params are the types of those parameters that the text has; a driver may declare them.
func (q *typeQuestion) params(declared []uint32) []uint32 {
	params := slices.Clone(q.of.params[:min(len(q.of.params), strings.Count(q.Text, "$"))])
	for i, oid := range declared[:min(len(declared), len(params))] {
		if oid != 0 {
			params[i] = oid
		}
	}
	return params
}

// typeQuestions are the questions of a driver that begin in a way.
type typeQuestions struct {
	begins  string // with one blank between two words
	params  []uint32
	columns []pgwire.Column
	row     func(knownType) []string
}

// knownType is a type that clients may get.
type knownType struct {
	oid, element uint32 // element is 0 of what is no array
	name         string
}

func (k knownType) elementName() string { return types.NameOf(k.element) }

const (
	yes = "t"
	no  = "f"
)

var askedTypes = []*typeQuestions{
	{begins: "WITH RECURSIVE typeinfo_tree(", params: []uint32{types.OIDOids},
		columns: textColumns("oid:bigint", "ns", "name", "kind", "basetype:bigint", "elemtype:bigint", "elemdelim", "range_subtype:bigint", "attrtypoids",
			"attrnames", "depth:bigint", "basetype_name", "elemtype_name", "range_subtype_name"),
		row: func(k knownType) []string {
			return []string{number(k.oid), "pg_catalog", k.name, "b", null, number(k.element), ",", null, null, null, "0", null, orNull(k.elementName()), null}
		}},
	{begins: "SELECT n.nspname = ANY(current_schemas(true)), n.nspname, t.typname FROM pg_catalog.pg_type t", params: []uint32{types.OIDInt4},
		columns: textColumns("?column?", "nspname", "typname"), row: func(k knownType) []string { return []string{yes, "pg_catalog", k.name} }},
	{begins: "SELECT typinput='pg_catalog.array_in'::regproc as is_array, typtype, typname, pg_type.oid", params: []uint32{types.OIDInt4},
		columns: textColumns("is_array", "typtype", "typname", "oid:bigint"), row: func(k knownType) []string {
			isArray := no
			if k.element != 0 {
				isArray = yes
			}
			return []string{isArray, "b", k.name, number(k.oid)}
		}},
	{begins: "SELECT e.typdelim FROM pg_catalog.pg_type t", params: []uint32{types.OIDInt4}, columns: textColumns("typdelim"),
		row: func(k knownType) []string { return ofArray(k, ",") }},
	{begins: "SELECT e.oid, n.nspname = ANY(current_schemas(true)), n.nspname, e.typname FROM pg_catalog.pg_type t", params: []uint32{types.OIDInt4},
		columns: textColumns("oid:bigint", "?column?", "nspname", "typname"),
		row:     func(k knownType) []string { return ofArray(k, number(k.element), yes, "pg_catalog", k.elementName()) }},
	{begins: "SELECT t.typarray, arr.typname FROM pg_catalog.pg_type t", params: []uint32{types.OIDText, types.OIDText, types.OIDBool},
		columns: textColumns("typarray:bigint", "typname"), row: func(k knownType) []string {
			if array := types.ArrayOID(k.oid); array != 0 {
				return []string{number(array), "_" + k.name}
			}
			return nil
		}},
}

func number(oid uint32) string { return strconv.FormatUint(uint64(oid), 10) }

// ofArray gives no row of what is none.
func ofArray(k knownType, row ...string) []string {
	if k.element == 0 {
		return nil
	}
	return row
}

var settingQuestion = regexp.MustCompile(`^\s*SELECT\s+current_setting\('jit'\)`)

// driverQuestion tells a text that a driver sends of its own accord; nil of all others. asyncpg is content with a setting
// of PostgreSQL's not being there.
func driverQuestion(text string) (*typeQuestion, error) {
	if settingQuestion.MatchString(text) {
		return nil, sqlerr.At(strings.Index(text, "current_setting"), sqlerr.UndefinedObject, "unrecognized configuration parameter %q", "jit")
	}
	if !strings.Contains(text, "pg_type") {
		return nil, nil
	}
	words := strings.Join(strings.Fields(text), " ")
	for _, q := range askedTypes {
		if strings.HasPrefix(words, q.begins) {
			return &typeQuestion{ast.Source{Text: text}, q}, nil
		}
	}
	return nil, nil
}

// answer gives a row for each type that is asked for and known.
func (q *typeQuestion) answer(args []pgwire.Arg) pgwire.Result {
	t := &table{columns: q.of.columns, tag: q.Tag()}
	for _, k := range asked(q.Text, args) {
		if row := q.of.row(k); row != nil {
			t.add(row...)
		}
	}
	return t
}

var (
	digits  = regexp.MustCompile(`\d+`)
	written = regexp.MustCompile(`\b(?:oid|typname) = \(?'?(\w+)`) // in simple mode
)

// asked are the types of the first parameter.
func asked(text string, args []pgwire.Arg) (list []knownType) {
	of := ""
	if found := written.FindStringSubmatch(text); found != nil {
		of = found[1]
	}
	if len(args) > 0 {
		of = args[0].Text
	}
	if oid := types.OIDNamed(of); oid != 0 {
		of = number(oid)
	}
	for _, d := range digits.FindAllString(of, -1) {
		n, _ := strconv.ParseUint(d, 10, 32)
		k := knownType{oid: uint32(n), element: types.ElementOID(uint32(n)), name: types.NameOf(uint32(n))}
		if k.element != 0 {
			k.name = "_" + types.NameOf(k.element)
		}
		if k.name != "" {
			list = append(list, k)
		}
	}
	return list
}
