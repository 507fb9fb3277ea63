package conf

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// Hidden is what is printed for a secret.
const Hidden = "******"

// Secret is a text that prints as Hidden wherever it is printed: by fmt, in JSON and in a log.
// Only Reveal gives the text.
type Secret struct{ text string }

// NewSecret hides a text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal gives the text, for whoever signs in with it.
func (s Secret) Reveal() string { return s.text }

// Empty tells that there is none.
func (s Secret) Empty() bool { return s.text == "" }

// String implements fmt.Stringer.
func (s Secret) String() string { return hidden(s.text) }

// Format implements fmt.Formatter: every verb prints the same.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// MarshalJSON implements json.Marshaler.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

func hidden(text string) string {
	if text == "" {
		return ""
	}
	return Hidden
}

// secretName is the one rule of which keys hold secrets: those of a family by their full key, and
// the names in free text. Settings with a declaration of their own say it by Secret.
const secretName = `passwo?r?d|passwd|passphrase|pwd|secret|token|credential|private[._-]?key|access[._-]?key|api[._-]?key|jaas|keystore[._-]?key`

// valueText is a value behind a key: in quotes of any kind, also escaped ones, or up to a sign that ends it.
const valueText = `\\"(?:[^"\\]|\\[^"])*\\"|"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,;&"')}]+`

var (
	secretKey = regexp.MustCompile(`(?i)` + secretName + `|private|keystore`)
	// secretPair is key=value, key: value, "key":"value".
	secretPair = regexp.MustCompile(`(?i)((?:` + secretName + `)(?:s|\.config|_id)?\\?["']?\s*(?:=|:=?)\s*)(` + valueText + `)`)
	// secretPhrase is what SQL and HTTP say without a sign between.
	secretPhrase = regexp.MustCompile(`(?i)(\b(?:password|identified\s+by|secret\s+(?:if\s+not\s+exists\s+)?\S+\s+as)\s+)('(?:[^']|'')*'?)`)
	bearer       = regexp.MustCompile(`(?i)(\b(?:bearer|basic)\s+)([A-Za-z0-9+/_=.~-]{8,})`)
	// userInURL is scheme://user:password@host; a password may hold any sign but blanks and quotes.
	userInURL = regexp.MustCompile(`(://[^/\s:@"']*:)[^\s"'<>]*@`)
	// userInAddress is the same without a scheme, as in user:password@tcp(host:port)/database.
	userInAddress = regexp.MustCompile(`((?:^|[\s,"'=(])[^/\s:@,"'=()]+:)[^/\s@,"':][^/\s@,"']*@`)
)

// secretFollows is what stands in front of a secret in a statement: key =, PASSWORD in a statement on
// users, CREATE SECRET name AS.
var secretFollows = regexp.MustCompile(`(?is)(?:(?:` + secretName + `|private|keystore)[\w.-]*["'` + "`" + `]?\s*[=:]\s*(?:E|N)?` +
	`|\b(?:user|role)\b.*\bpassword\s+|\bidentified\s+by\s+|^\s*(?:create|alter)\s+secret\s+(?:if\s+not\s+exists\s+)?\S+\s+(?:as\s+)?)$`)

// SecretFollows tells whether the literal behind this part of a statement may be a secret.
func SecretFollows(before string) bool { return secretFollows.MatchString(before) }

// SecretKey tells whether a key that no declaration describes holds a secret.
func SecretKey(key string) bool { return secretKey.MatchString(key) }

// Hides tells whether the value under a key of this setting is a secret.
func (s *Setting) Hides(key string) bool {
	return s.Secret || s.Prefix && !s.Open && SecretKey(key)
}

// takesReference tells whether secret('name') may stand for a value.
func (s *Setting) takesReference(key string) bool {
	return s.MayBeSecret || s.Prefix && !s.Open || s.Hides(key)
}

// Redact hides what looks like a secret in free text: password=…, user:pass@host.
func Redact(text string) string {
	if !strings.ContainsAny(text, "=:@'") && len(text) < 16 {
		return text
	}
	text = userInURL.ReplaceAllString(text, "${1}"+Hidden+"@")
	text = hideSecond(secretPair, text)
	text = hideSecond(secretPhrase, text)
	text = bearer.ReplaceAllString(text, "${1}"+Hidden)
	return userInAddress.ReplaceAllString(text, "${1}"+Hidden+"@")
}

// hideSecond hides the second group of what matches, unless it is the … of a form or the name of a secret.
func hideSecond(pattern *regexp.Regexp, text string) string {
	return pattern.ReplaceAllStringFunc(text, func(found string) string {
		m := pattern.FindStringSubmatch(found)
		if strings.Trim(m[2], "'\"`") == "…" || strings.EqualFold(m[2], "secret(") {
			return found
		}
		return m[1] + Hidden
	})
}

// HoldsPassword tells whether a value that is no secret holds one in an address, user:password@host.
func HoldsPassword(value string) bool {
	return !strings.Contains(value, Hidden) && (userInURL.MatchString(value) || userInAddress.MatchString(value))
}

// IsHidden tells whether a value is what is printed in place of a secret.
func IsHidden(value string) bool {
	return value == Hidden || strings.Contains(value, ":"+Hidden+"@") || strings.Contains(value, "="+Hidden)
}
