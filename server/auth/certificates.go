package auth

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
)

// Files are those of the server's side of TLS, in PEM.
type Files struct {
	Cert, Key string
	// CA are the authorities whose client certificates are believed; empty: none is asked for.
	CA string
}

// Certificates are a server's, read again when their files change.
type Certificates struct {
	files Files
	log   *slog.Logger
	mu    sync.Mutex
	seen  [3]stamp
	now   Served
}

// Served is what one connection is served with.
type Served struct {
	// Config has TLS 1.2 at least, and no protocols of the application's.
	Config *tls.Config
	// Binding is the tls-server-end-point data (RFC 5929) of the certificate.
	Binding []byte
}

// OpenCertificates reads the files, which must be right at the start.
func OpenCertificates(f Files, log *slog.Logger) (*Certificates, error) {
	if f.Cert == "" || f.Key == "" {
		return nil, errors.New("TLS needs server.tls.cert and server.tls.key, both")
	}
	c := &Certificates{files: f, log: log, seen: f.stamps()}
	var err error
	c.now, err = f.read()
	return c, err
}

func (f Files) stamps() (out [3]stamp) {
	for i, name := range []string{f.Cert, f.Key, f.CA} {
		out[i] = stampOf(name)
	}
	return out
}

func (f Files) read() (Served, error) {
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return Served{}, fmt.Errorf("server.tls.cert and server.tls.key: %w", err)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return Served{}, fmt.Errorf("server.tls.cert: %w", err)
	}
	s := Served{Config: &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}, Binding: endPoint(leaf)}
	if f.CA == "" {
		return s, nil
	}
	text, err := os.ReadFile(f.CA)
	if err != nil {
		return Served{}, fmt.Errorf("server.tls.ca: %w", err)
	}
	s.Config.ClientAuth, s.Config.ClientCAs = tls.VerifyClientCertIfGiven, x509.NewCertPool()
	if !s.Config.ClientCAs.AppendCertsFromPEM(text) {
		return Served{}, fmt.Errorf("server.tls.ca: %s holds no certificate in PEM", f.CA)
	}
	return s, nil
}

// Now gives what a new connection is served with. Files that have changed are read again; if
// they are broken that is logged, once, and the former ones stay.
func (c *Certificates) Now() Served {
	c.mu.Lock()
	defer c.mu.Unlock()
	stamps := c.files.stamps()
	if stamps == c.seen {
		return c.now
	}
	c.seen = stamps
	fresh, err := c.files.read()
	if err != nil {
		c.log.Error("the changed TLS files cannot be used; the former ones stay", "error", err)
		return c.now
	}
	c.log.Info("the TLS files have changed and were read again")
	c.now = fresh
	return c.now
}

// Config is for listeners that shake hands themselves, HTTP: each connection is served with
// what the files hold then, and asked for no certificate, which would have a browser ask its user.
// The protocols are those of ALPN, in order of preference.
func (c *Certificates) Config(protocols ...string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: protocols,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			config := c.Now().With(protocols...)
			config.ClientAuth = tls.NoClientCert
			return config, nil
		},
	}
}

// With is the configuration with protocols of the application's.
func (s Served) With(protocols ...string) *tls.Config {
	config := s.Config.Clone()
	config.NextProtos = protocols
	return config
}

// endPoint hashes a certificate as channel binding has it: by the hash of its signature, and by
// SHA-256 in place of what is weaker. Signatures that name no hash cannot be bound (RFC 5929, 4.1).
func endPoint(leaf *x509.Certificate) []byte {
	hash := crypto.SHA256
	switch leaf.SignatureAlgorithm {
	case x509.SHA384WithRSA, x509.ECDSAWithSHA384, x509.SHA384WithRSAPSS:
		hash = crypto.SHA384
	case x509.SHA512WithRSA, x509.ECDSAWithSHA512, x509.SHA512WithRSAPSS:
		hash = crypto.SHA512
	case x509.PureEd25519, x509.UnknownSignatureAlgorithm:
		return nil
	}
	h := hash.New()
	h.Write(leaf.Raw)
	return h.Sum(nil)
}
