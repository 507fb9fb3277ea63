package parser

import (
	"strings"
	"testing"
)

// TestMask: a text of statements is shown without what may be a secret in it, and with all else.
func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		`CREATE SECRET k AS 'planted'`:                                                       `CREATE SECRET k AS '******'`,
		`ALTER SECRET k AS E'plan\'ted'`:                                                     `ALTER SECRET k AS '******'`,
		`ALTER USER u WITH LOGIN PASSWORD 'planted'; SELECT 'a'`:                             `ALTER USER u WITH LOGIN PASSWORD '******'; SELECT 'a'`,
		`CREATE STREAM s (v INT) TBLPROPERTIES ("topic"="t", "x.sasl.password" = "planted")`: `CREATE STREAM s (v INT) TBLPROPERTIES ("topic"="t", "x.sasl.password" = '******')`,
		`SELECT 1 /* password=planted */ -- token: planted`:                                  `SELECT 1 /* password=****** */ -- token: ******`,
		`CREATE SECRET IF NOT EXISTS k AS 'planted'`:                                         `CREATE SECRET IF NOT EXISTS k AS '******'`,
		`ALTER STREAM s SET ("password" = secret('k'))`:                                      `ALTER STREAM s SET ("password" = secret('k'))`,
		`SELECT 'https://u:planted@host/'`:                                                   `SELECT 'https://u:******@host/'`,
		`CREATE STREAMJOB j AS ($$INSERT INTO o SELECT a -- password=planted$$)`:             `CREATE STREAMJOB j AS ($$INSERT INTO o SELECT a -- password=******$$)`,
		`SELECT password FROM users WHERE name = 'x'`:                                        `SELECT password FROM users WHERE name = 'x'`,
	} {
		if got, ok := Mask(text); !ok || got != want {
			t.Errorf("%s\nis    %s\nwants %s", text, got, want)
		}
	}
	if got, ok := Mask(`CREATE SECRET k AS 'planted`); ok {
		t.Errorf("a text that cannot be cut is shown: %s", got)
	}
}

// TestFaultsQuoteNoSecret: an error names a place and the word there, but not one that may be a secret.
func TestFaultsQuoteNoSecret(t *testing.T) {
	for _, text := range []string{
		`CREATE STREAM s (v INT) TBLPROPERTIES ("password" 'planted')`,
		`CREATE STREAM s (v INT) TBLPROPERTIES ("password"='plan' 'planted')`,
		`CREATE STREAM s (v INT) TBLPROPERTIES ("x.secret"="a" "planted")`,
		`CREATE STREAM s (v INT) TBLPROPERTIES ("password"='planted`,
		`CREATE SECRET k 'planted'`, `CREATE SECRET k planted`, `CREATE SECRET k AS planted`, `CREATE SECRET k AS 'a' 'planted'`, `CREATE USER u PASSWORD planted`,
		`ALTER STREAM s SET ("password"="x", 'planted')`,
	} {
		_, err := Parse(text)
		if err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := Parse(`SELECT password FORM 'x'`); err == nil || !strings.Contains(err.Error(), "at or near") {
		t.Error(err)
	}
	if _, err := Parse(`SELECT a b c FROM x`); err == nil || !strings.Contains(err.Error(), `near "c"`) {
		t.Error(err)
	}
}

// TestMaskComments: a stored query keeps what it means, and loses the password that is noted in it.
func TestMaskComments(t *testing.T) {
	const text = "SELECT 'password=kept' AS a /* password=planted */ FROM x -- u:planted@host\n WHERE token = 'kept'"
	want := "SELECT 'password=kept' AS a /* password=****** */ FROM x -- u:******@host\n WHERE token = 'kept'"
	if got := MaskComments(text); got != want {
		t.Errorf("it became %s", got)
	}
}
