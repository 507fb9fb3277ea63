package datagen

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Nexmark makes the events of the Nexmark benchmark's reference generator
// (nexmark/nexmark: PersonGenerator, AuctionGenerator, BidGenerator): of fifty events
// the first is a person, three are auctions and 46 bids; half of the bids go to the
// hot auction, three quarters come from the hot bidder, prices are log-uniform. A
// stream gives one of the three kinds, with the columns it declares.
//
// Every value is a function of the seed and the event's number, so a restore goes on
// exactly where the checkpoint was, and columns that nobody reads cost nothing.
type Nexmark struct{ Connector }

const (
	personsPerEpoch  = 1
	auctionsPerEpoch = 3
	eventsPerEpoch   = 50
	bidsPerEpoch     = eventsPerEpoch - personsPerEpoch - auctionsPerEpoch
	firstID          = 1000
	firstCategory    = 10
	hotRatio         = 100
	channels         = 10_000
)

// nexmarkEpoch is the event time of event 0.
var nexmarkEpoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// eventFill fills one column for the events numbered in at.
type eventFill func(g *nexmark, at []int64, v *column.Vector)

// nexmarkColumns are the columns of the three tables, by lower-case name.
var nexmarkColumns = map[string]map[string]struct {
	typ  types.Kind
	fill eventFill
}{
	"bid": {
		"auction":  {types.BigInt, ints((*nexmark).bidAuction)},
		"bidder":   {types.BigInt, ints((*nexmark).bidder)},
		"price":    {types.BigInt, ints(func(g *nexmark, n int64) int64 { return g.price(n, 3) })},
		"channel":  {types.String, texts((*nexmark).channel)},
		"url":      {types.String, texts((*nexmark).url)},
		"datetime": {types.Timestamp, ints((*nexmark).time)},
		"extra":    {types.String, texts(extra(34, 14))},
	},
	"auction": {
		"id":          {types.BigInt, ints((*nexmark).auctionID)},
		"itemname":    {types.String, texts(extra(14, 12))},
		"description": {types.String, texts(extra(60, 40))},
		"initialbid":  {types.BigInt, ints(func(g *nexmark, n int64) int64 { return g.price(n, 4) })},
		"reserve":     {types.BigInt, ints(func(g *nexmark, n int64) int64 { return g.price(n, 4) + g.price(n, 5) })},
		"datetime":    {types.Timestamp, ints((*nexmark).time)},
		"expires":     {types.Timestamp, ints((*nexmark).expires)},
		"seller":      {types.BigInt, ints((*nexmark).seller)},
		"category":    {types.BigInt, ints(func(g *nexmark, n int64) int64 { return firstCategory + int64(g.draw(n, 6)%5) })},
		"extra":       {types.String, texts(extra(240, 60))},
	},
	"person": {
		"id":           {types.BigInt, ints(func(_ *nexmark, n int64) int64 { return firstID + n/eventsPerEpoch })},
		"name":         {types.String, texts(pairs(firstNames, lastNames, " "))},
		"emailaddress": {types.String, texts(func(g *nexmark, n int64, b []byte) []byte { return append(g.letters(n, 7, 7, b), "@nexmark.com"...) })},
		"creditcard":   {types.String, texts((*nexmark).creditCard)},
		"city":         {types.String, texts(pick(8, cities))},
		"state":        {types.String, texts(pick(9, states))},
		"datetime":     {types.Timestamp, ints((*nexmark).time)},
		"extra":        {types.String, texts(extra(80, 40))},
	},
}

var (
	firstNames  = strings.Fields("Peter Paul Luke John Saul Vicky Kate Julie Sarah Deiter Walter")
	lastNames   = strings.Fields("Shultz Abrams Spencer White Bartels Walton Smith Jones Noris")
	cities      = []string{"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"}
	states      = strings.Fields("AZ CA ID OR WA WY")
	hotChannels = []string{"Google", "Facebook", "Baidu", "Apple"}
)

// Declaration implements catalog.Connector.
func (Nexmark) Declaration() *catalog.Declaration { return nexmarkDeclaration }

// Check implements catalog.Connector.
func (Nexmark) Check(r *catalog.Relation) ([]string, error) {
	return nil, checkNexmark(nexmarkTable.Get(nexmarkDeclaration.Values(r)), r.Recorded())
}

func checkNexmark(table string, declared types.Schema) error {
	known := nexmarkColumns[table]
	for _, c := range declared {
		k, ok := known[strings.ToLower(c.Name)]
		if !ok {
			return sqlerr.New(sqlerr.UndefinedColumn, "Nexmark's table %s has no column %q", table, c.Name)
		}
		if k.typ != c.Type.Kind && !(k.typ == types.String && c.Type.Physical() == types.PhysicalBytes) {
			return sqlerr.New(sqlerr.DatatypeMismatch, "column %q of Nexmark's table %s is %s, not %s", c.Name, table, types.Of(k.typ), c.Type)
		}
	}
	return nil
}

// NewSource implements executor.Connector.
func (Nexmark) NewSource(s *plan.Source) (executor.Source, error) {
	v := nexmarkDeclaration.Read(s.Properties)
	table := nexmarkTable.Get(v)
	if err := checkNexmark(table, s.Declared); err != nil {
		return nil, err
	}
	g := &nexmark{
		pace: newPace(v, s), table: table, seed: uint64(seed.Get(v)) * golden, micros: 1e6 / float64(nexmarkRate.Get(v)),
		batch: column.NewBatch(s.Out), arrival: s.ArrivalColumn != "",
	}
	for _, c := range s.Columns {
		g.fills = append(g.fills, nexmarkColumns[table][strings.ToLower(s.Declared[c].Name)].fill)
	}
	g.urls = g.makeURLs()
	return g, nil
}

// golden is 2^64 divided by the golden ratio: SplitMix64's step.
const golden = 0x9E3779B97F4A7C15

// nexmark is the generator of one table.
type nexmark struct {
	pace
	table   string
	seed    uint64
	micros  float64 // of event time between two events
	fills   []eventFill
	arrival bool
	batch   *column.Batch
	at      [column.BatchRows]int64
	urls    []string
}

// Next implements executor.Source.
func (g *nexmark) Next(context.Context) (*column.Batch, error) {
	split, n, err := g.turn()
	if err != nil || n == 0 {
		return nil, err
	}
	b := g.batch
	b.Reset()
	for _, c := range b.Cols {
		c.Grow(n)
	}
	g.number(g.advance(split, n), int64(split), g.at[:n])
	for i, fill := range g.fills {
		fill(g, g.at[:n], b.Cols[i])
	}
	if g.arrival {
		now := time.Now().UnixMilli() * column.Millisecond
		for i := range n {
			b.Cols[len(b.Cols)-1].Ints[i] = now
		}
	}
	b.Rows, b.Split = n, split
	return b, nil
}

// number gives the numbers of the events that a split's rows from first on are: of all
// rows of the table, split s has every splits-th.
func (g *nexmark) number(first, split int64, at []int64) {
	per, before := int64(bidsPerEpoch), int64(personsPerEpoch+auctionsPerEpoch)
	switch g.table {
	case "auction":
		per, before = auctionsPerEpoch, personsPerEpoch
	case "person":
		per, before = personsPerEpoch, 0
	}
	row := first*int64(g.splits) + split
	for i := range at {
		at[i] = row/per*eventsPerEpoch + before + row%per
		row += int64(g.splits)
	}
}

// draw is the random number of an event for one purpose.
func (g *nexmark) draw(n int64, purpose uint64) uint64 {
	return mix(g.seed + uint64(n)*golden + purpose*0xD1B54A32D192ED03)
}

func ints(f func(*nexmark, int64) int64) eventFill {
	return func(g *nexmark, at []int64, v *column.Vector) {
		out := v.Ints[:len(at)]
		for i, n := range at {
			out[i] = f(g, n)
		}
	}
}

func texts(f func(*nexmark, int64, []byte) []byte) eventFill {
	return func(g *nexmark, at []int64, v *column.Vector) {
		for i, n := range at {
			from := len(v.Slab)
			v.Slab = f(g, n, v.Slab)
			v.Views[i] = column.View{Off: uint32(from), Len: uint32(len(v.Slab) - from)}
		}
	}
}

func (g *nexmark) time(n int64) int64 { // rounded down to a millisecond
	t := nexmarkEpoch + int64(float64(n)*g.micros)
	return t - t%column.Millisecond
}

// among draws from 0 to n-1.
func among(x, n uint64) int64 { return int64((x >> 32) * n >> 32) }

func lastAuction(n int64) int64 { return n/eventsPerEpoch*auctionsPerEpoch + auctionsPerEpoch - 1 }

// bidAuction: the hot auction, or one of those in flight, ten of them yet to come.
func (g *nexmark) bidAuction(n int64) int64 {
	last, x := lastAuction(n), g.draw(n, 1)
	if x&1 == 0 {
		return firstID + last/hotRatio*hotRatio
	}
	low := max(0, last-100)
	return firstID + low + among(x, uint64(last-low+1+10))
}

// bidder: the reference generator adds the first id twice, and queries rely on it.
func (g *nexmark) bidder(n int64) int64 {
	last, x := n/eventsPerEpoch, g.draw(n, 2)
	if x&3 < 3 {
		return 2*firstID + last/hotRatio*hotRatio + 1
	}
	active := min(last, 1000)
	return 2*firstID + last - active + among(x, uint64(active+10))
}

// prices is 10^(6u)*100 at 4096 places of u; between two the price is linear.
var prices = func() (p [4097]float64) {
	for i := range p {
		p[i] = math.Pow(10, 6*float64(i)/4096) * 100
	}
	return p
}()

func (g *nexmark) price(n int64, purpose uint64) int64 {
	x := g.draw(n, purpose)
	i, part := x>>52, float64(x<<12>>12)/(1<<52)
	return int64(prices[i] + (prices[i+1]-prices[i])*part)
}

func (g *nexmark) channelNumber(n int64) (int64, bool) {
	x := g.draw(n, 10)
	if x&1 == 0 {
		return among(x, uint64(len(hotChannels))), true
	}
	return among(x, channels), false
}

func (g *nexmark) channel(n int64, b []byte) []byte {
	i, hot := g.channelNumber(n)
	if hot {
		return append(b, hotChannels[i]...)
	}
	return strconv.AppendInt(append(b, "channel-"...), i, 10)
}

func (g *nexmark) url(n int64, b []byte) []byte {
	i, _ := g.channelNumber(n)
	return append(b, g.urls[i]...)
}

func (g *nexmark) makeURLs() []string {
	out := make([]string, channels)
	for i := range out {
		n := int64(i)
		u := []byte("https://www.nexmark.com/")
		u = append(g.letters(n, 20, 5, u), '/')
		u = append(g.letters(n, 21, 5, u), '/')
		u = append(g.letters(n, 22, 5, u), "/item.htm?query=1"...)
		if g.draw(n, 23)%10 > 0 {
			u = strconv.AppendInt(append(u, "&channel_id="...), int64(g.draw(n, 24)>>33), 10)
		}
		out[i] = string(u)
	}
	return out
}

// sea is the text that extra is cut from.
var sea = func() []byte {
	b := make([]byte, 1<<20)
	for i := range b {
		b[i] = 'a' + byte(mix(uint64(i))%26)
	}
	return b
}()

// letters appends a random word.
func (g *nexmark) letters(n int64, purpose uint64, length int, b []byte) []byte {
	from := among(g.draw(n, purpose), uint64(len(sea)-length))
	return append(b, sea[from:from+int64(length)]...)
}

// extra cuts a text of low to low+span bytes.
func extra(low, span int64) func(*nexmark, int64, []byte) []byte {
	return func(g *nexmark, n int64, b []byte) []byte {
		x := g.draw(n, 11)
		size := low + int64(x&0xFFFF)*span>>16
		from := among(x, uint64(int64(len(sea))-size))
		return append(b, sea[from:from+size]...)
	}
}

func (g *nexmark) auctionID(n int64) int64 {
	return firstID + n/eventsPerEpoch*auctionsPerEpoch + n%eventsPerEpoch - personsPerEpoch
}

// expires: within twice the time in which a hundred auctions come.
func (g *nexmark) expires(n int64) int64 {
	span := uint64(2 * 100 * eventsPerEpoch / auctionsPerEpoch * g.micros)
	t := g.time(n) + 1000 + among(g.draw(n, 12), span+1)
	return t - t%column.Millisecond
}

func (g *nexmark) seller(n int64) int64 {
	last, x := n/eventsPerEpoch, g.draw(n, 13)
	if x&3 < 3 {
		return firstID + last/hotRatio*hotRatio
	}
	active := min(last, 1000)
	return firstID + last - active + among(x, uint64(active+10))
}

func (g *nexmark) creditCard(n int64, b []byte) []byte {
	x := g.draw(n, 14)
	return fmt.Appendf(b, "%04d %04d %04d %04d", x&0x1FFF, x>>16&0x1FFF, x>>32&0x1FFF, x>>48&0x1FFF)
}

func pick(purpose uint64, list []string) func(*nexmark, int64, []byte) []byte {
	return func(g *nexmark, n int64, b []byte) []byte {
		return append(b, list[among(g.draw(n, purpose), uint64(len(list)))]...)
	}
}

func pairs(left, right []string, between string) func(*nexmark, int64, []byte) []byte {
	first, second := pick(15, left), pick(16, right)
	return func(g *nexmark, n int64, b []byte) []byte {
		return second(g, n, append(first(g, n, b), between...))
	}
}
