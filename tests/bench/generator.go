// Package bench measures the whole server from outside: start, memory, and the
// Nexmark queries, each beside a plain hand-written loop over the same bytes in the
// same run. Figures are ratios and CPU time: the machines are shared and noisy.
//
// It prints and never judges: run it with `make bench`.
package bench

import (
	"math"
	"math/rand/v2"
	"strconv"
	"time"
)

// bids makes Nexmark's bids as flat JSON, with the distributions of the reference
// generator (nexmark/nexmark: BidGenerator, AuctionGenerator, PersonGenerator): of
// fifty events one is a person, three are auctions and 46 bids; half of the bids go
// to the hot auction, three quarters come from the hot bidder, prices are
// log-uniform, event time advances 100,000 events per second.
type bids struct {
	random *rand.Rand
	n      int64 // events so far
	extra  []byte
	urls   []string
}

const (
	personsPerEpoch, auctionsPerEpoch, eventsPerEpoch = 1, 3, 50
	firstID                                           = 1000
	hotRatio                                          = 100
	eventsPerSecond                                   = 100_000
)

var baseTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newBids(seed uint64) *bids {
	g := &bids{random: rand.New(rand.NewPCG(seed, 1)), extra: make([]byte, 1<<16), urls: make([]string, 10_000)}
	for i := range g.extra {
		g.extra[i] = 'a' + byte(g.random.IntN(26))
	}
	for i := range g.urls {
		g.urls[i] = "https://www.nexmark.com/" + g.word(5) + "/" + g.word(5) + "/" + g.word(5) + "/item.htm?query=1"
		if g.random.IntN(10) > 0 {
			g.urls[i] += "&channel_id=" + strconv.Itoa(int(g.random.Int32()))
		}
	}
	return g
}

func (g *bids) word(n int) string {
	at := g.random.IntN(len(g.extra) - n)
	return string(g.extra[at : at+n])
}

var hotChannels = [...]string{"Google", "Facebook", "Baidu", "Apple"}

// append adds the next bid to dst.
func (g *bids) append(dst []byte) []byte {
	for g.n%eventsPerEpoch < personsPerEpoch+auctionsPerEpoch {
		g.n++
	}
	epoch := g.n / eventsPerEpoch
	auction, bidder := g.auction(epoch), g.bidder(epoch)
	price := int64(math.Pow(10, g.random.Float64()*6) * 100)
	var channel, url string
	if g.random.IntN(2) == 0 {
		i := g.random.IntN(len(hotChannels))
		channel, url = hotChannels[i], g.urls[i]
	} else {
		i := g.random.IntN(len(g.urls))
		channel, url = "channel-"+strconv.Itoa(i), g.urls[i]
	}
	at := baseTime.Add(time.Duration(g.n) * time.Second / eventsPerSecond)
	g.n++
	dst = append(dst, `{"auction":`...)
	dst = strconv.AppendInt(dst, auction, 10)
	dst = append(dst, `,"bidder":`...)
	dst = strconv.AppendInt(dst, bidder, 10)
	dst = append(dst, `,"price":`...)
	dst = strconv.AppendInt(dst, price, 10)
	dst = append(dst, `,"channel":"`...)
	dst = append(dst, channel...)
	dst = append(dst, `","url":"`...)
	dst = append(dst, url...)
	dst = append(dst, `","dateTime":"`...)
	dst = at.AppendFormat(dst, "2006-01-02 15:04:05.000")
	dst = append(dst, `","extra":"`...)
	size := 28 + g.random.IntN(20)
	from := g.random.IntN(len(g.extra) - size)
	dst = append(dst, g.extra[from:from+size]...)
	return append(dst, `"}`...)
}

func (g *bids) auction(epoch int64) int64 {
	last := epoch*auctionsPerEpoch + auctionsPerEpoch - 1
	if g.random.IntN(2) == 0 {
		return firstID + last/hotRatio*hotRatio
	}
	low := max(0, last-100)
	return firstID + low + g.random.Int64N(last-low+1+10)
}

func (g *bids) bidder(epoch int64) int64 {
	last := epoch*personsPerEpoch + personsPerEpoch - 1
	if g.random.IntN(4) < 3 {
		return 2*firstID + last/hotRatio*hotRatio + 1
	}
	active := min(last, 1000)
	return 2*firstID + last - active + g.random.Int64N(active+10)
}
