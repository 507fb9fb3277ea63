package nexmark

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Row has a value for each column: int64, float64 or string, times as SQL writes them.
type Row []any

// Answer computes what a query gives over all events; closed tells whether the result of a window
// that ends then is there.
func (e *Events) Answer(query string, closed func(end int64) bool) []Row {
	return answers[query](e, closed)
}

type isClosed = func(end int64) bool

var answers = map[string]func(e *Events, closed isClosed) []Row{
	"q0": ofBids(func(b *Bid) Row { return Row{b.Auction, b.Bidder, b.Price, timestamp(b.Time), b.Tail} }),
	"q1": ofBids(func(b *Bid) Row { return Row{b.Auction, b.Bidder, euros(b), timestamp(b.Time), b.Tail} }),
	"q2": ofBids(func(b *Bid) Row {
		if b.Auction%123 != 0 {
			return nil
		}
		return Row{b.Auction, b.Price}
	}),
	"q3": q3, "q4": q4, "q5": q5, "q6": q6, "q7": q7, "q8": q8, "q9": q9,
	"q10": ofBids(func(b *Bid) Row {
		at := timestamp(b.Time)
		return Row{b.Auction, b.Bidder, b.Price, at, b.Tail, at[:10], at[11:16]}
	}),
	"q11": q11, "q12": q12,
	"q13": ofBids(func(b *Bid) Row {
		return Row{b.Auction, b.Bidder, b.Price, timestamp(b.Time), SideValue(b.Auction % 10_000)}
	}),
	"q14": ofBids(q14),
	"q15": func(e *Events, _ isClosed) []Row { return statistics(e, false) },
	"q16": func(e *Events, _ isClosed) []Row { return statistics(e, true) },
	"q17": q17, "q18": q18, "q19": q19, "q20": q20, "q21": ofBids(q21),
	"q22": ofBids(func(b *Bid) Row {
		parts := strings.Split(b.URL, "/")
		return Row{b.Auction, b.Bidder, b.Price, b.Channel, parts[3], parts[4], parts[5]}
	}),
	"q23": q23,
}

// SideValue is what the side input has for a key.
func SideValue(key int64) string { return "side of " + timestamp(key)[14:] }

func ofBids(row func(*Bid) Row) func(*Events, isClosed) []Row {
	return func(e *Events, _ isClosed) (out []Row) {
		for i := range e.Bids {
			if r := row(&e.Bids[i]); r != nil {
				out = append(out, r)
			}
		}
		return out
	}
}

func euros(b *Bid) float64 { return float64(b.Price*908) / 1000 }

func q3(e *Events, _ isClosed) (out []Row) {
	for _, a := range e.Auctions {
		for _, p := range e.Persons {
			if a.Category == 10 && a.Seller == p.ID && (p.State == "OR" || p.State == "ID" || p.State == "CA") {
				out = append(out, Row{p.Name, p.City, p.State, a.ID})
			}
		}
	}
	return out
}

// inTime gives the bids for each auction while it was open.
func (e *Events) inTime() map[int64][]*Bid {
	open := map[int64]*Auction{}
	for i := range e.Auctions {
		open[e.Auctions[i].ID] = &e.Auctions[i]
	}
	out := map[int64][]*Bid{}
	for i := range e.Bids {
		b := &e.Bids[i]
		if a := open[b.Auction]; a != nil && a.Time <= b.Time && b.Time <= a.Expires {
			out[a.ID] = append(out[a.ID], b)
		}
	}
	return out
}

// highest is the bid of the highest price, the first of several.
func highest(bids []*Bid) *Bid {
	return slices.MaxFunc(bids, func(a, b *Bid) int { return cmp.Compare(a.Price, b.Price) })
}

// average is AVG of whole numbers: exact, rounded to four digits behind the point.
func average(sum, n int64) float64 { return float64((sum*20_000+n)/(2*n)) / 10_000 }

func q4(e *Events, _ isClosed) (out []Row) {
	bids, sum, n := e.inTime(), map[int64]int64{}, map[int64]int64{}
	for _, a := range e.Auctions {
		if list := bids[a.ID]; len(list) > 0 {
			sum[a.Category] += highest(list).Price
			n[a.Category]++
		}
	}
	for c, s := range sum {
		out = append(out, Row{c, average(s, n[c])})
	}
	return out
}

const second = int64(1000)

// hopping lists the ends of the windows of 10 seconds, every 2 seconds, that a time is in.
func hopping(at int64) (ends []int64) {
	for end := at - at%(2*second) + 2*second; end-10*second <= at; end += 2 * second {
		ends = append(ends, end)
	}
	return ends
}

func q5(e *Events, closed isClosed) (out []Row) {
	counts := map[int64]map[int64]int64{} // by end of the window and auction
	for _, b := range e.Bids {
		for _, end := range hopping(b.Time) {
			if counts[end] == nil {
				counts[end] = map[int64]int64{}
			}
			counts[end][b.Auction]++
		}
	}
	for end, auctions := range counts {
		most := int64(0)
		for _, n := range auctions {
			most = max(most, n)
		}
		for a, n := range auctions {
			if n == most && closed(end) {
				out = append(out, Row{a, n})
			}
		}
	}
	return out
}

func q6(e *Events, _ isClosed) (out []Row) {
	bids, won := e.inTime(), map[int64][]*Bid{}
	for _, a := range e.Auctions {
		if list := bids[a.ID]; len(list) > 0 {
			won[a.Seller] = append(won[a.Seller], highest(list))
		}
	}
	for seller, list := range won {
		slices.SortFunc(list, func(a, b *Bid) int { return cmp.Compare(a.Time, b.Time) })
		for i := range list {
			last, sum := list[max(0, i-10):i+1], int64(0)
			for _, b := range last {
				sum += b.Price
			}
			out = append(out, Row{seller, average(sum, int64(len(last)))})
		}
	}
	return out
}

// tumbling is the end of the window of 10 seconds.
func tumbling(at int64) int64 { return at - at%(10*second) + 10*second }

func q7(e *Events, closed isClosed) (out []Row) {
	most := map[int64]int64{}
	for _, b := range e.Bids {
		most[tumbling(b.Time)] = max(most[tumbling(b.Time)], b.Price)
	}
	for end, price := range most {
		for _, b := range e.Bids {
			if closed(end) && b.Price == price && end-10*second <= b.Time && b.Time <= end {
				out = append(out, Row{b.Auction, b.Price, b.Bidder, timestamp(b.Time), b.Tail})
			}
		}
	}
	return out
}

func q8(e *Events, closed isClosed) (out []Row) {
	type sold struct{ seller, end int64 }
	sellers := map[sold]bool{}
	for _, a := range e.Auctions {
		sellers[sold{a.Seller, tumbling(a.Time)}] = true
	}
	for _, p := range e.Persons {
		if end := tumbling(p.Time); closed(end) && sellers[sold{p.ID, end}] {
			out = append(out, Row{p.ID, p.Name, timestamp(end - 10*second)})
		}
	}
	return out
}

func (a *Auction) row() Row {
	return Row{a.ID, a.ItemName, a.Description, a.InitialBid, a.Reserve, timestamp(a.Time), timestamp(a.Expires), a.Seller, a.Category, a.Tail}
}

func q9(e *Events, _ isClosed) (out []Row) {
	bids := e.inTime()
	for _, a := range e.Auctions {
		if list := bids[a.ID]; len(list) > 0 {
			b := highest(list)
			out = append(out, append(a.row(), b.Auction, b.Bidder, b.Price, timestamp(b.Time), b.Tail))
		}
	}
	return out
}

func q11(e *Events, closed isClosed) (out []Row) {
	type session struct{ n, start, last int64 }
	open := map[int64]session{}
	end := func(bidder int64, s session) {
		if s.n > 0 && closed(s.last+10*second) {
			out = append(out, Row{bidder, s.n, timestamp(s.start), timestamp(s.last + 10*second)})
		}
	}
	for _, b := range e.Bids {
		s := open[b.Bidder]
		if s.n > 0 && b.Time >= s.last+10*second {
			end(b.Bidder, s)
			s = session{}
		}
		if s.n == 0 {
			s.start = b.Time
		}
		open[b.Bidder] = session{s.n + 1, s.start, b.Time}
	}
	for bidder, s := range open {
		end(bidder, s)
	}
	return out
}

// q12 counts by the time at which bids are read, which no computation knows: what is known is how
// many there are of each bidder.
func q12(e *Events, _ isClosed) (out []Row) {
	counts := map[int64]int64{}
	for _, b := range e.Bids {
		counts[b.Bidder]++
	}
	for bidder, n := range counts {
		out = append(out, Row{bidder, n})
	}
	return out
}

func q14(b *Bid) Row {
	if euros(b) <= 1_000_000 || euros(b) >= 50_000_000 {
		return nil
	}
	kind := "otherTime"
	switch hour := time.UnixMilli(b.Time).UTC().Hour(); {
	case 8 <= hour && hour <= 18:
		kind = "dayTime"
	case hour <= 6 || hour >= 20:
		kind = "nightTime"
	}
	return Row{b.Auction, b.Bidder, euros(b), kind, timestamp(b.Time), b.Tail, int64(strings.Count(b.Tail, "c"))}
}

// rank is which of the three ranks of prices a bid is of, from 1.
func rank(b *Bid) int {
	switch {
	case b.Price < 10_000:
		return 1
	case b.Price < 1_000_000:
		return 2
	}
	return 3
}

// statistics are q15, and by channel q16.
func statistics(e *Events, byChannel bool) (out []Row) {
	type group struct{ channel, day string }
	type tally struct {
		minute            string
		bids              [4]int64
		bidders, auctions [4]map[int64]bool
	}
	groups := map[group]*tally{}
	for i := range e.Bids {
		b := &e.Bids[i]
		at := timestamp(b.Time)
		g := group{day: at[:10]}
		if byChannel {
			g.channel = b.Channel
		}
		t := groups[g]
		if t == nil {
			t = &tally{}
			for k := range t.bidders {
				t.bidders[k], t.auctions[k] = map[int64]bool{}, map[int64]bool{}
			}
			groups[g] = t
		}
		t.minute = max(t.minute, at[11:16])
		for _, k := range []int{0, rank(b)} {
			t.bids[k]++
			t.bidders[k][b.Bidder], t.auctions[k][b.Auction] = true, true
		}
	}
	for g, t := range groups {
		row := Row{g.day}
		if byChannel {
			row = Row{g.channel, g.day, t.minute}
		}
		for _, n := range t.bids {
			row = append(row, n)
		}
		for _, sets := range [][4]map[int64]bool{t.bidders, t.auctions} {
			for _, set := range sets {
				row = append(row, int64(len(set)))
			}
		}
		out = append(out, row)
	}
	return out
}

func q17(e *Events, _ isClosed) (out []Row) {
	type group struct {
		auction int64
		day     string
	}
	type tally struct {
		bids           [4]int64
		low, high, sum int64
	}
	groups := map[group]*tally{}
	for i := range e.Bids {
		b := &e.Bids[i]
		g := group{b.Auction, timestamp(b.Time)[:10]}
		t := groups[g]
		if t == nil {
			t = &tally{low: math.MaxInt64}
			groups[g] = t
		}
		t.bids[0]++
		t.bids[rank(b)]++
		t.low, t.high, t.sum = min(t.low, b.Price), max(t.high, b.Price), t.sum+b.Price
	}
	for g, t := range groups {
		out = append(out, Row{g.auction, g.day, t.bids[0], t.bids[1], t.bids[2], t.bids[3], t.low, t.high, average(t.sum, t.bids[0]), t.sum})
	}
	return out
}

func (b *Bid) row() Row {
	return Row{b.Auction, b.Bidder, b.Price, b.Channel, b.URL, timestamp(b.Time), b.Tail}
}

func q18(e *Events, _ isClosed) (out []Row) {
	last := map[[2]int64]*Bid{}
	for i := range e.Bids {
		last[[2]int64{e.Bids[i].Bidder, e.Bids[i].Auction}] = &e.Bids[i]
	}
	for _, b := range last {
		out = append(out, b.row())
	}
	return out
}

func q19(e *Events, _ isClosed) (out []Row) {
	bids := map[int64][]*Bid{}
	for i := range e.Bids {
		bids[e.Bids[i].Auction] = append(bids[e.Bids[i].Auction], &e.Bids[i])
	}
	for _, list := range bids {
		slices.SortFunc(list, func(a, b *Bid) int { return cmp.Compare(b.Price, a.Price) })
		for i, b := range list[:min(10, len(list))] {
			out = append(out, append(b.row(), int64(i+1)))
		}
	}
	return out
}

func q20(e *Events, _ isClosed) (out []Row) {
	auctions := map[int64]*Auction{}
	for i := range e.Auctions {
		auctions[e.Auctions[i].ID] = &e.Auctions[i]
	}
	for i := range e.Bids {
		if a := auctions[e.Bids[i].Auction]; a != nil && a.Category == 10 {
			out = append(out, append(e.Bids[i].row(), a.row()[1:]...))
		}
	}
	return out
}

var channelID = regexp.MustCompile(`(&|^)channel_id=([^&]*)`)

func q21(b *Bid) Row {
	if i := slices.Index([]string{"apple", "google", "facebook", "baidu"}, strings.ToLower(b.Channel)); i >= 0 {
		return Row{b.Auction, b.Bidder, b.Price, b.Channel, string(rune('0' + i))}
	}
	if m := channelID.FindStringSubmatch(b.URL); m != nil {
		return Row{b.Auction, b.Bidder, b.Price, b.Channel, m[2]}
	}
	return nil
}

func q23(e *Events, _ isClosed) (out []Row) {
	persons, sold := map[int64]*Person{}, map[int64][]*Auction{}
	for i := range e.Persons {
		persons[e.Persons[i].ID] = &e.Persons[i]
	}
	for i := range e.Auctions {
		sold[e.Auctions[i].Seller] = append(sold[e.Auctions[i].Seller], &e.Auctions[i])
	}
	for _, b := range e.Bids {
		p := persons[b.Bidder]
		if p == nil {
			continue
		}
		for _, a := range sold[b.Bidder] {
			row := Row{b.Bidder, b.Price, b.Channel, b.URL, b.Tail, p.ID, p.Name, p.EmailAddress, p.CreditCard, p.City, p.State, p.Tail}
			out = append(out, append(row, a.row()[1:]...))
		}
	}
	return out
}
