package datagen

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var bid = types.Schema{{Name: "auction", Type: types.Of(types.BigInt)}, {Name: "bidder", Type: types.Of(types.BigInt)}, {Name: "price", Type: types.Of(types.BigInt)},
	{Name: "channel", Type: types.Of(types.String)}, {Name: "url", Type: types.Of(types.String)}, {Name: "dateTime", Type: types.NewTimestamp(3)}, {Name: "extra", Type: types.Of(types.String)}}

func opened(t *testing.T, k executor.Connector, s types.Schema, subtask, parallelism int, restored [][]byte, properties ...string) executor.Source {
	t.Helper()
	p := &plan.Source{Name: "default.g", Declared: s, Out: s, Properties: map[string]string{}}
	for i := range s {
		p.Columns = append(p.Columns, i)
	}
	for i := 0; i < len(properties); i += 2 {
		p.Properties[properties[i]] = properties[i+1]
	}
	g, err := k.NewSource(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Open(t.Context(), &executor.Env{Task: checkpoint.TaskID{Subtask: subtask}, Parallelism: parallelism}, restored); err != nil {
		t.Fatal(err)
	}
	return g
}

// rows takes up to n batches; each row is its split and its values.
func rows(t *testing.T, g executor.Source, batches int) (out []string, ended bool) {
	t.Helper()
	for range batches {
		b, err := g.Next(t.Context())
		if err == io.EOF {
			return out, true
		}
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			continue
		}
		for i := range b.Rows {
			line := fmt.Sprint(b.Split)
			for _, v := range b.Cols {
				line += "|"
				if v.Null(i) {
					line += "NULL"
				} else {
					line = string(column.AppendText([]byte(line), v, i))
				}
			}
			out = append(out, line)
		}
	}
	return out, false
}

// TestRestoresExactly: a generator restored at any snapshot, also by two tasks where
// there was one, gives the rows that the uninterrupted one would have given.
func TestRestoresExactly(t *testing.T) {
	typed := types.Schema{{Name: "id", Type: types.Of(types.BigInt)}, {Name: "word", Type: types.Of(types.String)}, {Name: "x", Type: types.Of(types.Double)}, {Name: "d", Type: types.NewDecimal(30, 2)}, {Name: "ok", Type: types.Of(types.Boolean)}}
	for name, k := range map[string]struct {
		connector executor.Connector
		schema    types.Schema
		options   []string
	}{
		"datagen": {Connector{}, typed, []string{"splits", "3", "total-amount", "20000", "fields.id.kind", "sequence", "fields.word.null-rate", "0.2"}},
		"nexmark": {Nexmark{}, bid, []string{"splits", "3", "total-amount", "20000"}},
	} {
		t.Run(name, func(t *testing.T) {
			whole := map[string]int{}
			all, ended := rows(t, opened(t, k.connector, k.schema, 0, 1, nil, k.options...), 100)
			if !ended || len(all) != 20000 {
				t.Fatalf("%d rows, ended %t", len(all), ended)
			}
			for _, r := range all {
				whole[r]++
			}
			g := opened(t, k.connector, k.schema, 0, 1, nil, k.options...)
			got, _ := rows(t, g, 4)
			at, err := g.Snapshot()
			if err != nil {
				t.Fatal(err)
			}
			for subtask := range 2 {
				rest, ended := rows(t, opened(t, k.connector, k.schema, subtask, 2, [][]byte{at}, k.options...), 100)
				if !ended {
					t.Fatal("no end")
				}
				got = append(got, rest...)
			}
			for _, r := range got {
				whole[r]--
			}
			for r, n := range whole {
				if n != 0 {
					t.Fatalf("row %s is %d times too few", r, n)
				}
			}
		})
	}
}

func TestProgressNamesEverySplit(t *testing.T) {
	g := opened(t, Nexmark{}, bid, 1, 2, nil, "splits", "4", "total-amount", "400")
	p := g.Progress()
	if len(p) != 2 || p[0].Index != 1 || p[1].Index != 3 || p[0].Next != 0 || p[0].End != 100 {
		t.Fatalf("%+v", p)
	}
	if p := opened(t, Connector{}, bid[:1], 0, 1, nil).Progress(); p[0].End != -1 {
		t.Fatalf("an endless split ends at %d", p[0].End)
	}
}

// TestNexmarkDistributions: the shares that the benchmark's queries depend on.
func TestNexmarkDistributions(t *testing.T) {
	g := opened(t, Nexmark{}, bid, 0, 1, nil, "total-amount", "200000").(*nexmark)
	hotAuction, hotBidder, hotChannel, n, last := 0, 0, 0, 0, int64(0)
	for {
		b, err := g.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Rows {
			auction, bidder, price, at := b.Cols[0].Ints[i], b.Cols[1].Ints[i], b.Cols[2].Ints[i], b.Cols[5].Ints[i]
			if (auction-firstID)%hotRatio == 0 {
				hotAuction++
			}
			if (bidder-2*firstID)%hotRatio == 1 {
				hotBidder++
			}
			if !strings.HasPrefix(string(b.Cols[3].Bytes(i)), "channel-") {
				hotChannel++
			}
			if price < 100 || price > 100_000_000 || auction < firstID || bidder < 2*firstID || at < last {
				t.Fatalf("bid %d: auction %d, bidder %d, price %d, time %d", n, auction, bidder, price, at)
			}
			last = at
			n++
		}
	}
	if end := nexmarkEpoch + int64(200000/46*50)*10; last > end || last < end-10_000 {
		t.Errorf("event time ends at %d, want about %d", last, end)
	}
	for what, share := range map[string]struct{ got, want float64 }{"hot auctions": {float64(hotAuction), 0.5}, "hot bidders": {float64(hotBidder), 0.75}, "hot channels": {float64(hotChannel), 0.5}} {
		if s := share.got / float64(n); s < share.want-0.01 || s > share.want+0.03 {
			t.Errorf("%s are %.3f of all, want %.2f", what, s, share.want)
		}
	}
}

// TestNexmarkJoins: sellers and auctions of one kind are among those of the others.
func TestNexmarkJoins(t *testing.T) {
	person := types.Schema{{Name: "id", Type: types.Of(types.BigInt)}, {Name: "name", Type: types.Of(types.String)}, {Name: "state", Type: types.Of(types.String)}, {Name: "creditCard", Type: types.Of(types.String)}}
	people, _ := rows(t, opened(t, Nexmark{}, person, 0, 1, nil, "nexmark.table", "person", "total-amount", "3"), 10)
	if len(people) != 3 || !strings.HasPrefix(people[0], "0|1000|") || !strings.HasPrefix(people[2], "0|1002|") {
		t.Error(people)
	}
	auction := types.Schema{{Name: "id", Type: types.Of(types.BigInt)}, {Name: "category", Type: types.Of(types.BigInt)}, {Name: "dateTime", Type: types.NewTimestamp(3)}, {Name: "expires", Type: types.NewTimestamp(3)}}
	g := opened(t, Nexmark{}, auction, 0, 1, nil, "nexmark.table", "auction", "total-amount", "2000")
	b, err := g.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Rows {
		if id := b.Cols[0].Ints[i]; id != int64(firstID+i) {
			t.Fatalf("auction %d has id %d", i, id)
		}
		if c := b.Cols[1].Ints[i]; c < 10 || c > 14 || b.Cols[3].Ints[i] < b.Cols[2].Ints[i] {
			t.Fatalf("auction %d: category %d, from %d to %d", i, c, b.Cols[2].Ints[i], b.Cols[3].Ints[i])
		}
	}
}

func TestRefusals(t *testing.T) {
	for want, r := range map[string]*catalog.Relation{
		`no column "color"`:          {Columns: types.Schema{{Name: "color", Type: types.Of(types.String)}}},
		`"auction" of Nexmark's`:     {Columns: types.Schema{{Name: "auction", Type: types.Of(types.String)}}},
		`table person has no column`: {Columns: bid, Properties: []catalog.Property{{Key: "nexmark.table", Value: "person"}}},
	} {
		if _, err := (Nexmark{}).Check(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	r := &catalog.Relation{Columns: bid, Properties: []catalog.Property{{Key: "fields.auction.knd", Value: "sequence"}}}
	if _, err := (Connector{}).Check(r); err == nil || !strings.Contains(err.Error(), "knd") {
		t.Errorf("%v", err)
	}
}

func BenchmarkNexmark(b *testing.B) {
	p := &plan.Source{Name: "g", Declared: bid, Out: bid, Columns: []int{0, 1, 2, 3, 4, 5, 6}, Properties: map[string]string{}}
	g, err := (Nexmark{}).NewSource(p)
	if err != nil {
		b.Fatal(err)
	}
	if err := g.Open(b.Context(), &executor.Env{Parallelism: 1}, nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := g.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/column.BatchRows, "ns/row")
}

// TestJSONColumns: what is made for them is JSON.
func TestJSONColumns(t *testing.T) {
	f := field{typ: types.Of(types.JSON), hi: 99, length: 10}
	v := column.NewVector(f.typ)
	for _, words := range []string{"", `{"a":1}`, "17"} {
		if words != "" {
			if err := f.set("values", words); err != nil {
				t.Fatal(err)
			}
		}
		v.Reset()
		v.Grow(20)
		f.fill(v, 20, 1, 0, 0, 1, 0)
		for i := range 20 {
			if !json.Valid(v.Bytes(i)) {
				t.Fatalf("%q is no JSON", v.Bytes(i))
			}
		}
	}
	if err := f.set("values", "red,blue"); err == nil {
		t.Error("words that are no JSON were taken")
	}
}
