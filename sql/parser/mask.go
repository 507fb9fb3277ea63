package parser

import (
	"strings"

	"slipway/conf"
)

// maskBefore is how far in front of a literal its key is looked for, in bytes.
const maskBefore = 256

// Mask gives a text of statements as it may be shown and logged: literals that may be secrets, and
// what looks like one in comments and other literals, are ******. ok is false for a text that
// cannot be cut into words: of that nobody knows what is a secret.
func Mask(text string) (masked string, ok bool) {
	src := &source{text: text}
	toks, err := lex(src)
	if err != nil {
		return "", false
	}
	var b strings.Builder
	at := 0
	for _, t := range toks {
		b.WriteString(conf.Redact(text[at:max(at, t.start)]))
		b.WriteString(maskToken(src, t))
		at = max(at, t.end)
	}
	return b.String(), true
}

func maskToken(src *source, t token) string {
	text := src.text[t.start:t.end]
	switch {
	case src.secret(t):
		return "'" + conf.Hidden + "'"
	case t.kind == stringToken && t.quote == '$':
		return maskBody(text)
	case t.kind == stringToken || t.kind == identToken:
		return conf.Redact(text)
	}
	return text
}

// maskBody masks what stands between the tags of $tag$…$tag$.
func maskBody(text string) string {
	tag := text[:strings.IndexByte(text[1:], '$')+2]
	inside, ok := Mask(text[len(tag) : len(text)-len(tag)])
	if !ok {
		inside = conf.Hidden
	}
	return tag + inside + tag
}

// secret tells a token that may be a secret by what stands in front of it.
func (s *source) secret(t token) bool {
	if t.kind != stringToken && t.kind != identToken && t.kind != wordToken && t.kind != numberToken || t.isAny("AS", "FROM", "NOT", "SECRET", "SET", "RENAME", "OWNER") {
		return false
	}
	before := s.text[max(0, t.start-maskBefore):t.start]
	if i := strings.LastIndexByte(before, ';'); i >= 0 {
		before = before[i+1:]
	}
	return conf.SecretFollows(before)
}

// afterSecret tells that a key of a secret stands shortly before a token: in a statement with a
// fault nobody knows which literal belongs to it.
func (s *source) afterSecret(t token) bool {
	return conf.SecretKey(s.text[max(0, t.start-maskBefore):t.start])
}

// MaskComments gives a text with what looks like a secret in its comments as ******: statements
// that are stored keep their meaning, and no password that was noted beside it.
func MaskComments(text string) string {
	toks, err := lex(&source{text: text})
	if err != nil {
		return text
	}
	var b strings.Builder
	at := 0
	for _, t := range toks {
		b.WriteString(conf.Redact(text[at:max(at, t.start)]))
		b.WriteString(text[t.start:t.end])
		at = max(at, t.end)
	}
	return b.String()
}
