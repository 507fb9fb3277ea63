package pgcatalog

import (
	"net"
	"strconv"
	"time"

	"slipway/server/pgcatalog/engine"
)

// Activity is a line of pg_stat_activity.
type Activity struct {
	PID                         uint32
	User, Database, Application string
	Address                     string // host:port
	// Times that are zero are not there: Opened without a transaction, Began before the first statement.
	Connected, Changed, Began, Opened time.Time
	State, Text                       string
}

func activities(d *definition) func(*World) rows {
	make := d.maker("datid", "datname", "pid", "usesysid", "usename", "application_name", "client_addr", "client_port", "backend_start", "xact_start", "query_start", "state_change",
		"wait_event_type", "wait_event", "state", "query", "backend_type")
	return func(w *World) (out rows) {
		for _, a := range w.Activity() {
			host, port := splitAddress(a.Address)
			waits, event := waiting(a.State)
			out = append(out, make(w.databaseOID(a.Database), a.Database, integer(a.PID), integer(superuser), a.User, a.Application, host, port, moment(a.Connected), moment(a.Opened),
				moment(a.Began), moment(a.Changed), waits, event, a.State, a.Text, "client backend"))
		}
		return out
	}
}

func (w *World) databaseOID(name string) value {
	if db := w.Declared.Databases[name]; db != nil {
		return integer(db.OID)
	}
	return nil
}

// waiting is what a client that does nothing waits for, as PostgreSQL names it.
func waiting(state string) (value, value) {
	if state == "active" {
		return nil, nil
	}
	return "Client", "ClientRead"
}

func splitAddress(address string) (host, port value) {
	h, p, err := net.SplitHostPort(address)
	n, err2 := strconv.ParseInt(p, 10, 32)
	if err != nil || err2 != nil {
		return nil, nil
	}
	return h, n
}

func moment(t time.Time) value {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(stamp)
}

// endings end what clients run, or the clients.
var endings = []*engine.Function{
	of("pg_cancel_backend", engine.Bool, func(w *World, a []value) value { return w.end(a[0], false) }, engine.Int4),
	optional(1, of("pg_terminate_backend", engine.Bool, func(w *World, a []value) value { return w.end(a[0], true) }, engine.Int4, engine.Int8)),
}

func (w *World) end(pid value, connection bool) value {
	done, err := w.End(engine.Whole(pid), connection)
	if err != nil {
		engine.Fail(err)
	}
	return done
}
