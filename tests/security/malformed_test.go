package security

import (
	"strings"
	"testing"
)

// TestMalformedMessages: whatever a client sends that is no message ends at most its own connection, with an error that
// says so, and the server goes on.
func TestMalformedMessages(t *testing.T) {
	t.Parallel()
	s := start(t)
	const violation, unsupported = "C08P01\x00", "C0A000\x00"
	for name, m := range map[string]struct {
		bytes []byte
		says  string // part of the answer
	}{
		"query without a body":              {message('Q'), violation},
		"query without its end":             {message('Q', []byte("SELECT 1")), violation},
		"length below four":                 {[]byte{'Q', 0, 0, 0, 3}, violation},
		"length of zero":                    {[]byte{'P', 0, 0, 0, 0}, violation},
		"length of four gigabytes":          {[]byte{'Q', 0xFF, 0xFF, 0xFF, 0xFF, 'x'}, violation},
		"length of two gigabytes":           {[]byte{'B', 0x7F, 0xFF, 0xFF, 0xFF, 'x'}, violation},
		"a message that is cut":             {[]byte{'Q', 0, 0, 0, 100, 'S'}, ""},
		"a head that is cut":                {[]byte{'Q', 0}, ""},
		"parse without a body":              {message('P'), violation},
		"parse without ends":                {message('P', []byte("name")), violation},
		"parse without a number":            {message('P', []byte("\x00SELECT 1\x00")), violation},
		"parse with types that are missing": {message('P', []byte("\x00SELECT 1\x00\x03\xE8")), violation},
		"bind without a body":               {message('B'), violation},
		"bind without ends":                 {message('B', []byte("portal")), violation},
		"bind, a length of -2":              {message('B', []byte("\x00\x00\x00\x00\x00\x01\xFF\xFF\xFF\xFE\x00\x00")), violation},
		"bind, a length beyond its end":     {message('B', []byte("\x00\x00\x00\x00\x00\x01\x7F\xFF\xFF\xFFx\x00\x00")), violation},
		"bind, formats that are missing":    {message('B', []byte("\x00\x00\xFF\xFF")), violation},
		"bind, values that are missing":     {message('B', []byte("\x00\x00\x00\x00\xFF\xFF")), violation},
		"bind, result formats missing":      {message('B', []byte("\x00\x00\x00\x00\x00\x00\x00\x09")), violation},
		"bind with more behind it":          {message('B', []byte("\x00\x00\x00\x00\x00\x00\x00\x00more")), violation},
		"describe without a body":           {message('D'), violation},
		"describe of nothing":               {message('D', []byte("X\x00")), violation},
		"execute without a body":            {message('E'), violation},
		"execute without a limit":           {message('E', []byte("\x00\x00")), violation},
		"close without a body":              {message('C'), violation},
		"close of nothing":                  {message('C', []byte("X\x00")), violation},
		"function call without a body":      {message('F'), unsupported},
		"function call, counts":             {message('F', []byte("\x00\x00\x00\x01\xFF\xFF\xFF\xFF")), unsupported},
		"function call, a length of -2":     {message('F', []byte("\x00\x00\x00\x01\x00\x00\x00\x01\xFF\xFF\xFF\xFE\x00\x00")), unsupported},
		"CopyFail without a body":           {message('f'), ""},
		"CopyData outside of COPY":          {message('d', []byte("1\t2\n")), ""},
		"a password after the sign-in":      {message('p', []byte("x\x00")), violation},
		"a kind of zero":                    {message(0, []byte("x")), violation},
		"an unknown kind":                   {message('z'), violation},
		"SSLRequest within the session":     {packet(sslRequest), ""}, // the head of a message of 2 KB
		"HTTP within the session":           {[]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), violation},
		"a name that is no UTF-8":           {message('Q', []byte("SELECT '\xFF\xFE'\x00")), "C22021\x00"},
	} {
		if got := rest(t, raw(t, s.SQL), startup("eve"), m.bytes); !strings.Contains(got, "Z\x00\x00\x00\x05I") || !strings.Contains(got, m.says) {
			t.Errorf("%s: %q", name, got)
		}
	}
	s.unharmed(t)
}

// TestMalformedStartup: the same for what comes in front of the sign-in.
func TestMalformedStartup(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, m := range map[string]struct {
		bytes []byte
		says  string
	}{
		"nothing":                      {nil, ""},
		"a length of zero":             {make([]byte, 8), ""},
		"a length of seven":            {[]byte{0, 0, 0, 7, 0, 3, 0, 0}, ""},
		"a length beyond the limit":    {[]byte{0, 0, 0x27, 0x11, 0, 3, 0, 0}, ""},
		"a length of four gigabytes":   {[]byte{0xFF, 0xFF, 0xFF, 0xFF, 0, 3, 0, 0}, ""},
		"protocol 2":                   {packet(2<<16, []byte("x")), "unsupported frontend protocol 2.0"},
		"an unknown code":              {packet(0xFFFFFFFF), "unsupported frontend protocol"},
		"no user":                      {packet(protocol3, []byte("database\x00default\x00\x00")), "no PostgreSQL user name"},
		"nothing in it":                {packet(protocol3), "no PostgreSQL user name"},
		"a name without a value":       {packet(protocol3, []byte("user\x00")), "no PostgreSQL user name"},
		"no ends":                      {packet(protocol3, []byte("user")), "no PostgreSQL user name"},
		"a longer SSLRequest":          {packet(sslRequest, []byte("more")), "unsupported frontend protocol"},
		"SSLRequest twice":             {append(packet(sslRequest), packet(sslRequest)...), "unsupported frontend protocol"},
		"GSSENCRequest twice":          {append(packet(gssRequest), packet(gssRequest)...), "unsupported frontend protocol"},
		"a short request to cancel":    {packet(cancelRequest, []byte("x")), ""},
		"a request to cancel somebody": {packet(cancelRequest, make([]byte, 8)), ""},
		"TLS where there is none":      {[]byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), ""},
		"HTTP":                         {[]byte("GET / HTTP/1.1\r\n\r\n"), ""},
		"a session behind both":        {append(append(packet(gssRequest), packet(sslRequest)...), startup("eve")...), "NNR"},
	} {
		got := rest(t, raw(t, s.SQL), m.bytes)
		if !strings.Contains(got, m.says) || m.says == "" && got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	s.unharmed(t)
}

// unharmed: the server answers, and nothing in it has panicked.
func (s *server) unharmed(t *testing.T) {
	t.Helper()
	if got := ask(t, s.mustConnect(t, "user=ann sslmode=disable"), "SELECT 41 + 1"); got != "42" {
		t.Errorf("the server answers %q", got)
	}
	if said := s.said(t); strings.Contains(said, "panic") {
		t.Error(said)
	}
}
