package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// selfSigned writes a certificate of a name with its key.
func selfSigned(t *testing.T, dir, name string) (f Files, der []byte) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true}
	if der, err = x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k); err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	f = Files{Cert: filepath.Join(dir, "crt"), Key: filepath.Join(dir, "key")}
	for path, block := range map[string]*pem.Block{f.Cert: {Type: "CERTIFICATE", Bytes: der}, f.Key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f, der
}

// TestConfig: a listener that shakes hands itself serves what the files hold, speaks its protocols, and asks browsers for
// no certificate although PostgreSQL's clients may show one.
func TestConfig(t *testing.T) {
	dir := t.TempDir()
	f, first := selfSigned(t, dir, "first")
	f.CA = f.Cert
	c, err := OpenCertificates(f, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if want := sha256.Sum256(first); string(c.Now().Binding) != string(want[:]) || c.Now().Config.ClientAuth != tls.VerifyClientCertIfGiven {
		t.Error("the binding is not the certificate's, or PostgreSQL's clients are asked for no certificate")
	}
	config := c.Config("h2", "http/1.1")
	seen := func() string {
		server, client := net.Pipe()
		defer server.Close()
		defer client.Close()
		go tls.Server(server, config).Handshake() // ends with the client's
		asked := false
		over := tls.Client(client, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"},
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				asked = true
				return &tls.Certificate{}, nil
			}})
		if err := over.Handshake(); err != nil || asked || over.ConnectionState().NegotiatedProtocol != "http/1.1" {
			t.Errorf("%v, asked %t, %q", err, asked, over.ConnectionState().NegotiatedProtocol)
		}
		return over.ConnectionState().PeerCertificates[0].DNSNames[0]
	}
	if got := seen(); got != "first" {
		t.Error(got)
	}
	selfSigned(t, dir, "another one")
	if got := seen(); got != "another one" {
		t.Errorf("the changed files are not served: %s", got)
	}
}
