package query

import (
	"cmp"
	"encoding/json"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// stream is one that a query reads.
type stream struct{ name, columns, input string }

// lastDay is that of the last rows of src and src2, which are far behind the others: one goes to each
// partition, so that watermarks pass everything else.
const lastDay = "2026-01-02"

// random gives the random numbers of a file.
func random(name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(h.Sum64(), 1))
}

// watermarked finds the column of event time and its bound in the columns of a stream.
var watermarked = regexp.MustCompile(`(?i)WATERMARK\s+FOR\s+(\w+)\s+AS\s+\w+\s*-\s*INTERVAL\s+'(\d+)'\s+(SECOND|MINUTE|HOUR)`)

var units = map[string]time.Duration{"SECOND": time.Second, "MINUTE": time.Minute, "HOUR": time.Hour}

// placed is a row and where it goes.
type placed struct {
	row, key string
	at       float64 // microseconds, if rows have times
}

// shuffle changes the order of rows: each moves back by a random time below the bound of the
// watermark, so that a row is in front of none that would make it late.
func shuffle(r *rand.Rand, columns string, rows []string) []string {
	m := watermarked.FindStringSubmatch(columns)
	list := make([]placed, len(rows))
	for i, row := range rows {
		list[i] = placed{row: row, at: r.Float64()}
		if strings.HasPrefix(row, "@") {
			list[i].key, _, _ = strings.Cut(row, " ")
		}
		if m != nil {
			n, _ := strconv.Atoi(m[2])
			list[i].at = timeOf(row, m[1]) + list[i].at*float64((time.Duration(n)*units[strings.ToUpper(m[3])]).Microseconds())
			if i > 0 && timeOf(row, m[1]) == 0 { // no time: it stays behind the row in front of it
				list[i].at = list[i-1].at
			}
		}
	}
	keepOrder(list)
	slices.SortStableFunc(list, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.row
	}
	return out
}

// keepOrder gives rows with one key the places that they have, in the order they came.
func keepOrder(list []placed) {
	places := map[string][]float64{}
	for _, p := range list {
		places[p.key] = append(places[p.key], p.at)
	}
	for _, at := range places {
		slices.Sort(at)
	}
	for i := range list {
		if key := list[i].key; key != "" {
			list[i].at, places[key] = places[key][0], places[key][1:]
		}
	}
}

// timeOf is the event time of a row in microseconds, 0 if it has none.
func timeOf(row, column string) float64 {
	if strings.HasPrefix(row, "@") {
		_, row, _ = strings.Cut(row, " ")
	}
	var values map[string]any
	if json.Unmarshal([]byte(row), &values) != nil {
		return 0
	}
	text, _ := values[column].(string)
	for _, layout := range []string{"2006-01-02 15:04:05.999999", "2006-01-02T15:04:05.999999Z07:00", "2006-01-02T15:04:05.999999"} {
		if at, err := time.Parse(layout, text); err == nil {
			return float64(at.UnixMicro())
		}
	}
	return 0
}

// TestShuffle: no row comes behind one whose time is later by the bound, unless it did before; rows of one key
// stay in order; and something moves.
func TestShuffle(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(read(t, "testdata/input.jsonl")), "\n")
	out := shuffle(random("one"), sourceColumns, rows)
	if slices.Equal(out, rows) || !slices.Equal(out, shuffle(random("one"), sourceColumns, rows)) {
		t.Error("the order is the same, or another one each time")
	}
	latest := 0.0
	for _, row := range out {
		at := timeOf(row, "ts")
		if at <= latest-2e6 {
			t.Errorf("late: %s", row)
		}
		latest = max(latest, at)
	}
	keyed := []string{"@a 1", "@b 1", "@a 2", "@a", "@b 2", "@a 3"}
	for seed := range 20 {
		var a []string
		for _, row := range shuffle(random(strconv.Itoa(seed)), "x INT", keyed) {
			if strings.HasPrefix(row, "@a") {
				a = append(a, row)
			}
		}
		if !slices.Equal(a, []string{"@a 1", "@a 2", "@a", "@a 3"}) {
			t.Errorf("rows of one key in another order: %q", a)
		}
	}
}
