// Package nexmark holds the queries of the Nexmark benchmark as its public definition has them
// (nexmark/nexmark, nexmark-flink/src/main/resources/queries), events for them, and a plain
// computation of each answer that shares no code with the engine. Its test runs every query over
// the events, as a SELECT and as a stream job, and compares.
package nexmark

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Person, Auction and Bid are the three kinds of events. Times are milliseconds since 1970-01-01.
type Person struct {
	ID                                                int64
	Name, EmailAddress, CreditCard, City, State, Tail string
	Time                                              int64
}

type Auction struct {
	ID                    int64
	ItemName, Description string
	InitialBid, Reserve   int64
	Time, Expires         int64
	Seller, Category      int64
	Tail                  string
}

type Bid struct {
	Auction, Bidder, Price int64
	Channel, URL           string
	Time                   int64
	Tail                   string
}

// Events are in the order of their times, each kind by itself.
type Events struct {
	Persons  []Person
	Auctions []Auction
	Bids     []Bid
}

const (
	firstID          = 1000
	firstCategory    = 10
	eventsPerEpoch   = 50
	personsPerEpoch  = 1
	auctionsPerEpoch = 3
	hot              = 100
)

var (
	begin       = time.Date(2026, 1, 1, 7, 59, 50, 0, time.UTC).UnixMilli()
	states      = []string{"AZ", "CA", "ID", "OR", "WA", "WY"}
	cities      = []string{"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"}
	hotChannels = []string{"Google", "Facebook", "Baidu", "Apple"}
)

// Make gives the first n events: of fifty one is a person, three are auctions and 46 bids, and ids,
// sellers, bidders and prices are drawn as the reference generator draws them, but for prices: no
// two bids for an auction have the same. Event time goes on by so many events a second; at 1000 no two
// events have the same time, so that an order by time is whole. The last hundred events come much later
// than all others, of each table two at least, so that in each of two partitions every window before them is closed.
func Make(n, perSecond int64, seed uint64) *Events {
	g := &generator{random: rand.New(rand.NewPCG(seed, 23)), perSecond: perSecond, prices: map[[2]int64]bool{}}
	for i := range n {
		g.event(i, begin+g.millis(i))
	}
	for i := n; i < n+2*eventsPerEpoch; i++ {
		g.event(i, begin+time.Hour.Milliseconds()+g.millis(i))
	}
	return &g.events
}

// millis is the event time in which so many events come.
func (g *generator) millis(events int64) int64 { return events * 1000 / g.perSecond }

type generator struct {
	random    *rand.Rand
	perSecond int64
	events    Events
	prices    map[[2]int64]bool
}

func (g *generator) event(i, at int64) {
	switch place := i % eventsPerEpoch; {
	case place < personsPerEpoch:
		g.person(i, at)
	case place < personsPerEpoch+auctionsPerEpoch:
		g.auction(i, at)
	default:
		g.bid(i, at)
	}
}

func (g *generator) person(i, at int64) {
	r := g.random
	g.events.Persons = append(g.events.Persons, Person{ID: firstID + i/eventsPerEpoch, Name: g.text(5) + " " + g.text(8),
		EmailAddress: g.text(7) + "@" + g.text(5) + ".com",
		CreditCard:   fmt.Sprintf("%04d %04d %04d %04d", r.IntN(10000), r.IntN(10000), r.IntN(10000), r.IntN(10000)),
		City:         cities[r.IntN(len(cities))], State: states[r.IntN(len(states))], Time: at, Tail: g.text(10)})
}

func (g *generator) auction(i, at int64) {
	r, initial := g.random, g.price()
	seller := g.lately(i/eventsPerEpoch*personsPerEpoch, 1000, 10)
	if r.IntN(4) > 0 {
		seller = i / eventsPerEpoch / hot * hot
	}
	span := max(1, g.millis(2*100*eventsPerEpoch/auctionsPerEpoch))
	g.events.Auctions = append(g.events.Auctions, Auction{ID: firstID + i/eventsPerEpoch*auctionsPerEpoch + i%eventsPerEpoch - personsPerEpoch,
		ItemName: g.text(8), Description: g.text(20), InitialBid: initial, Reserve: initial + g.price(), Time: at, Expires: at + 1 + r.Int64N(span),
		Seller: firstID + seller, Category: firstCategory + r.Int64N(5), Tail: g.text(10)})
}

func (g *generator) bid(i, at int64) {
	r := g.random
	last := i/eventsPerEpoch*auctionsPerEpoch + auctionsPerEpoch - 1
	auction := g.lately(last, 100, 10)
	if r.IntN(2) == 0 {
		auction = last / hot * hot
	}
	bidder := g.lately(i/eventsPerEpoch, 1000, 10)
	if r.IntN(4) > 0 {
		bidder = i/eventsPerEpoch/hot*hot + 1
	}
	b := Bid{Auction: firstID + auction, Bidder: firstID + bidder, Price: g.price(), Time: at, Tail: g.text(14)}
	for g.prices[[2]int64{b.Auction, b.Price}] {
		b.Price++
	}
	g.prices[[2]int64{b.Auction, b.Price}] = true
	if b.Channel = hotChannels[r.IntN(len(hotChannels))]; r.IntN(2) == 0 {
		b.Channel = fmt.Sprintf("channel-%d", r.IntN(10_000))
	}
	b.URL = "https://www.nexmark.com/" + g.text(5) + "/" + g.text(5) + "/" + g.text(5) + "/item.htm?query=1"
	if r.IntN(10) > 0 {
		b.URL += fmt.Sprintf("&channel_id=%d", r.Int32())
	}
	g.events.Bids = append(g.events.Bids, b)
}

// lately draws one of the last numbers up to last, and of some that are yet to come.
func (g *generator) lately(last, of, ahead int64) int64 {
	low := max(0, last-of)
	return low + g.random.Int64N(last-low+1+ahead)
}

func (g *generator) price() int64 { return int64(math.Pow(10, g.random.Float64()*6) * 100) }

func (g *generator) text(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(g.random.IntN(26))
	}
	return string(b)
}

// timestamp is a time as SQL writes it.
func timestamp(millis int64) string {
	return time.UnixMilli(millis).UTC().Format("2006-01-02 15:04:05.000")
}

// JSON is the event as a record.
func (p *Person) JSON() []byte {
	return fmt.Appendf(nil, `{"id":%d,"name":%q,"emailAddress":%q,"creditCard":%q,"city":%q,"state":%q,"dateTime":%q,"extra":%q}`,
		p.ID, p.Name, p.EmailAddress, p.CreditCard, p.City, p.State, timestamp(p.Time), p.Tail)
}

// JSON is the event as a record.
func (a *Auction) JSON() []byte {
	return fmt.Appendf(nil, `{"id":%d,"itemName":%q,"description":%q,"initialBid":%d,"reserve":%d,"dateTime":%q,"expires":%q,"seller":%d,"category":%d,"extra":%q}`,
		a.ID, a.ItemName, a.Description, a.InitialBid, a.Reserve, timestamp(a.Time), timestamp(a.Expires), a.Seller, a.Category, a.Tail)
}

// JSON is the event as a record.
func (b *Bid) JSON() []byte {
	return fmt.Appendf(nil, `{"auction":%d,"bidder":%d,"price":%d,"channel":%q,"url":%q,"dateTime":%q,"extra":%q}`,
		b.Auction, b.Bidder, b.Price, b.Channel, b.URL, timestamp(b.Time), b.Tail)
}
