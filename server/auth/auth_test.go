package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slipway/sql/sqlerr"
)

// fixed is a directory of some users, all with the password "secret".
type fixed map[string]Account

func (f fixed) Account(name string) (Account, bool) {
	a, ok := f[name]
	a.Name = name
	return a, ok
}

func (f fixed) Empty() bool { return len(f) == 0 }

var (
	here  = netip.MustParseAddr("127.0.0.1")
	there = netip.MustParseAddr("10.1.2.3")
)

func code(err error) sqlerr.Code {
	if e, ok := errors.AsType[*sqlerr.Error](err); ok {
		return e.Code
	}
	return sqlerr.Code(fmt.Sprint(err))
}

// TestVerifier: PostgreSQL's text form, as a PostgreSQL 15 made it of "secret".
func TestVerifier(t *testing.T) {
	v := MakeVerifier("secret")
	again, err := ParseVerifier(v.String())
	if err != nil || !again.Matches("secret") || again.Matches("Secret") || again.String() != v.String() {
		t.Errorf("%v %v", again, err)
	}
	for _, text := range []string{
		"", "secret", "md5d41d8cd98f00b204e9800998ecf8427e", "SCRAM-SHA-256$", "SCRAM-SHA-256$4096:c2FsdA==", "SCRAM-SHA-256$4096:c2FsdA==$AAAA:AAAA",
		strings.Replace(v.String(), "4096", "0", 1), strings.Replace(v.String(), "4096", "1000001", 1),
		strings.Replace(v.String(), "$4096:", "$4096:*", 1), v.String() + "=",
	} {
		if _, err := ParseVerifier(text); err == nil || IsVerifier(text) {
			t.Errorf("%q is taken for a verifier", text)
		}
	}
}

// TestNormalize: RFC 4013's examples, and what it leaves as it is.
func TestNormalize(t *testing.T) {
	for password, want := range map[string]string{
		"I\u00ADX": "IX", "user": "user", "USER": "USER", "\u00AA": "a", "\u2168": "IX",
		"correct horse 马": "correct horse 马", "a\u00A0b": "a b", "ｆｕｌｌ": "full",
		"\u0007": "\u0007", "é\u0007": "é\u0007", "e\u0301": "\u00E9", "\xFF\xFE": "\xFF\xFE", "": "",
	} {
		if got := normalize(password); got != want {
			t.Errorf("%q became %q", password, got)
		}
	}
}

// TestRules: the first rule that fits decides; without users loopback is the owner's, unless a rule rejects it.
func TestRules(t *testing.T) {
	for _, try := range []struct {
		rules string
		users fixed
		at    Attempt
		want  string // a method or an SQLSTATE
	}{
		{"", nil, Attempt{User: "ann", Address: here}, "trust"},
		{"", nil, Attempt{User: "ann", Address: there}, "28000"},
		{"", fixed{"bob": {}}, Attempt{User: "ann", Address: here}, "scram"},
		{"", fixed{"bob": {}}, Attempt{User: "ann", Address: there}, "scram"},
		{"all all all scram", nil, Attempt{User: "ann", Address: here}, "trust"},
		{"all all all reject", nil, Attempt{User: "ann", Address: here}, "28000"},
		{"all all loopback trust\nall all all scram", fixed{"bob": {}}, Attempt{User: "ann", Address: here}, "trust"},
		{"all all loopback trust\nall all all scram", fixed{"bob": {}}, Attempt{User: "ann", Address: there}, "scram"},
		{"all all ::1,127.0.0.1 trust", fixed{"bob": {}}, Attempt{User: "ann", Address: netip.IPv6Loopback()}, "trust"},
		{"shop all all scram", fixed{"bob": {}}, Attempt{User: "ann", Database: "shop", Address: here}, "scram"},
		{"shop all all scram", fixed{"bob": {}}, Attempt{User: "ann", Database: "other", Address: here}, "28000"},
		{"all ann,eve all reject; all all all scram # the others", fixed{"bob": {}}, Attempt{User: "eve", Address: here}, "28000"},
		{"all ann,eve all reject; all all all scram # the others", fixed{"bob": {}}, Attempt{User: "bob", Address: here}, "scram"},
		{"hostssl all all all cert; hostnossl all all 10.0.0.0/8 scram-sha-256", fixed{"bob": {}}, Attempt{User: "bob", Address: there}, "scram"},
		{"hostssl all all all cert; hostnossl all all 10.0.0.0/8 scram-sha-256", fixed{"bob": {}}, Attempt{User: "bob", Address: there, TLS: true}, "cert"},
		{"host all all 10.1.2.3 scram", fixed{"bob": {}}, Attempt{User: "bob", Address: netip.MustParseAddr("10.1.2.4")}, "28000"},
	} {
		rules, err := ParseRules(try.rules)
		if err != nil {
			t.Fatal(err)
		}
		method, err := New(Options{Directory: try.users, Rules: rules}).method(try.at)
		if got := string(method); got != try.want && string(code(err)) != try.want {
			t.Errorf("%q, %v: %q %v", try.rules, try.at, got, err)
		}
	}
	for _, text := range []string{
		"all", "all all all", "all all all all scram x", "all all all password", "all all host.example.com scram", "all all 10.0.0.0/33 scram",
		"all all all trust", "all all 10.0.0.0/8 trust", "all all 127.0.0.0/7 trust", "all all loopback,10.0.0.1 trust",
	} {
		if _, err := ParseRules(text); err == nil {
			t.Errorf("%q is taken for a rule", text)
		}
	}
}

// TestIdentity: who has signed in, how, and as what.
func TestIdentity(t *testing.T) {
	verifier := MakeVerifier("secret").String()
	a := New(Options{Secret: []byte("x"), Directory: fixed{
		"owner": {Verifier: verifier, Login: true, Superuser: true}, "reader": {Verifier: verifier, Login: true}, "role": {Verifier: verifier},
		"former": {Verifier: verifier, Login: true, ValidUntil: time.Now().Add(-time.Second)},
		"later":  {Verifier: verifier, Login: true, ValidUntil: time.Now().Add(time.Hour)},
		"none":   {Login: true},
	}})
	for user, want := range map[string]string{
		"owner": "owner", "reader": "reader", "later": "reader", "role": "28000", "former": "28P01", "none": "28P01", "nobody": "28P01",
	} {
		id, err := a.SignIn(t.Context(), Attempt{User: user, Address: there, TLS: true}, "secret")
		if err != nil {
			if string(code(err)) != want || id != (Identity{}) {
				t.Errorf("%s: %v", user, err)
			}
			continue
		}
		if id != (Identity{User: user, Owner: want == "owner", Address: "10.1.2.3", Method: "password", TLS: true}) || want != "owner" && want != "reader" {
			t.Errorf("%s: %+v", user, id)
		}
	}
	if _, ok := a.Implicit(Attempt{Address: here}); ok {
		t.Error("a server with users has an implicit owner")
	}
	open := New(Options{Directory: fixed{}})
	if id, ok := open.Implicit(Attempt{User: "ann", Address: here}); !ok || !id.Owner {
		t.Errorf("%+v", id)
	}
	if _, ok := open.Implicit(Attempt{User: "ann", Address: there}); ok {
		t.Error("another machine has the implicit owner")
	}
}

// TestDelays: failures cost the one who makes them, more with each, up to a bound, and are forgotten.
func TestDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := Account{Verifier: MakeVerifier("secret").String(), Login: true}
		a := New(Options{Secret: []byte("x"), Directory: fixed{"ann": account, "bob": account}})
		try := func(user, password string, from netip.Addr) time.Duration {
			begin := time.Now()
			_, err := a.SignIn(context.Background(), Attempt{User: user, Address: from}, password)
			if want := map[bool]sqlerr.Code{true: "<nil>", false: sqlerr.InvalidPassword}[password == "secret"]; code(err) != want {
				t.Fatalf("%s by %s: %v", user, password, err)
			}
			return time.Since(begin)
		}
		var took []string
		for range 9 {
			took = append(took, try("ann", "wrong", there).String())
		}
		if got := strings.Join(took, " "); got != "0s 0s 100ms 200ms 400ms 800ms 1.6s 3.2s 4s" {
			t.Errorf("nine wrong passwords take %s", got)
		}
		if d := try("bob", "secret", there) + try("ann", "secret", here); d != 0 {
			t.Errorf("others wait %v", d)
		}
		if d := try("ann", "secret", there); d != longestDelay {
			t.Errorf("the right password behind wrong ones takes %v", d)
		}
		if d := try("ann", "secret", there); d != 0 {
			t.Errorf("the next takes %v", d)
		}
		for range 4 { // from everywhere
			for i := range 10 {
				try("ann", "wrong", netip.AddrFrom4([4]byte{10, 2, 0, byte(i)}))
			}
		}
		if d := try("ann", "secret", here); d == 0 || d > longestDelay {
			t.Errorf("a user who is tried from everywhere waits %v", d)
		}
		for i := range 40 { // all users
			try(fmt.Sprint("user", i), "wrong", here)
		}
		if d := try("bob", "secret", here); d == 0 {
			t.Error("an address that tries all users waits for nothing")
		}
		time.Sleep(10 * time.Minute)
		if d := try("ann", "secret", there) + try("bob", "secret", here); d != 0 {
			t.Errorf("ten minutes later they wait %v", d)
		}
	})
}

// TestDelaysAreBounded: whoever tries names and addresses at will does not fill the memory.
func TestDelaysAreBounded(t *testing.T) {
	var d delays
	now := time.Now()
	for i := range 2 * mostKeys {
		d.failed(fmt.Sprint(i), netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now)
	}
	if len(d.by) > mostKeys {
		t.Errorf("%d are remembered", len(d.by))
	}
}

// FuzzScram: whatever a client says, the exchange ends in an answer or an error, and never signs in.
func FuzzScram(f *testing.F) {
	f.Add("SCRAM-SHA-256", exampleFirst, exampleFinal)
	f.Add("SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,n=,r=abc", "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsY2VydGlmaWNhdGU=,r=abc,p=AAAA")
	v := MakeVerifier("secret")
	f.Fuzz(func(t *testing.T, mechanism, first, final string) {
		x := newExchange(v, []byte("certificate"))
		if _, err := x.first(mechanism, []byte(first)); err != nil {
			return
		}
		if _, err := x.final([]byte(strings.Replace(final, "r=abc", "r="+x.nonce, 1))); err == nil {
			t.Errorf("%q, %q, %q signs in", mechanism, first, final)
		}
	})
}
