package client

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"slipway/conf"
)

// security gathers the keys that only together say how to sign in. Names are those of
// Kafka's Java client; certificates are PEM files (ssl.truststore.type=PEM, KIP-651).
type security struct {
	protocol, mechanism, user     string
	jaas, password                conf.Secret
	authorities, certificate, key string
	anyHost                       bool
}

// take keeps a key if it is one of security's.
func (s *security) take(key, value string) bool {
	switch key {
	case "security.protocol":
		s.protocol = strings.ToUpper(value)
	case "sasl.mechanism", "sasl.mechanisms":
		s.mechanism = strings.ToUpper(value)
	case "sasl.jaas.config":
		s.jaas = conf.NewSecret(value)
	case "sasl.username":
		s.user = value
	case "sasl.password":
		s.password = conf.NewSecret(value)
	case "ssl.truststore.location", "ssl.ca.location", "ssl.ca.file":
		s.authorities = value
	case "ssl.keystore.location", "ssl.certificate.location", "ssl.certificate.file":
		s.certificate = value
	case "ssl.key.location", "ssl.key.file":
		s.key = value
	case "ssl.endpoint.identification.algorithm":
		s.anyHost = value == "" || strings.EqualFold(value, "none")
	default:
		return false
	}
	return true
}

func (s *security) options() (opts []Opt, err error) {
	switch s.protocol {
	case "", "PLAINTEXT":
		return nil, nil
	case "SSL", "SASL_PLAINTEXT", "SASL_SSL":
	default:
		return nil, fmt.Errorf("security.protocol %q is none of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL", s.protocol)
	}
	if strings.HasSuffix(s.protocol, "SSL") {
		t, err := s.tls()
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.DialTLSConfig(t))
	}
	if strings.HasPrefix(s.protocol, "SASL") {
		m, err := s.sasl()
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.SASL(m))
	}
	return opts, nil
}

func (s *security) tls() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.anyHost}
	if s.authorities != "" {
		pem, err := os.ReadFile(s.authorities)
		if err != nil {
			return nil, err
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate in PEM form", s.authorities)
		}
	}
	if s.certificate != "" {
		key := s.key
		if key == "" {
			key = s.certificate
		}
		pair, err := tls.LoadX509KeyPair(s.certificate, key)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// jaasOption finds username="…" and password="…" in a line of JAAS configuration.
var jaasOption = regexp.MustCompile(`\b(username|password)\s*=\s*"((?:[^"\\]|\\.)*)"`)

func (s *security) sasl() (sasl.Mechanism, error) {
	user, password := s.user, s.password.Reveal()
	for _, m := range jaasOption.FindAllStringSubmatch(s.jaas.Reveal(), -1) {
		value := strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[2])
		if m[1] == "username" {
			user = value
		} else {
			password = value
		}
	}
	if user == "" || password == "" {
		return nil, fmt.Errorf("security.protocol %s wants sasl.username and sasl.password, or sasl.jaas.config", s.protocol)
	}
	switch s.mechanism {
	case "", "PLAIN":
		return plain.Auth{User: user, Pass: password}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return scram.Auth{User: user, Pass: password}.AsSha256Mechanism(), nil
	case "SCRAM-SHA-512":
		return scram.Auth{User: user, Pass: password}.AsSha512Mechanism(), nil
	}
	return nil, fmt.Errorf("sasl.mechanism %q is none of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512", s.mechanism)
}
