package auth

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"slipway/sql/sqlerr"
)

// Mechanisms of SASL, in the order in which they are offered.
const (
	scramPlus  = "SCRAM-SHA-256-PLUS" // bound to the TLS connection
	scramPlain = "SCRAM-SHA-256"
)

// errWrong is a proof that is not of the verifier's password.
var errWrong = errors.New("the password is wrong")

// exchange is the server's side of one SCRAM sign-in (RFC 5802, RFC 7677): pure, a message in
// and a message out.
type exchange struct {
	verifier Verifier
	binding  []byte // tls-server-end-point data; nil: -PLUS is not offered
	nonce    string // the server's half, then both

	header    string // of the client's first message (gs2)
	bound     bool
	firstBare string // the client's first message behind its header
	challenge string // the server's first message
}

func newExchange(v Verifier, binding []byte) *exchange {
	b := make([]byte, 18)
	rand.Read(b) // never fails
	return &exchange{verifier: v, binding: binding, nonce: base64.StdEncoding.EncodeToString(b)}
}

// mechanisms are those that the client may choose from.
func (x *exchange) mechanisms() []string {
	if x.binding == nil {
		return []string{scramPlain}
	}
	return []string{scramPlus, scramPlain}
}

func malformed(detail string) *sqlerr.Error {
	e := sqlerr.New(sqlerr.ProtocolViolation, "malformed SCRAM message")
	e.Detail = detail
	return e
}

// first answers the client's first message with salt and iterations.
func (x *exchange) first(mechanism string, message []byte) ([]byte, error) {
	if mechanism != scramPlain && (mechanism != scramPlus || x.binding == nil) {
		return nil, sqlerr.New(sqlerr.ProtocolViolation, "client selected an invalid SASL authentication mechanism")
	}
	if err := x.readHeader(mechanism, string(message)); err != nil {
		return nil, err
	}
	nonce, err := clientNonce(x.firstBare)
	if err != nil {
		return nil, err
	}
	x.nonce = nonce + x.nonce
	x.challenge = "r=" + x.nonce + ",s=" + base64.StdEncoding.EncodeToString(x.verifier.Salt) + ",i=" + strconv.Itoa(x.verifier.Iterations)
	return []byte(x.challenge), nil
}

// readHeader reads the gs2 header: whether the client binds the channel, and for whom it acts.
func (x *exchange) readHeader(mechanism, message string) error {
	flag, rest, ok := strings.Cut(message, ",")
	authzid, bare, ok2 := strings.Cut(rest, ",")
	if !ok || !ok2 {
		return malformed("The first message has no header.")
	}
	switch {
	case flag == "p=tls-server-end-point" && mechanism == scramPlus:
		x.bound = true
	case strings.HasPrefix(flag, "p=") && mechanism == scramPlus:
		return malformed("The channel binding must be tls-server-end-point.")
	case flag == "y" && x.binding != nil: // somebody between us took -PLUS from the offer
		return sqlerr.New(sqlerr.InvalidAuthorization, "SCRAM channel binding negotiation error").
			WithHint("The client supports channel binding and was not offered it, but this server does offer it.")
	case flag != "n" && flag != "y" || mechanism == scramPlus:
		return malformed("The flag of channel binding does not fit the mechanism.")
	}
	if authzid != "" {
		return sqlerr.New(sqlerr.FeatureNotSupported, "client uses authorization identity, but it is not supported")
	}
	x.header, x.firstBare = message[:len(message)-len(bare)], bare
	return nil
}

// clientNonce reads n=…,r=… of a first message. The user is that of the startup packet.
func clientNonce(bare string) (string, error) {
	parts := strings.Split(bare, ",")
	if strings.HasPrefix(bare, "m=") {
		return "", sqlerr.New(sqlerr.FeatureNotSupported, "client requires an unsupported SCRAM extension")
	}
	if len(parts) < 2 || !strings.HasPrefix(parts[0], "n=") || len(parts[1]) < 3 || !strings.HasPrefix(parts[1], "r=") {
		return "", malformed("The first message must hold n= and r=.")
	}
	nonce := parts[1][2:]
	for i := range len(nonce) {
		if nonce[i] < '!' || nonce[i] > '~' {
			return "", malformed("The nonce holds characters that it may not.")
		}
	}
	return nonce, nil
}

// final checks the client's proof and gives the server's; errWrong if it is of another password.
func (x *exchange) final(message []byte) ([]byte, error) {
	text := string(message)
	without, proof, ok := cutLast(text, ",p=")
	parts := strings.Split(without, ",")
	if !ok || len(parts) < 2 || !strings.HasPrefix(parts[0], "c=") || !strings.HasPrefix(parts[1], "r=") {
		return nil, malformed("The last message must hold c=, r= and p=.")
	}
	if err := x.checkBinding(parts[0][2:]); err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(parts[1][2:]), []byte(x.nonce)) != 1 {
		return nil, malformed("The nonce is not that of this exchange.")
	}
	sent, err := base64.StdEncoding.DecodeString(proof)
	if err != nil || len(sent) != sha256.Size {
		return nil, malformed("The proof must be 32 bytes in base64.")
	}
	signed := x.firstBare + "," + x.challenge + "," + without
	key := make([]byte, sha256.Size)
	subtle.XORBytes(key, sent, sum(x.verifier.StoredKey, signed))
	if stored := sha256.Sum256(key); !hmac.Equal(stored[:], x.verifier.StoredKey) {
		return nil, errWrong
	}
	return []byte("v=" + base64.StdEncoding.EncodeToString(sum(x.verifier.ServerKey, signed))), nil
}

// checkBinding: what the client repeats must be what it said first, and the certificate that
// it sees be that of this server, not of somebody between the two.
func (x *exchange) checkBinding(encoded string) error {
	sent, err := base64.StdEncoding.DecodeString(encoded)
	want := []byte(x.header)
	if x.bound {
		want = append(want, x.binding...)
	}
	if err != nil {
		return malformed("The channel binding is not base64.")
	}
	if bytes.Equal(sent, want) {
		return nil
	}
	if x.bound {
		return sqlerr.New(sqlerr.InvalidAuthorization, "SCRAM channel binding check failed")
	}
	return malformed("The header is not that of the first message.")
}

func cutLast(s, separator string) (before, after string, ok bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}
