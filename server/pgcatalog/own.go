package pgcatalog

import (
	"strings"

	"slipway/server/pgcatalog/engine"
)

// OwnSchema has tables of what Slipway itself has, unless there is a database of that name.
const OwnSchema = "slipway"

// ownTables are they: their columns, and what they are. World.Own gives their rows.
var ownTables = []struct{ name, columns, comment string }{
	{"jobs", "name database application state since:timestamp created:timestamp last_checkpoint:timestamp last_failure:text waits:text sql reads:_text writes:_text", "Stream jobs of all databases."},
	{"streams", "name database kind connector:text topic:text comment:text created:timestamp", "Streams, tables and views of all databases."},
	{"checkpoints", "job id:int8 kind name:text status triggered:timestamp duration_ms:int8 bytes:int8 reason:text", "As SHOW CHECKPOINTS."},
	{"transactions", "job id:text state open:bool age_ms:int8 timeout_ms:int8 checkpoint:int8 topics", "As SHOW TRANSACTIONS: it asks the brokers."},
	{"functions", "name kind group call text", "As SHOW FUNCTIONS."},
	{"secrets", "name source place:text owner:text used_by:text created:timestamp changed:timestamp", "As SHOW SECRETS: no value."},
}

// firstOwn is the number of the first of them: those of PostgreSQL's own catalog are others.
const firstOwn = 9000

// ownDefinitions makes definitions of them.
func ownDefinitions() (list []*definition) {
	for i, t := range ownTables {
		d := &definition{oid: int64(firstOwn + i), kind: "v", comment: t.comment, table: &engine.Table{Schema: OwnSchema, Name: t.name}}
		for _, w := range strings.Fields(t.columns) {
			column, typ, nullable := strings.Cut(w, ":")
			if !nullable {
				typ = "text"
			}
			d.table.Columns = append(d.table.Columns, engine.Column{Name: column, Type: engine.TypeNamed(typ)})
			d.required = append(d.required, !nullable)
		}
		d.systemColumns()
		list = append(list, d)
	}
	return list
}

// fillOwn lets the World give the rows.
func (d *definition) fillOwn() {
	d.table.Rows = func(env engine.Env) rows {
		list, err := worldOf(env).Own(d.table.Name)
		if err != nil {
			engine.Fail(err)
		}
		for i, r := range list {
			list[i] = append(r, d.oid, int64(1))
		}
		return list
	}
}
