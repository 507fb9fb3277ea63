package session

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/server/pgwire"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// TestDescribeParameters: parameters take the type of their first use, where the client
// leaves it open.
func TestDescribeParameters(t *testing.T) {
	c := newClient(t, nil, nil)
	for _, k := range []struct {
		text    string
		hints   []uint32
		want    []uint32
		columns string
	}{
		{"SELECT v, s FROM a WHERE v > $1 AND s = $2", nil, []uint32{types.OIDInt8, types.OIDText}, "v BIGINT, s STRING"},
		{"SELECT v FROM a WHERE v > $2", []uint32{types.OIDDate, types.OIDInt4}, []uint32{types.OIDDate, types.OIDInt4}, "v BIGINT"},
		{"SELECT $1 AS x", []uint32{types.OIDInt8}, []uint32{types.OIDInt8}, "x BIGINT"},
		{"INSERT INTO o VALUES ($1, $2)", nil, []uint32{types.OIDInt8, types.OIDText}, ""},
		{"COPY (SELECT v FROM a WHERE s = '$3' AND v = $1) TO STDOUT", nil, []uint32{types.OIDInt8}, ""},
		{"DECLARE c CURSOR WITH HOLD FOR SELECT v FROM a WHERE v IN ($1, $2)", nil, []uint32{types.OIDInt8, types.OIDInt8}, ""},
		{"PREPARE p AS SELECT v FROM a WHERE v > $1", nil, []uint32{}, ""},
		{"SHOW STREAMS", nil, []uint32{}, "name STRING, database STRING, kind STRING, connector STRING, comment STRING"},
	} {
		list, err := c.s.Parse(k.text)
		if err != nil {
			t.Fatal(err)
		}
		params, columns, err := c.s.Describe(t.Context(), list[0], k.hints)
		if err != nil || !slices.Equal(params, k.want) || heading(columns) != k.columns {
			t.Errorf("%s: %v, %q, %v; want %v, %q", k.text, params, heading(columns), err, k.want, k.columns)
		}
	}
}

// TestExplainTakesNoParameters: it is told when it is described, with its place.
func TestExplainTakesNoParameters(t *testing.T) {
	c := newClient(t, nil, nil)
	list, err := c.s.Parse("EXPLAIN SELECT v FROM a WHERE v > $1")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = c.s.Describe(t.Context(), list[0], nil)
	if e := sqlerr.From(err); err == nil || e.Code != sqlerr.UndefinedParameter || e.Position != 35 {
		t.Errorf("%v", err)
	}
}

// TestArguments: values come as text of the types that were described.
func TestArguments(t *testing.T) {
	c := newClient(t, nil, nil)
	rows, _ := c.send("SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e", pgwire.Arg{OID: types.OIDInt8, Text: "7"}, pgwire.Arg{OID: types.OIDBool, Text: "true"},
		pgwire.Arg{OID: types.OIDText, Null: true}, pgwire.Arg{OID: types.OIDBytea, Text: `\x0aff`}, pgwire.Arg{OID: types.OIDUnknown, Text: "x"})
	if want := `7 | t | NULL | \x0aff | x`; len(rows) != 1 || rows[0] != want {
		t.Errorf("%q, want %q", rows, want)
	}
	if e := c.fails("SELECT $1 AS a", sqlerr.InvalidText, pgwire.Arg{OID: types.OIDInt4, Text: "seven"}); !strings.HasPrefix(e.Message, "parameter $1: ") {
		t.Error(e.Message)
	}
	c.fails("SELECT $1 AS a", sqlerr.InvalidText, pgwire.Arg{OID: types.OIDBytea, Text: `\xzz`})
	for oid, want := range map[uint32]types.Kind{types.OIDInt2: types.SmallInt, types.OIDInt4: types.Int, types.OIDFloat4: types.Float, types.OIDFloat8: types.Double,
		types.OIDNumeric: types.Decimal, types.OIDDate: types.Date, types.OIDTimestamptz: types.TimestampTZ, types.OIDUnknown: types.Null, 99999: types.String} {
		if got := typeOf(oid).Kind; got != want {
			t.Errorf("a parameter of OID %d is %v, want %v", oid, got, want)
		}
	}
}

// TestPagedSelectEndsWithItsQuery: a client that pages gets all rows.
func TestPagedSelectEndsWithItsQuery(t *testing.T) {
	c := newClient(t, nil, nil)
	c.send("SET slipway.select.rows = 2")
	r, err := c.execute("SELECT v FROM a")
	if err != nil {
		t.Fatal(err)
	}
	if r.Ready() || len(c.runner.queries) != 0 {
		t.Error("the query runs before its first row is asked for")
	}
	r.Paged()
	if rows, err := readAll(t.Context(), r); err != nil || len(rows) != 3 || len(c.said) != 0 {
		t.Errorf("%q, %v, %q", rows, err, c.said)
	}
	if !c.runner.queries[0].closed {
		t.Error("the query is not closed")
	}
}

// TestLeftOut: rows that on.error=skip left out are told of behind the last one.
func TestLeftOut(t *testing.T) {
	c := newClient(t, nil, nil)
	r, err := c.execute("SELECT v FROM a")
	if err == nil {
		_, err = r.Next(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	c.runner.queries[0].leftOut = 4
	if _, err := readAll(t.Context(), r); err != nil || len(c.said) != 1 || !strings.Contains(c.said[0], "was left out: 4 (on.error)") {
		t.Errorf("%v, %q", err, c.said)
	}
}

// TestFollowingSelect waits for rows until it is cancelled.
func TestFollowingSelect(t *testing.T) {
	c := newClient(t, nil, nil)
	r, err := c.execute("SELECT v FROM a EMIT CHANGES")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	for range 3 {
		if _, err := r.Next(ctx); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if _, err := r.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("behind the last row: %v", err)
	}
	r.Close()
	if _, err := r.Next(t.Context()); err != io.EOF {
		t.Errorf("behind Close: %v", err)
	}
}

// TestCursors: the protocol describes them as portals, and they end with their session.
func TestCursors(t *testing.T) {
	c := newClient(t, nil, nil)
	c.send("BEGIN")
	c.send("DECLARE c CURSOR FOR SELECT v, s FROM a")
	c.send("DECLARE h CURSOR WITH HOLD FOR SELECT v FROM a")
	if columns, ok := c.s.Cursor("c"); !ok || heading(columns) != "v BIGINT, s STRING" {
		t.Errorf("cursor c: %q, %t", heading(columns), ok)
	}
	if _, ok := c.s.Cursor("x"); ok {
		t.Error("there is a cursor x")
	}
	c.send("COMMIT")
	if _, ok := c.s.Cursor("c"); ok || !c.runner.queries[0].closed {
		t.Error("the cursor outlives its transaction")
	}
	if _, ok := c.s.Cursor("h"); !ok || c.runner.queries[1].closed {
		t.Error("the cursor WITH HOLD does not outlive its transaction")
	}
	c.s.Close()
	if !c.runner.queries[1].closed {
		t.Error("the cursor outlives its session")
	}
}

// TestStartup: what the client's packet asks for holds, and it is told what it follows.
func TestStartup(t *testing.T) {
	c := newClient(t, nil, map[string]string{"TimeZone": "Europe/Berlin", "options": `-c statement_timeout=7s --client-min-messages=warning`, "unheard_of": "x", "extra_float_digits": "2"})
	if c.status["TimeZone"] != "Europe/Berlin" || c.s.location().String() != "Europe/Berlin" || c.s.Timeout() != 7*time.Second {
		t.Errorf("%v, zone %v, timeout %v", c.status, c.s.location(), c.s.Timeout())
	}
	if rows, _ := c.send("SHOW extra_float_digits"); rows[0] != "2" {
		t.Errorf("extra_float_digits is %v", rows)
	}
	c.send("CREATE VIEW IF NOT EXISTS vv AS SELECT v FROM a")
	c.send("CREATE VIEW IF NOT EXISTS vv AS SELECT v FROM a")
	if len(c.said) != 0 {
		t.Errorf("client_min_messages is warning, and the client is told %q", c.said)
	}
	h := &Handler{Parts: c.s.partsNow}
	if _, err := h.NewSession(t.Context(), pgwire.Startup{Params: map[string]string{"timezone": "Nowhere/Land"}}); err == nil {
		t.Error("a client in an unknown time zone is let in")
	}
}

// TestRoleChanges: a session obeys the role that the server has at each statement.
func TestRoleChanges(t *testing.T) {
	c := newClient(t, nil, nil)
	parts := c.s.partsNow()
	c.s.partsNow = func() Parts { return parts }
	c.send("CREATE DATABASE d")
	parts.Standby = &Standby{Leader: func() string { return "" }}
	if e := c.fails("DROP DATABASE d", sqlerr.ReadOnly); !strings.HasPrefix(e.Hint, "No server leads") {
		t.Error(e.Hint)
	}
	parts.Standby = nil
	c.send("DROP DATABASE d")
}

// TestStandbyTellsItsClients: by which libpq finds the leader.
func TestStandbyTellsItsClients(t *testing.T) {
	c := newClient(t, &Standby{Leader: func() string { return "" }}, nil)
	h, status := &Handler{Parts: c.s.partsNow}, ""
	if _, err := h.NewSession(t.Context(), pgwire.Startup{Status: func(name, value string) { status += name + "=" + value + " " }}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(status, "in_hot_standby=on") {
		t.Errorf("the client is told %s", status)
	}
}

// TestDeallocateOfTheProtocol: PREPARE and Parse share their names.
func TestDeallocateOfTheProtocol(t *testing.T) {
	c := newClient(t, nil, nil)
	var forgotten []string
	c.s.startup.Deallocate = func(name string) bool { forgotten = append(forgotten, name); return name != "other" }
	c.send("DEALLOCATE mine")
	c.fails("DEALLOCATE other", sqlerr.InvalidStatementName)
	c.send("DEALLOCATE ALL")
	if !slices.Equal(forgotten, []string{"mine", "other", ""}) {
		t.Errorf("forgotten: %q", forgotten)
	}
}
