package bench

import (
	"math"
	"runtime"
	"time"
)

// generatedLoop is generator and query in one plain loop, row by row, making just the
// fields that the query needs.
func generatedLoop(query string, records int64) cost {
	began, cpu := time.Now(), ownCPU()
	g := newBids(1)
	var sink int64
	step := generatedStep(query, g, &sink)
	for range records {
		for g.n%eventsPerEpoch < personsPerEpoch+auctionsPerEpoch {
			g.n++
		}
		step(g.n)
		g.n++
	}
	runtime.KeepAlive(sink)
	return cost{records, ownCPU() - cpu, time.Since(began)}
}

func generatedStep(query string, g *bids, sink *int64) func(int64) {
	price := func() int64 { return int64(math.Pow(10, g.random.Float64()*6) * 100) }
	at := func(n int64) int64 { return baseTime.UnixMilli() + n*1000/eventsPerSecond }
	extra := make([]byte, 0, 64)
	text := func() {
		size := 28 + g.random.IntN(20)
		from := g.random.IntN(len(g.extra) - size)
		extra = append(extra[:0], g.extra[from:from+size]...)
	}
	counts := map[tenSeconds]int64{}
	count := func(w tenSeconds) { counts[w]++; *sink += int64(len(counts)) }
	switch query {
	case "q0":
		return func(n int64) {
			text()
			*sink += g.auction(n/eventsPerEpoch) + g.bidder(n/eventsPerEpoch) + price() + at(n) + int64(len(extra))
		}
	case "q1":
		return func(n int64) {
			text()
			*sink += g.auction(n/eventsPerEpoch) + g.bidder(n/eventsPerEpoch) + price()*908 + at(n) + int64(len(extra))
		}
	case "q2":
		return func(n int64) {
			if a := g.auction(n / eventsPerEpoch); a%123 == 0 {
				*sink += a + price()
			}
		}
	case "q12":
		return func(n int64) { count(tenSeconds{g.bidder(n / eventsPerEpoch), at(n) / 10_000}) }
	case "q5 inner":
		return func(n int64) { count(tenSeconds{g.auction(n / eventsPerEpoch), at(n) / 2_000}) }
	case "q7 inner":
		return func(n int64) {
			w := tenSeconds{0, at(n) / 10_000}
			counts[w] = max(counts[w], price())
		}
	}
	type stats struct{ count, low, high, sum int64 }
	groups := map[int64]*stats{}
	return func(n int64) {
		a, p := g.auction(n/eventsPerEpoch), price()
		s := groups[a]
		if s == nil {
			s = &stats{low: math64}
			groups[a] = s
		}
		s.count++
		s.low, s.high, s.sum = min(s.low, p), max(s.high, p), s.sum+p
	}
}
