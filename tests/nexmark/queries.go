package nexmark

// Columns of the three streams.
const (
	PersonColumns = `id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING, dateTime TIMESTAMP(3), extra STRING,
	WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND`
	AuctionColumns = `id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, dateTime TIMESTAMP(3), expires TIMESTAMP(3),
	seller BIGINT, category BIGINT, extra STRING, WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND`
	BidColumns = `auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP(3), extra STRING,
	WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND`
	SideColumns = "`key` BIGINT, `value` STRING"
	// SideProperties say that the side input is read whole before anything is joined with it.
	SideProperties = `, "source.bounded"="true"`
)

// Query is one of the benchmark.
type Query struct {
	Name string
	// Sink is the columns of the sink stream, with the key by which results are corrected.
	Sink string
	SQL  string
	// Keyless: results are corrected and have no key, so no sink keeps them apart; they are compared as a SELECT.
	Keyless bool
}

const bidColumnsOfSink = "auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP(3), extra STRING"

const counts = `count(*) AS total_bids,
	count(*) filter (where price < 10000) AS rank1_bids,
	count(*) filter (where price >= 10000 and price < 1000000) AS rank2_bids,
	count(*) filter (where price >= 1000000) AS rank3_bids,`

const distincts = counts + ` count(distinct bidder) AS total_bidders,
	count(distinct bidder) filter (where price < 10000) AS rank1_bidders,
	count(distinct bidder) filter (where price >= 10000 and price < 1000000) AS rank2_bidders,
	count(distinct bidder) filter (where price >= 1000000) AS rank3_bidders,
	count(distinct auction) AS total_auctions,
	count(distinct auction) filter (where price < 10000) AS rank1_auctions,
	count(distinct auction) filter (where price >= 10000 and price < 1000000) AS rank2_auctions,
	count(distinct auction) filter (where price >= 1000000) AS rank3_auctions`

const distinctColumns = `total_bids BIGINT, rank1_bids BIGINT, rank2_bids BIGINT, rank3_bids BIGINT, total_bidders BIGINT, rank1_bidders BIGINT,
	rank2_bidders BIGINT, rank3_bidders BIGINT, total_auctions BIGINT, rank1_auctions BIGINT, rank2_auctions BIGINT, rank3_auctions BIGINT`

const hops = "FROM TABLE(HOP(TABLE bid, DESCRIPTOR(dateTime), INTERVAL '2' SECOND, INTERVAL '10' SECOND)) GROUP BY auction, window_start, window_end"

const bidsOfAuctions = "A.id = B.auction AND B.dateTime BETWEEN A.dateTime AND A.expires"

// Queries are all of the benchmark, in its words; what is written otherwise is said beside it. Sinks have keys
// where results are corrected, since the benchmark's sink takes anything and keeps nothing.
var Queries = []Query{
	{Name: "q0", Sink: "auction BIGINT, bidder BIGINT, price BIGINT, dateTime TIMESTAMP(3), extra STRING",
		SQL: "SELECT auction, bidder, price, dateTime, extra FROM bid"},
	{Name: "q1", Sink: "auction BIGINT, bidder BIGINT, price DECIMAL(23,3), dateTime TIMESTAMP(3), extra STRING",
		SQL: "SELECT auction, bidder, 0.908 * price as price, dateTime, extra FROM bid"},
	{Name: "q2", Sink: "auction BIGINT, price BIGINT", SQL: "SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0"},
	{Name: "q3", Sink: "name STRING, city STRING, state STRING, id BIGINT",
		SQL: `SELECT P.name, P.city, P.state, A.id FROM auction AS A INNER JOIN person AS P on A.seller = P.id
		WHERE A.category = 10 and (P.state = 'OR' OR P.state = 'ID' OR P.state = 'CA')`},
	{Name: "q4", Sink: "id BIGINT, final DOUBLE, PRIMARY KEY (id)", SQL: `SELECT Q.category, AVG(Q.final) FROM (
		SELECT MAX(B.price) AS final, A.category FROM auction A, bid B WHERE ` + bidsOfAuctions + ` GROUP BY A.id, A.category) Q GROUP BY Q.category`},
	{Name: "q5", Sink: "auction BIGINT, num BIGINT", SQL: `SELECT AuctionBids.auction, AuctionBids.num FROM (
		SELECT auction, count(*) AS num, window_start AS starttime, window_end AS endtime ` + hops + `) AS AuctionBids JOIN (
		SELECT max(CountBids.num) AS maxn, CountBids.starttime, CountBids.endtime FROM (
		SELECT count(*) AS num, window_start AS starttime, window_end AS endtime ` + hops + `) AS CountBids GROUP BY CountBids.starttime, CountBids.endtime) AS MaxBids
		ON AuctionBids.starttime = MaxBids.starttime AND AuctionBids.endtime = MaxBids.endtime AND AuctionBids.num >= MaxBids.maxn`},
	{Name: "q6", Sink: "seller BIGINT, avg_price DOUBLE", Keyless: true,
		SQL: `SELECT Q.seller, AVG(Q.price) OVER (PARTITION BY Q.seller ORDER BY Q.dateTime ROWS BETWEEN 10 PRECEDING AND CURRENT ROW)
		FROM (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY id, seller ORDER BY price DESC) AS rownum
		FROM (SELECT A.id, A.seller, B.price, B.dateTime FROM auction AS A, bid AS B WHERE ` + bidsOfAuctions + `)) WHERE rownum <= 1) AS Q`},
	{Name: "q7", Sink: "auction BIGINT, price BIGINT, bidder BIGINT, dateTime TIMESTAMP(3), extra STRING",
		SQL: `SELECT B.auction, B.price, B.bidder, B.dateTime, B.extra from bid B JOIN (
		SELECT MAX(price) AS maxprice, window_end as dateTime FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(dateTime), INTERVAL '10' SECOND)) GROUP BY window_start, window_end) B1
		ON B.price = B1.maxprice WHERE B.dateTime BETWEEN B1.dateTime - INTERVAL '10' SECOND AND B1.dateTime`},
	{Name: "q8", Sink: "id BIGINT, name STRING, stime TIMESTAMP(3)", SQL: `SELECT P.id, P.name, P.starttime FROM (
		SELECT id, name, window_start AS starttime, window_end AS endtime FROM TABLE(TUMBLE(TABLE person, DESCRIPTOR(dateTime), INTERVAL '10' SECOND))
		GROUP BY id, name, window_start, window_end) P JOIN (
		SELECT seller, window_start AS starttime, window_end AS endtime FROM TABLE(TUMBLE(TABLE auction, DESCRIPTOR(dateTime), INTERVAL '10' SECOND))
		GROUP BY seller, window_start, window_end) A ON P.id = A.seller AND P.starttime = A.starttime AND P.endtime = A.endtime`},
	{Name: "q9", Sink: `id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, dateTime TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT,
		extra STRING, auction BIGINT, bidder BIGINT, price BIGINT, bid_dateTime TIMESTAMP(3), bid_extra STRING, PRIMARY KEY (id)`,
		SQL: `SELECT id, itemName, description, initialBid, reserve, dateTime, expires, seller, category, extra, auction, bidder, price, bid_dateTime, bid_extra FROM (
		SELECT A.*, B.auction, B.bidder, B.price, B.dateTime AS bid_dateTime, B.extra AS bid_extra, ROW_NUMBER() OVER (PARTITION BY A.id ORDER BY B.price DESC, B.dateTime ASC) AS rownum
		FROM auction A, bid B WHERE ` + bidsOfAuctions + `) WHERE rownum <= 1`},
	// q10 writes to a partitioned file system there; its columns are computed all the same.
	{Name: "q10", Sink: "auction BIGINT, bidder BIGINT, price BIGINT, dateTime TIMESTAMP(3), extra STRING, dt STRING, hm STRING",
		SQL: "SELECT auction, bidder, price, dateTime, extra, DATE_FORMAT(dateTime, 'yyyy-MM-dd'), DATE_FORMAT(dateTime, 'HH:mm') FROM bid"},
	{Name: "q11", Sink: "bidder BIGINT, bid_count BIGINT, starttime TIMESTAMP(3), endtime TIMESTAMP(3)",
		SQL: `SELECT B.bidder, count(*) as bid_count, SESSION_START(B.dateTime, INTERVAL '10' SECOND) as starttime, SESSION_END(B.dateTime, INTERVAL '10' SECOND) as endtime
		FROM bid B GROUP BY B.bidder, SESSION(B.dateTime, INTERVAL '10' SECOND)`},
	{Name: "q12", Sink: "bidder BIGINT, bid_count BIGINT, starttime TIMESTAMP(3), endtime TIMESTAMP(3)",
		SQL: `SELECT bidder, count(*) as bid_count, window_start AS starttime, window_end AS endtime
		FROM TABLE(TUMBLE(TABLE (SELECT *, PROCTIME() as p_time FROM bid), DESCRIPTOR(p_time), INTERVAL '10' SECOND)) GROUP BY bidder, window_start, window_end`},
	{Name: "q13", Sink: "auction BIGINT, bidder BIGINT, price BIGINT, dateTime TIMESTAMP(3), `value` STRING",
		SQL: "SELECT B.auction, B.bidder, B.price, B.dateTime, S.`value` FROM (SELECT *, PROCTIME() as p_time FROM bid) B " +
			"JOIN side_input FOR SYSTEM_TIME AS OF B.p_time AS S ON mod(B.auction, 10000) = S.`key`"},
	// count_char(extra, 'c') is a function of the user's there.
	{Name: "q14", Sink: "auction BIGINT, bidder BIGINT, price DECIMAL(23,3), bidTimeType STRING, dateTime TIMESTAMP(3), extra STRING, c_counts BIGINT",
		SQL: `SELECT auction, bidder, 0.908 * price as price, CASE WHEN HOUR(dateTime) >= 8 AND HOUR(dateTime) <= 18 THEN 'dayTime'
		WHEN HOUR(dateTime) <= 6 OR HOUR(dateTime) >= 20 THEN 'nightTime' ELSE 'otherTime' END AS bidTimeType, dateTime, extra,
		CHAR_LENGTH(extra) - CHAR_LENGTH(REPLACE(extra, 'c', '')) AS c_counts FROM bid WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000`},
	{Name: "q15", Sink: "`day` STRING, " + distinctColumns + ", PRIMARY KEY (`day`)",
		SQL: "SELECT DATE_FORMAT(dateTime, 'yyyy-MM-dd') as `day`, " + distincts + " FROM bid GROUP BY DATE_FORMAT(dateTime, 'yyyy-MM-dd')"},
	{Name: "q16", Sink: "channel STRING, `day` STRING, `minute` STRING, " + distinctColumns + ", PRIMARY KEY (channel, `day`)",
		SQL: "SELECT channel, DATE_FORMAT(dateTime, 'yyyy-MM-dd') as `day`, max(DATE_FORMAT(dateTime, 'HH:mm')) as `minute`, " + distincts +
			" FROM bid GROUP BY channel, DATE_FORMAT(dateTime, 'yyyy-MM-dd')"},
	{Name: "q17", Sink: "auction BIGINT, `day` STRING, total_bids BIGINT, rank1_bids BIGINT, rank2_bids BIGINT, rank3_bids BIGINT, min_price BIGINT, " +
		"max_price BIGINT, avg_price DOUBLE, " +
		"sum_price DECIMAL(38,0), PRIMARY KEY (auction, `day`)",
		SQL: "SELECT auction, DATE_FORMAT(dateTime, 'yyyy-MM-dd') as `day`, " + counts +
			" min(price) AS min_price, max(price) AS max_price, avg(price) AS avg_price, sum(price) AS sum_price FROM bid GROUP BY auction, " +
			"DATE_FORMAT(dateTime, 'yyyy-MM-dd')"},
	{Name: "q18", Sink: bidColumnsOfSink + ", PRIMARY KEY (bidder, auction)",
		SQL: `SELECT auction, bidder, price, channel, url, dateTime, extra FROM (
		SELECT *, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY dateTime DESC) AS rank_number FROM bid) WHERE rank_number <= 1`},
	{Name: "q19", Sink: bidColumnsOfSink + ", rank_number BIGINT, PRIMARY KEY (auction, rank_number)",
		SQL: "SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC) AS rank_number FROM bid) WHERE rank_number <= 10"},
	{Name: "q20", Sink: bidColumnsOfSink + `, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, auction_dateTime TIMESTAMP(3), expires TIMESTAMP(3),
		seller BIGINT, category BIGINT, auction_extra STRING`,
		SQL: `SELECT auction, bidder, price, channel, url, B.dateTime, B.extra, itemName, description, initialBid, reserve, A.dateTime, expires, seller, category, A.extra
		FROM bid AS B INNER JOIN auction AS A on B.auction = A.id WHERE A.category = 10`},
	{Name: "q21", Sink: "auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, channel_id STRING",
		SQL: `SELECT auction, bidder, price, channel, CASE WHEN lower(channel) = 'apple' THEN '0' WHEN lower(channel) = 'google' THEN '1'
		WHEN lower(channel) = 'facebook' THEN '2' WHEN lower(channel) = 'baidu' THEN '3' ELSE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) END AS channel_id
		FROM bid where REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) is not null or lower(channel) in ('apple', 'google', 'facebook', 'baidu')`},
	{Name: "q22", Sink: "auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, dir1 STRING, dir2 STRING, dir3 STRING",
		SQL: "SELECT auction, bidder, price, channel, SPLIT_INDEX(url, '/', 3) as dir1, SPLIT_INDEX(url, '/', 4) as dir2, SPLIT_INDEX(url, '/', 5) as dir3 FROM bid"},
	{Name: "q23", Sink: `bidder BIGINT, price BIGINT, channel STRING, url STRING, bid_extra STRING, person_id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING,
		state STRING, person_extra STRING, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, auction_dateTime TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT,
		category BIGINT, auction_extra STRING`,
		SQL: `SELECT bidder, price, channel, url, B.extra AS bid_extra, P.id AS person_id, name, emailAddress, creditCard, city, state, P.extra AS person_extra, itemName, description,
		initialBid, reserve, A.dateTime AS auction_dateTime, expires, seller, category, A.extra AS auction_extra
		FROM bid B JOIN person P ON P.id = B.bidder JOIN auction A ON A.seller = B.bidder`},
}
