package state

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"slipway/checkpoint"
)

// formerChain is sections that a former server wrote, in testdata/sws1.
func formerChain(t testing.TB, names ...string) (*memorySections, []checkpoint.Section) {
	t.Helper()
	m := &memorySections{}
	var chain []checkpoint.Section
	for i, name := range names {
		b, err := os.ReadFile("testdata/sws1/" + name)
		if err != nil {
			t.Fatal(err)
		}
		m.all = append(m.all, b)
		chain = append(chain, checkpoint.Section{Offset: int64(i), Length: int64(len(b)), CRC: checkpoint.Checksum(b)})
	}
	return m, chain
}

// lines lists the rows of a model's table as testdata/sws1/rows does.
func (m *model) lines() string {
	table, out := m.table(), map[string]string{}
	table.EachRow(func(id int32) {
		key := string(table.Bytes(table.row(id)[table.keyAt[1]]))
		out[key] = fmt.Sprintf("%s %d %s\n", key, table.Acc(id)[0], table.Bytes(table.Acc(id)[1]))
	})
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(out)) {
		b.WriteString(out[k])
	}
	return b.String()
}

// TestFormerChain: a base and two deltas of a former server give the rows that it had.
func TestFormerChain(t *testing.T) {
	want, err := os.ReadFile("testdata/sws1/rows")
	if err != nil {
		t.Fatal(err)
	}
	sections, chain := formerChain(t, "1", "2", "3")
	m := &model{store: NewStore(Range{0, KeyGroups}, &Budget{})}
	if err := m.store.Load(sections.read, chain); err != nil {
		t.Fatal(err)
	}
	if got := m.lines(); got != string(want) {
		t.Fatalf("restored\n%s\nwritten were\n%s", got, want)
	}
	if v := m.store.Former("watermark"); len(v) != 1 || string(v[0]) != "\x01\x02\x03" {
		t.Fatalf("the value is %q", v)
	}
}

// TestFormerChainGoesOn: behind it comes a delta of this server, that has a row in place of the
// first one of page 0, and the others of that page dead.
func TestFormerChainGoesOn(t *testing.T) {
	before, err := os.ReadFile("testdata/sws1/rows")
	if err != nil {
		t.Fatal(err)
	}
	sections, chain := formerChain(t, "1", "2", "3")
	var b bytes.Buffer
	e := &encoder{w: bufio.NewWriter(&b)}
	e.raw([]byte(magic))
	for _, n := range []int{0, KeyGroups, 0, 1} { // key groups, no values, one table
		e.count(n)
	}
	e.bytes([]byte("t"))
	e.count(2)
	e.bytes([]byte("BIGINT"))
	e.bytes([]byte("STRING"))
	for _, n := range []int{2, 1, 1, 0, 300, 300, 1} { // words, references, flags, rows, those alive, page 0
		e.count(n)
	}
	places := []byte{aliveBit}
	for r := byte(1); r < 64; r++ {
		places = append(places, r)
	}
	e.bytes(places)
	e.raw(wordBytes([]uint64{42 << 40, liveFlag | 3, 0, 0, 7, 0}))
	e.count(0)
	e.count(0)
	e.w.Flush()
	sections.all = append(sections.all, b.Bytes())
	chain = append(chain, checkpoint.Section{Offset: 3, Length: int64(b.Len())})
	m := &model{store: NewStore(Range{0, KeyGroups}, &Budget{})}
	if err := m.store.Load(sections.read, chain); err != nil {
		t.Fatal(err)
	}
	got := m.lines()
	rest, ok := strings.CutPrefix(got, " 7 \n")
	gone := strings.Count(string(before), "\n") - strings.Count(rest, "\n")
	if !ok || gone < 32 || gone > 64 {
		t.Fatalf("%d rows have gone, restored are\n%s", gone, got)
	}
	for line := range strings.Lines(rest) {
		if !strings.Contains(string(before), line) {
			t.Fatalf("nobody wrote %s", line)
		}
	}
}

// TestFormerSection pins what is read of the section that TestStoredSection pinned.
func TestFormerSection(t *testing.T) {
	sections, chain := formerChain(t, "stored")
	const sum = "52288cc95d6a62eac91a6548c298c90032ccf7917d025cb26c7e106a45b5e5c5"
	if got := fmt.Sprintf("%x", sha256.Sum256(sections.all[0])); got != sum {
		t.Fatalf("testdata/sws1/stored is %s", got)
	}
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	if err := s.Load(sections.read, chain); err != nil {
		t.Fatal(err)
	}
	storedIs(t, s, `groups: keys (BIGINT, STRING, DECIMAL(30,4), DOUBLE, BOOLEAN, TIMESTAMP(3)), 3 words [2]
[367bbf0f80242ac 8000000000000000 fffffffffffffff9 21 ffffffffffffffff fffffffffffffff1 3ff8000000000000 1 60a24181e4000 4 5 21000004]
[a0761d6478bd642f 800000000000003f 0 0 0 0 0 0 0 0 0 0]
`)
}
