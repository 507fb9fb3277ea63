package auth

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"slipway/sql/sqlerr"
)

// example is the exchange of RFC 7677, section 3: user, password "pencil".
func example(t *testing.T) *exchange {
	t.Helper()
	salt, err := base64.StdEncoding.DecodeString("W22ZaJ0SNY7soEsUEjb6gQ==")
	if err != nil {
		t.Fatal(err)
	}
	x := newExchange(verifierOf("pencil", salt, 4096), nil)
	x.nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
	return x
}

const (
	exampleFirst     = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
	exampleChallenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
	exampleFinal     = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
	exampleServer    = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
)

func TestExampleOfTheStandard(t *testing.T) {
	x := example(t)
	challenge, err := x.first(scramPlain, []byte(exampleFirst))
	if err != nil || string(challenge) != exampleChallenge {
		t.Fatalf("%s %v", challenge, err)
	}
	if proof, err := x.final([]byte(exampleFinal)); err != nil || string(proof) != exampleServer {
		t.Fatalf("%s %v", proof, err)
	}
	x = example(t)
	x.verifier = MakeVerifier("pen")
	x.first(scramPlain, []byte(exampleFirst))
	if proof, err := x.final([]byte(exampleFinal)); !errors.Is(err, errWrong) || proof != nil {
		t.Fatalf("another password: %s %v", proof, err)
	}
}

// TestMalformedFirst: what is no first message is the client's fault, and named.
func TestMalformedFirst(t *testing.T) {
	for message, want := range map[string]sqlerr.Code{
		"":                                 sqlerr.ProtocolViolation,
		"n":                                sqlerr.ProtocolViolation,
		"n,":                               sqlerr.ProtocolViolation,
		"n,,":                              sqlerr.ProtocolViolation,
		"x,,n=,r=abc":                      sqlerr.ProtocolViolation,
		"n,,r=abc":                         sqlerr.ProtocolViolation,
		"n,,n=,r=":                         sqlerr.ProtocolViolation,
		"n,,n=,r=a\x00c":                   sqlerr.ProtocolViolation,
		"n,,n=,r=ä":                        sqlerr.ProtocolViolation,
		"n,,n=,x=abc":                      sqlerr.ProtocolViolation,
		"p=tls-server-end-point,,n=,r=abc": sqlerr.ProtocolViolation, // and not bound
		"n,a=other,n=,r=abc":               sqlerr.FeatureNotSupported,
		"n,,m=ext,n=,r=abc":                sqlerr.FeatureNotSupported,
	} {
		_, err := example(t).first(scramPlain, []byte(message))
		if e, ok := errors.AsType[*sqlerr.Error](err); !ok || e.Code != want {
			t.Errorf("%q: %v", message, err)
		}
	}
	if _, err := example(t).first("SCRAM-SHA-1", []byte(exampleFirst)); err == nil {
		t.Error("an unknown mechanism is taken")
	}
	if _, err := example(t).first(scramPlus, []byte("p=tls-server-end-point,,n=,r=abc")); err == nil {
		t.Error("-PLUS is taken where it was not offered")
	}
}

func TestMalformedFinal(t *testing.T) {
	nonce := exampleFinal[len("c=biws,"):strings.Index(exampleFinal, ",p=")]
	proof := exampleFinal[strings.Index(exampleFinal, ",p="):]
	for _, message := range []string{
		"", "p=", ",p=", "c=biws", "c=biws," + nonce, "c=biws" + proof, nonce + proof, "c=biws,r=other" + proof, "c=eSws," + nonce + proof, "c=*," + nonce + proof,
		"c=biws," + nonce + ",p=AAAA", "c=biws," + nonce + ",p=*", "c=biws," + nonce + ",p=", "c=," + nonce + proof,
	} {
		x := example(t)
		x.first(scramPlain, []byte(exampleFirst))
		_, err := x.final([]byte(message))
		if e, ok := errors.AsType[*sqlerr.Error](err); !ok || e.Code != sqlerr.ProtocolViolation {
			t.Errorf("%q: %v", message, err)
		}
	}
}

// TestBinding: a client that binds must have seen this server's certificate, and one that could
// but was not offered to is told, since somebody between the two has taken the offer away.
func TestBinding(t *testing.T) {
	const first = "p=tls-server-end-point,,n=,r=abc"
	final := func(x *exchange, seen string) error {
		c := base64.StdEncoding.EncodeToString([]byte("p=tls-server-end-point,," + seen))
		_, err := x.final([]byte("c=" + c + ",r=" + x.nonce + ",p=" + base64.StdEncoding.EncodeToString(make([]byte, 32))))
		return err
	}
	for seen, want := range map[string]error{"certificate": errWrong, "another": nil} {
		x := newExchange(MakeVerifier("x"), []byte("certificate"))
		if _, err := x.first(scramPlus, []byte(first)); err != nil {
			t.Fatal(err)
		}
		err := final(x, seen)
		if e, ok := errors.AsType[*sqlerr.Error](err); !errors.Is(err, want) && (!ok || e.Code != sqlerr.InvalidAuthorization) {
			t.Errorf("%s: %v", seen, err)
		}
	}
	x := newExchange(MakeVerifier("x"), []byte("certificate"))
	if _, err := x.first(scramPlain, []byte("y,,n=,r=abc")); err == nil || !strings.Contains(err.Error(), "negotiation") {
		t.Errorf("the offer was taken away: %v", err)
	}
	if _, err := x.first(scramPlus, []byte("n,,n=,r=abc")); err == nil {
		t.Error("-PLUS without a binding is taken")
	}
	if x := newExchange(MakeVerifier("x"), nil); len(x.mechanisms()) != 1 {
		t.Errorf("without TLS %v is offered", x.mechanisms())
	}
}
