package pgcatalog

import (
	"strings"

	"slipway/server/pgcatalog/engine"
)

// OwnSchema has tables of what Slipway itself has, unless there is a database of that name.
const OwnSchema = "slipway"

// ownTables are they: their columns, and what they are. World.Own gives their rows.
var ownTables = []struct{ name, columns, comment string }{
	{"jobs", "name database application state since:timestamp created:timestamp last_checkpoint:timestamp last_failure:text waits:text sql reads:_text writes:_text " +
		"id full_name tasks:int8 rows_in:int8 rows_out:int8 rows_in_per_s:float8 rows_out_per_s:float8 rows_late:int8 rows_failed:int8 lag:int8 watermark:timestamp state_bytes:int8 " +
		"busy:float8 blocked:float8 restarts:int8 failed_at:timestamp hint:text last_checkpoint_id:int8 checkpoints_expired:int8 checkpoints_failed:int8 consumer_group:text", "Stream jobs of all databases."},
	{"streams", "name database kind connector:text topic:text comment:text created:timestamp", "Streams, tables and views of all databases."},
	{"checkpoints", "job id:int8 kind name:text status triggered:timestamp duration_ms:int8 bytes:int8 reason:text", "As SHOW CHECKPOINTS."},
	{"transactions", "job id:text state open:bool age_ms:int8 timeout_ms:int8 checkpoint:int8 topics", "As SHOW TRANSACTIONS: it asks the brokers."},
	{"functions", "name kind group call text", "As SHOW FUNCTIONS."},
	{"operators", "job stage:int8 place:int8 kind name id:text tasks:int8 rows_in:int8 rows_out:int8 rows_in_per_s:float8 rows_out_per_s:float8 busy:float8 blocked:float8 idle:float8 " +
		"state_bytes:int8 state_rows:int8 watermark:timestamp skew:float8", "As SHOW OPERATORS."},
	{"tasks", "job stage:int8 task:int8 rows_in:int8 rows_out:int8 rows_in_per_s:float8 rows_out_per_s:float8 busy:float8 blocked:float8 idle:float8 " +
		"state_bytes:int8 state_rows:int8 watermark:timestamp phase", "As SHOW TASKS."},
	{"stages", "job stage:int8 name tasks:int8 rows_in:int8 rows_out:int8 rows_in_per_s:float8 rows_out_per_s:float8 busy:float8 blocked:float8 idle:float8 watermark:timestamp limits:bool",
		"Stages of running jobs, and which of them hold the others back."},
	{"edges", "job from_stage:int8 to_stage:int8 port:int8 partitioning keys:_text carries", "How the stages of jobs are joined."},
	{"splits", "job stage:int8 source split position:int8 end_position:int8 lag:int8 watermark:timestamp idle:bool last_record:timestamp", "As SHOW SPLITS."},
	{"failures", "job at:timestamp class:text sqlstate:text message hint:text attempt:int8 action stage:int8 task:int8 topic:text partition:int8 record_offset:int8", "As SHOW FAILURES."},
	{"events", "id:int8 at:timestamp kind severity job:text user:text message detail:text", "As SHOW EVENTS."},
	{"properties", "job property value:text source meaning", "As SHOW PROPERTIES, of all jobs."},
	{"settings", "name value:text source default_value:text meaning", "Settings of the server and of this session."},
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
