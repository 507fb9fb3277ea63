package oracle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// dataset is what is in the tables of some queries.
type dataset struct{ tables []*table }

// table has the columns of columns; keyed ones have the PRIMARY KEY (id), and later records
// replace and delete rows of earlier ones.
type table struct {
	name    string
	keyed   bool
	records []record
}

type record struct {
	cells   []cell
	deletes bool
}

// columns are those of every table, in both dialects. Rows of t0… come in the order of ts.
var columns = []struct{ name, ours, theirs string }{
	{"id", "BIGINT", "bigint"}, {"a", "BIGINT", "bigint"}, {"b", "BIGINT", "bigint"}, {"s", "STRING", "text"}, {"d", "DECIMAL(8,2)", "numeric(8,2)"},
	{"x", "BOOLEAN", "boolean"}, {"ts", "TIMESTAMP(3)", "timestamp(3)"},
}

// randomData fills tables: some of many rows, some of few, one of none; keys repeat, one of them
// often; every column but id and ts has NULLs.
func randomData(seed uint64) *dataset {
	r := rand.New(rand.NewPCG(seed, 3))
	d := &dataset{}
	for i, rows := range []int{12 + r.IntN(20), 6 + r.IntN(10), 1 + r.IntN(5), 0} {
		t := &table{name: fmt.Sprintf("t%d", i)}
		second := 0
		for id := range rows {
			second += r.IntN(5)
			t.records = append(t.records, record{cells: randomCells(r, id+1, second)})
		}
		d.tables = append(d.tables, t)
	}
	for i, records := range []int{30 + r.IntN(30), 3 + r.IntN(10)} {
		t := &table{name: fmt.Sprintf("u%d", i), keyed: true}
		for second := range records {
			t.records = append(t.records, record{cells: randomCells(r, 1+r.IntN(8+8*(1-i)), second), deletes: r.IntN(4) == 0})
		}
		d.tables = append(d.tables, t)
	}
	return d
}

func randomCells(r *rand.Rand, id, second int) []cell {
	maybe := func(list ...string) cell {
		if r.IntN(6) == 0 {
			return cell{null: true}
		}
		return cell{text: list[r.IntN(len(list))]}
	}
	return []cell{{text: fmt.Sprint(id)}, maybe("1", "1", "1", "2", "3", "0", "-2"), maybe("0", "1", "2", "3", "5", "7", "11"),
		maybe("", "a", "a", "ab", "b", "B", "ä", "a%"), maybe("0.00", "1.50", "1.50", "2.25", "-3.10", "10.00", "99.99"), maybe("true", "false"),
		{text: fmt.Sprintf("2026-01-01 00:%02d:%02d", second/60, second%60)}}
}

func (d *dataset) table(name string) *table {
	at := slices.IndexFunc(d.tables, func(t *table) bool { return t.name == name[strings.LastIndex(name, ".")+1:] })
	if at < 0 {
		return nil
	}
	return d.tables[at]
}

// split gives a part of the records: those of one key are in one, in their order.
func (t *table) split(n int) (out []record) {
	for i, rec := range t.records {
		at := i
		if t.keyed {
			at = len(rec.cells[0].text)*7 + int(rec.cells[0].text[0])
		}
		if at%splits == n {
			out = append(out, rec)
		}
	}
	return out
}

// rows are the records that are there in the end.
func (t *table) rows() (out []record) {
	if !t.keyed {
		return t.records
	}
	for _, rec := range t.records {
		out = slices.DeleteFunc(out, func(old record) bool { return old.cells[0].text == rec.cells[0].text })
		if !rec.deletes {
			out = append(out, rec)
		}
	}
	return out
}

// stream declares the table as ours.
func (t *table) stream() string {
	var list []string
	for _, c := range columns {
		list = append(list, c.name+" "+c.ours)
	}
	if t.keyed {
		list = append(list, "PRIMARY KEY (id)")
	} else {
		list = append(list, "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND")
	}
	return fmt.Sprintf(`CREATE STREAM %s (%s) TBLPROPERTIES ("connector"="memory")`, t.name, strings.Join(list, ", "))
}

// create makes and fills the table in PostgreSQL.
func (t *table) create() string {
	var list []string
	for _, c := range columns {
		list = append(list, c.name+" "+c.theirs)
	}
	out := fmt.Sprintf("drop table if exists %s; create unlogged table %s (%s);", t.name, t.name, strings.Join(list, ", "))
	var rows []string
	for _, rec := range t.rows() {
		rows = append(rows, "("+strings.Join(rec.literals(), ", ")+")")
	}
	if len(rows) > 0 {
		out += fmt.Sprintf(" insert into %s values %s;", t.name, strings.Join(rows, ", "))
	}
	return out
}

func (r record) literals() (out []string) {
	for _, c := range r.cells {
		if c.null {
			out = append(out, "null")
		} else {
			out = append(out, "'"+c.text+"'")
		}
	}
	return out
}

// String lists the records of the tables that are not empty.
func (d *dataset) String() string {
	var lines []string
	for _, t := range d.tables {
		for _, rec := range t.records {
			line := fmt.Sprintf("%s (%s)", t.name, strings.Join(rec.literals(), ", "))
			if rec.deletes {
				line += " deletes"
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
