package jdbc

import (
	"cmp"
	"net/url"
	"strings"

	"slipway/conf"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

var (
	location = conf.StringOption(
		"url", "", "O",
		"Where the database is: jdbc:postgresql://host:port/database, jdbc:mysql://… or jdbc:mariadb://…, and parameters of the connection (sslmode) behind ?.",
	)
	tableName = conf.StringOption("table-name", "", "O", "The table there, or schema.table; absent: the name of this one.")
	username  = conf.StringOption("username", "", "O", "Who asks.")
	password  = conf.SecretOption("password", "O", "Their password; it does not stand in url.")
	connect   = conf.DurationOption("connection.timeout", "10000", 1, 3_600_000, "O", "How long a connection may take to be there.")
	driver    = conf.StringOption("driver", "", "O", "A Java class; accepted, without meaning here.")
)

func init() {
	tableName.Aliases = []string{"table", "dbtable"}
	username.Aliases = []string{"user"}
	connect.Elsewhere = []string{"connection.max-retry-timeout", "connection_check_timeout_sec"}
	driver.Ignored = true
	username.MayBeSecret = true
}

var declaration = &catalog.Declaration{
	Name: "jdbc",
	Text: "A table of a PostgreSQL, MySQL or MariaDB database, which stays there: rows are asked for by key, or it is read whole.",
	Options: append(
		[]*conf.Setting{location.Setting, tableName.Setting, username.Setting, password.Setting, connect.Setting, driver.Setting}, conf.LookupOptions()...,
	),
	Locates:  []*conf.Setting{location.Setting, tableName.Setting},
	Prepares: []*conf.Setting{location.Setting, tableName.Setting, username.Setting, password.Setting},
	Source:   &catalog.SourceTraits{Bounded: true, Table: true}, Lookup: true,
}

// place is where a database is.
type place struct {
	kind, host, port, database string
	params                     map[string]string
}

// ports of the kinds of databases, by the name in the URL.
var ports = map[string]string{"postgresql": "5432", "mysql": "3306", "mariadb": "3306"}

// secrets are parameters that would be shown with the URL.
var secrets = []string{"password", "user", "pwd", "sslpassword", "passfile"}

// placeOf reads a URL.
func placeOf(text string) (p place, err error) {
	if text == "" {
		return p, sqlerr.New(sqlerr.InvalidParameter, "the property %q is missing", location.Name()).WithHint("%s", location.Text)
	}
	u, err := url.Parse(strings.TrimPrefix(text, "jdbc:"))
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" || strings.Contains(u.Host, ",") {
		return p, sqlerr.New(sqlerr.InvalidParameter, "property %q is none of a database", location.Name()).WithHint("%s", location.Text)
	}
	if ports[u.Scheme] == "" {
		return p, sqlerr.New(sqlerr.FeatureNotSupported, "property %q: databases of kind %q are not supported", location.Name(), u.Scheme).
			WithHint("There are postgresql, mysql and mariadb.")
	}
	p = place{kind: u.Scheme, host: u.Hostname(), port: cmp.Or(u.Port(), ports[u.Scheme]), database: strings.Trim(u.Path, "/"), params: map[string]string{}}
	for k, v := range u.Query() {
		p.params[k] = v[0]
	}
	for _, k := range secrets {
		if p.params[k] != "" || u.User != nil {
			return p, sqlerr.New(sqlerr.InvalidParameter, "property %q tells who asks, or a password, and is shown to everybody", location.Name()).
				WithHint("Give %q and %q instead.", username.Name(), password.Name())
		}
	}
	return p, nil
}
