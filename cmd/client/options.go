package client

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Options say which server, and as whom. What is empty is taken from the variables that libpq reads (PGHOST, PGPASSWORD,
// PGSSLMODE …), from ~/.pgpass and the service file, and then from the server's own defaults.
type Options struct {
	// URL is a URL (postgres://user@host:port/database?sslmode=…) or "host=… port=…" in words; the others go before it.
	URL                        string
	Host, Port, User, Database string
	Application                string
	// Notice takes what the server says besides the results.
	Notice func(*Problem)
}

// connectPatience bounds a connection, unless connect_timeout says something else.
const connectPatience = 10 * time.Second

func (o Options) config() (*pgconn.Config, error) {
	text, err := o.text()
	if err != nil {
		return nil, err
	}
	c, err := pgconn.ParseConfig(text)
	if err != nil {
		return nil, fmt.Errorf("the connection cannot be read: %w", plain(err))
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectPatience
	}
	c.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		if o.Notice != nil {
			o.Notice(problem((*pgconn.PgError)(n)))
		}
	}
	return c, nil
}

// plain is the inner error of the library, whose outer one repeats the whole text.
func plain(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// text is what the library reads: the URL or the words, with what goes before them and what is left to defaults.
func (o Options) text() (string, error) {
	if strings.HasPrefix(o.URL, "postgres://") || strings.HasPrefix(o.URL, "postgresql://") {
		return o.asURL()
	}
	words := []string{o.URL}
	for _, s := range o.settings(func(name string) bool { return strings.Contains(" "+o.URL, " "+name+"=") }) {
		words = append(words, s[0]+"='"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s[1])+"'")
	}
	return strings.TrimSpace(strings.Join(words, " ")), nil
}

func (o Options) asURL() (string, error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		return "", fmt.Errorf("the URL of the server cannot be read: %w", plain(err))
	}
	q := u.Query()
	given := map[string]bool{"host": u.Hostname() != "", "port": u.Port() != "", "user": u.User.Username() != "", "dbname": strings.Trim(u.Path, "/") != ""}
	for _, s := range o.settings(func(name string) bool { return given[name] || q.Has(name) }) {
		q.Set(s[0], s[1])
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// settings are those that flags give, and the defaults of those that neither flags nor the text nor the environment give.
func (o Options) settings(given func(name string) bool) (out [][2]string) {
	for _, s := range []struct{ name, value, variable, otherwise string }{
		{"host", o.Host, "PGHOST", "127.0.0.1"},
		{"port", o.Port, "PGPORT", "10010"},
		{"user", o.User, "PGUSER", ""},
		{"dbname", o.Database, "PGDATABASE", "default"},
		{"application_name", "", "PGAPPNAME", o.Application},
	} {
		if s.value == "" && !given(s.name) && os.Getenv(s.variable) == "" {
			s.value = s.otherwise
		}
		if s.value != "" {
			out = append(out, [2]string{s.name, s.value})
		}
	}
	return out
}
