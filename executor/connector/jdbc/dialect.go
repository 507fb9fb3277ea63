package jdbc

import (
	"strings"

	"slipway/conf"
	"slipway/executor/column"
	"slipway/executor/connector/jdbc/mysql"
	"slipway/executor/connector/jdbc/postgres"
	"slipway/sql/types"
)

// dialect writes what databases say in different words.
type dialect interface {
	// quote writes a name.
	quote(name string) string
	// text is what is selected of a column, so that the database's text is one of the type.
	text(column string, t types.Type) string
	// binary is a BINARY, of its text.
	binary(text []byte) ([]byte, error)
	// kinds is a query for the types that columns have there, in one row; empty: they do not matter.
	kinds(table string, columns []string) string
	// among is a condition that is true where the key columns equal a row of keys (and maybe where they
	// do not), with its arguments. None: no row can.
	among(key []keyColumn, keys *column.Batch) (condition string, args []any)
	// compared is a column with the only value of v, which is argument n, in a comparison that
	// logical.AskedConditions lets be told; an empty column: not here.
	compared(k keyColumn, v *column.Vector, n int) (column, place string, arg any)
	// behind is a condition that is true behind a row in the order of the key.
	behind(key []keyColumn, row *column.Batch) (condition string, args []any)
}

// keyColumn is a column by which rows are found.
type keyColumn struct {
	name string // quoted
	typ  types.Type
	kind string // its type there, if the dialect wants to know
}

var dialects = map[string]dialect{"postgresql": postgresDialect{}, "mysql": mysqlDialect{}, "mariadb": mysqlDialect{}}

// open makes a client of the database.
func (p place) open(v *conf.Values) (database, error) {
	if p.kind == "postgresql" {
		return postgres.New(postgres.Options{Host: p.host, Port: p.port, Database: p.database, User: username.Get(v), Password: password.Get(v).Reveal(),
			Params: p.params, Connect: connect.Get(v)})
	}
	return mysql.New(mysql.Options{Host: p.host, Port: p.port, Database: p.database, User: username.Get(v), Password: password.Get(v).Reveal(),
		Params: p.params, Connect: connect.Get(v)})
}

// quoteName writes the name of a table, of a schema before it if there is one; without a name it is
// that of the relation db.name.
func (t *table) quoteName(name, relation string) string {
	if name == "" {
		_, name, _ = strings.Cut(relation, ".")
		return t.quote(name)
	}
	parts := strings.Split(name, ".")
	for i, p := range parts {
		parts[i] = t.quote(strings.Trim(p, "\"`"))
	}
	return strings.Join(parts, ".")
}

// list is what is selected: columns of a schema, in the types of out.
func (t *table) list(out types.Schema, columns []int) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = t.text(t.quote(t.columns[c].Name), out[i].Type)
	}
	if len(parts) == 0 {
		return "1"
	}
	return strings.Join(parts, ", ")
}

// textOf is a value as SQL text.
func textOf(v *column.Vector, i int) string { return string(column.AppendText(nil, v, i)) }
