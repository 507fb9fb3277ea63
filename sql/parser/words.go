package parser

import (
	"strings"

	tidb "github.com/pingcap/tidb/pkg/parser"

	"slipway/sql/ast"
)

// class is what a word can be; a word has any number of them.
type class uint32

const (
	// keyword: the TiDB grammar knows the word; reserved: it stands for nothing else there.
	keyword class = 1 << iota
	reserved
	// startsClause: it ends a select list and a FROM clause.
	startsClause
	// beforeValue: an expression begins behind it. noOperand: it is no operand itself, so that a
	// sign behind it is no operator between two.
	beforeValue
	noOperand
	// aggregateCall: its calls have a grammar of their own, with DISTINCT. windowCall: it is called
	// with OVER only. reservedCall: reserved, but a function where ( follows. noCall: not
	// reserved, but no function where ( follows.
	aggregateCall
	windowCall
	reservedCall
	noCall
	// columnName: reserved, but taken for a column where only a column can stand: it begins neither an
	// expression nor a clause there. likeName: reserved, and what people use as a name.
	columnName
	likeName
	// timeUnit: EXTRACT and TIMESTAMPDIFF take it; compositeUnit: MySQL's units of two parts.
	timeUnit
	compositeUnit
	// foreignType and foreignStatement are refused by name: the neighbours have them.
	foreignType
	foreignStatement
	// rearranged: it may be part of what postfix.go brings into another form.
	rearranged
	// beginsClause: a line of clauseTable begins with it.
	beginsClause
)

// wordTable holds the words of the dialect, each one once. Which of them are keywords, and
// reserved, is said by the TiDB grammar and by sql/ast.
var wordTable = []struct {
	classes class
	words   string
}{
	{startsClause | beforeValue | noOperand, `HAVING WHERE`},
	{startsClause | noOperand, `EXCEPT INTERSECT`},
	{startsClause | noOperand | likeName, `UNION`},
	{startsClause | noOperand | likeName | rearranged, `LIMIT`},
	{startsClause | reservedCall | columnName, `WINDOW`},
	{startsClause | columnName, `FETCH`},
	{startsClause | likeName, `GROUP ORDER`},
	{beforeValue | noOperand, `AND BETWEEN BY DISTINCT DIV ELSE ILIKE NOT ON OR REGEXP RLIKE SELECT THEN WHEN XOR`},
	{beforeValue | noOperand | reservedCall | columnName, `MOD`},
	{beforeValue | noOperand | likeName, `CASE LIKE`},
	{noOperand | rearranged, `AS`},
	{noOperand, `FOR FROM IN IS JOIN RETURN VALUES`},
	{noOperand | noCall, `ESCAPE USING`},
	{noOperand | noCall | rearranged, `OFFSET`},
	{noOperand | likeName, `ALL`},
	{noOperand | likeName, `INTERVAL`},
	{noOperand | foreignType, `SET`},
	{aggregateCall, `AVG COUNT MAX MIN SUM`},
	{windowCall | columnName, `CUME_DIST DENSE_RANK LAG LEAD NTH_VALUE NTILE PERCENT_RANK RANK ROW_NUMBER`},
	{reservedCall, `CHAR CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER LOCALTIME LOCALTIMESTAMP SCHEMA UTC_DATE UTC_TIME UTC_TIMESTAMP`},
	{reservedCall | columnName, `ARRAY DATABASE FIRST_VALUE GROUPS IF INDEX INSERT KEY LAST_VALUE LEFT LINEAR OPTION RANGE READ REPEAT RIGHT`},
	{reservedCall | columnName | foreignStatement, `LOCK REPLACE`},
	{reservedCall | foreignStatement, `TRUNCATE`},
	{noCall, `ANY END FIRST NEXT NO SOME UNKNOWN`},
	{columnName, `ALTER ASC BLOB CASCADE CHARACTER CHECK COLUMN CONSTRAINT CONTINUE CREATE CURSOR DATABASES DELAYED DESC DESCRIBE DROP ELSEIF ENCLOSED
		ESCAPED EXIT EXPLAIN FORCE FOREIGN FULLTEXT GENERATED GRANT IGNORE INFILE INOUT ITERATE KEYS LEAVE LINES LONG MATCH MAXVALUE OF OPTIONALLY OUT OUTER
		OUTFILE OVER PARTITION PRECISION PRIMARY PROCEDURE REFERENCES RELEASE REQUIRE RESTRICT REVOKE ROW ROWS SHOW SPATIAL SQL SSL STARTING STORED TABLESAMPLE
		TERMINATED TO TRIGGER UNIQUE UNTIL USAGE USE VARYING VIRTUAL WHILE WRITE ZEROFILL`},
	{columnName | foreignStatement, `ADD ANALYZE CALL CHANGE DELETE KILL LOAD OPTIMIZE RENAME UNLOCK UPDATE`},
	{likeName, `BOTH DEFAULT LEADING NULL TRAILING`},
	{likeName | foreignStatement, `TABLE`},
	{rearranged, `AT PG_CATALOG`},
	{timeUnit, `CENTURY DAY DECADE DOW DOY EPOCH HOUR ISODOW ISOYEAR MICROSECOND MICROSECONDS MILLENNIUM MILLISECOND MILLISECONDS MINUTE MONTH QUARTER SECOND
		TIMEZONE TIMEZONE_HOUR TIMEZONE_MINUTE WEEK`},
	{timeUnit | compositeUnit, `DAY_HOUR DAY_MICROSECOND DAY_MINUTE DAY_SECOND HOUR_MICROSECOND HOUR_MINUTE HOUR_SECOND MINUTE_MICROSECOND MINUTE_SECOND
		SECOND_MICROSECOND YEAR_MONTH`},
	{timeUnit | foreignType, `YEAR`},
	{foreignType, `BIGSERIAL BIT ENUM INET LONGBLOB LONGTEXT MEDIUMINT MEDIUMTEXT MONEY MULTISET OID POINT REGCLASS SERIAL TINYTEXT UNSIGNED XML`},
	{foreignStatement, `BACKUP BINLOG CHECKPOINT CLUSTER COMMENT DO EXPORT FLUSH HANDLER IMPORT INSTALL MERGE NOTIFY PURGE REFRESH REINDEX
		REPAIR RESTORE SECURITY SHUTDOWN TERMINATE PAUSE RESUME PRINT UPSERT VACUUM`},
}

// classes are those of every word, in capitals.
var classes = func() map[string]class {
	m := make(map[string]class, len(tidb.Keywords)+100)
	for _, line := range wordTable {
		for _, w := range strings.Fields(line.words) {
			m[w] |= line.classes
		}
	}
	for _, k := range tidb.Keywords {
		m[k.Word] |= keyword
	}
	for _, w := range ast.ReservedWords() {
		m[w] |= reserved
	}
	return m
}()
