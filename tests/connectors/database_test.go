package connectors

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"slipway/tests/connectors/ledger"
	"slipway/tests/servers"
)

// There are tables outside, made by each database's own words.
var tables = map[string][]string{
	"postgresql": {
		`CREATE TYPE mood AS ENUM ('fine', 'sad')`,
		`CREATE TABLE users (id bigint PRIMARY KEY, name varchar(40), country char(4), mood mood, code uuid, note text)`,
		`CREATE TABLE kinds (id int PRIMARY KEY, b boolean, s smallint, r real, d double precision, n numeric(20, 4), day date, at timestamp(6), tz timestamptz, clock time(3), raw bytea, doc jsonb)`,
		`INSERT INTO kinds VALUES (1, true, -7, 0.1, 0.1, 1234567890123456.7891, '2024-02-29', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56.5+02', '23:59:59.125', '\x00ff27', '{"a": [1, null]}')`,
		`INSERT INTO kinds (id) VALUES (2)`,
	},
	"mariadb": {
		`CREATE TABLE users (id bigint PRIMARY KEY, name varchar(40), country char(4), mood ENUM('fine', 'sad'), code char(36), note text) CHARACTER SET utf8mb4`,
		`CREATE TABLE kinds (id int PRIMARY KEY, b tinyint(1), s smallint, r float, d double, n decimal(20, 4), day date, at datetime(6), tz timestamp(6) NULL, clock time(3), raw varbinary(10), doc json)`,
		`INSERT INTO kinds VALUES (1, true, -7, 0.1, 0.1, 1234567890123456.7891, '2024-02-29', '2024-02-29 12:34:56.789012', NULL, '23:59:59.125', x'00ff27', '{"a": [1, null]}')`,
		`SET time_zone = '+02:00'`,
		`UPDATE kinds SET tz = '2024-02-29 12:34:56.5'`,
		`INSERT INTO kinds (id) VALUES (2)`,
	},
}

var users = []string{
	`(1, 'Ann', 'DE', 'fine', '00000000-0000-0000-0000-00000000000a', NULL)`,
	`(2, 'ann', 'FR', 'sad', '00000000-0000-0000-0000-00000000000b', 'it''s a \ "quoted" , {one}')`,
	`(3, 'Zoë 你好 🙂', 'DE', NULL, NULL, '')`,
	`(9007199254740993, 'Big', NULL, NULL, NULL, 'x')`,
	`(9007199254740992, 'Less', NULL, NULL, NULL, 'x')`,
}

func startTables(t *testing.T, kind string) *servers.Database {
	t.Helper()
	d := servers.StartDatabase(t, kind)
	d.Exec(t, tables[kind]...)
	values := strings.Join(users, ", ")
	if kind == "mariadb" {
		values = strings.ReplaceAll(values, `\`, `\\`)
	}
	d.Exec(t, "INSERT INTO users VALUES "+values)
	return d
}

// outside declares a table that is in the database.
func outside(d *servers.Database, name, columns, more string) string {
	return fmt.Sprintf(`CREATE TABLE %s (%s) TBLPROPERTIES ("connector"="jdbc", "url"="%s", "username"="%s", "password"="%s"%s)`,
		name, columns, d.URL(), servers.DatabaseUser, servers.DatabasePassword, more)
}

const userColumns = "id BIGINT, name STRING, country STRING, mood STRING, code STRING, note STRING, PRIMARY KEY (id)"

func eachDatabase(t *testing.T, test func(t *testing.T, d *servers.Database, c *pgx.Conn)) {
	for _, kind := range servers.Databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, startTables(t, kind), start(t, &ledger.Connector{}))
		})
	}
}

// TestTablesOfDatabases: whole tables and rows by key come as they are, in every type.
func TestTablesOfDatabases(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *servers.Database, c *pgx.Conn) {
		exec(t, c, outside(d, "users", userColumns, ""))
		exec(t, c, outside(d, "kinds", `id INT, b BOOLEAN, s SMALLINT, r FLOAT, d DOUBLE, n DECIMAL(20, 4), day DATE, at TIMESTAMP(6), tz TIMESTAMP(3),
			clock STRING, raw BINARY, doc STRING, PRIMARY KEY (id)`, ""))
		exec(t, c, outside(d, "people", "id STRING, name VARCHAR(40)", `, "table-name"="users", "lookup.cache.rows"="0"`))
		exec(t, c, `CREATE TABLE asks (k STRING, n BIGINT) TBLPROPERTIES ("connector"="ledger", "entries"="+I Ann 1; +I ann 2; +I ANN 3; +I none 4; +I DE 1; +I a'b\\ 9007199254740993; +I x,y 1")`)
		one := "SELECT b, s, r, d, n, day, at, tz, clock, raw, doc FROM kinds"
		const row = "true|-7|0.1|0.1|1234567890123456.7891|2024-02-29|2024-02-29 12:34:56.789012|2024-02-29 10:34:56.500|23:59:59.125|"
		for _, q := range [][2]string{
			{"SELECT id, name FROM users", "1 Ann, 2 ann, 3 Zoë 你好 🙂, 9007199254740992 Less, 9007199254740993 Big"},
			{"SELECT count(*) FROM users", "5"},
			{"SELECT id FROM users WHERE country = 'DE' AND note IS NULL", "1"},
			{"SELECT country FROM users WHERE id = 1", "DE"},
			{"SELECT note FROM users WHERE id = 2", `it's a \ "quoted" , {one}`},
			{"SELECT id, name FROM people WHERE name = 'Big'", "9007199254740993 Big"},
			{joined(one, 1), row},
			{joined(one, 2), "<nil>"},
			// with conditions that the database is told, and others
			{"SELECT id FROM users WHERE name = 'ann'", "2"},
			{"SELECT id FROM users WHERE 2 < id AND (country = 'DE' OR id = 9007199254740993)", "3, 9007199254740993"},
			{"SELECT id FROM users WHERE id != 2 AND id <= 3 AND UPPER(name) = 'ANN'", "1"},
			{"SELECT id FROM users WHERE code = 'no such' OR mood = 'sad'", "2"},
			{"SELECT id FROM users WHERE country > 'DE'", "2"},
			{"SELECT id FROM kinds WHERE b AND b = true AND day >= DATE '2024-02-29' AND at < TIMESTAMP '2024-02-29 12:34:56.789013'", "1"},
			{"SELECT id FROM kinds WHERE b = false OR s > 0 OR day < DATE '2024-02-29' OR tz > TIMESTAMP '2024-02-29 10:34:56.500'", ""},
			{"SELECT a.n, u.name FROM asks a JOIN users FOR SYSTEM_TIME AS OF PROCTIME() AS u ON a.n = u.id AND u.country = 'DE' AND u.id > 1", `3 Zoë 你好 🙂`},
			// by key, as of now
			{"SELECT a.k, u.name FROM asks a JOIN users FOR SYSTEM_TIME AS OF PROCTIME() AS u ON a.n = u.id",
				`ANN Zoë 你好 🙂, Ann Ann, DE Ann, a'b\\ Big, ann ann, x,y Ann`},
			{"SELECT a.n, u.name FROM asks a LEFT JOIN users FOR SYSTEM_TIME AS OF PROCTIME() AS u ON a.n = u.id AND u.country = 'DE'",
				`1 Ann, 1 Ann, 1 Ann, 2 <nil>, 3 Zoë 你好 🙂, 4 <nil>, 9007199254740993 <nil>`},
			{"SELECT a.k, a.n, u.id FROM asks a JOIN users FOR SYSTEM_TIME AS OF PROCTIME() AS u ON a.k = u.name", `Ann 1 1, ann 2 2`},
			{"SELECT a.k, u.id FROM asks a JOIN users FOR SYSTEM_TIME AS OF PROCTIME() AS u ON a.k = u.country WHERE u.id < 5", `DE 1, DE 3`},
			{"SELECT a.k, u.id FROM asks a LEFT JOIN users FOR SYSTEM_TIME AS OF PROCTIME() AS u ON a.k = u.name AND a.n = u.id WHERE a.n < 3",
				`Ann 1, DE <nil>, ann 2, x,y <nil>`},
			{"SELECT a.n, p.name FROM asks a JOIN people FOR SYSTEM_TIME AS OF PROCTIME() AS p ON CAST(a.n AS STRING) = p.id WHERE a.n > 1",
				`2 ann, 3 Zoë 你好 🙂, 9007199254740993 Big`},
			{"SELECT a.n, k.n FROM asks a JOIN kinds FOR SYSTEM_TIME AS OF PROCTIME() AS k ON a.n = k.id WHERE a.k = 'DE'", `1 {1234567890123456`},
			{"SELECT a.n FROM asks a JOIN kinds FOR SYSTEM_TIME AS OF PROCTIME() AS k ON k.day = CAST('2024-02-29' AS DATE) AND a.n - 8 = k.s", `1, 1, 1`},
			{"SELECT a.k FROM asks a JOIN users FOR SYSTEM_TIME AS OF PROCTIME() AS u ON CONCAT('00000000-0000-0000-0000-00000000000', a.k) = u.code", ``},
			// the whole table beside what is read
			{"SELECT a.k, u.name FROM asks a JOIN users u ON a.n = u.id AND a.k = u.name", `Ann Ann, ann ann`},
		} {
			if got := query(t, c, q[0]); !strings.HasPrefix(got, q[1]) || q[1] == "" && got != "" {
				t.Errorf("%s gives %s, want %s", q[0], got, q[1])
			}
		}
	})
}

// joined is the values of a row as one text.
func joined(sql string, id int) string {
	list := strings.TrimSuffix(strings.TrimPrefix(sql, "SELECT "), " FROM kinds")
	parts := strings.Split(list, ", ")
	for i, p := range parts {
		parts[i] = "CAST(" + p + " AS STRING)"
	}
	return fmt.Sprintf("SELECT CONCAT(%s) FROM kinds WHERE id = %d", strings.Join(parts, ", '|', "), id)
}
