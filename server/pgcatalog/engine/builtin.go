package engine

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"slipway/sql/sqlerr"
)

// Builtins are the functions that need nothing of a catalog, by name.
var Builtins = map[string][]*Function{}

func builtin(list ...*Function) {
	for _, f := range list {
		Builtins[f.Name] = append(Builtins[f.Name], f)
	}
}

// text1 makes a function of a text.
func text1(name string, result Type, f func(string) Value) *Function {
	return &Function{Name: name, Args: []Type{Text}, Result: result, Call: func(_ Env, a []Value) Value { return f(a[0].(string)) }}
}

func text2(name string, result Type, f func(a, b string) Value) *Function {
	return &Function{Name: name, Args: []Type{Text, Text}, Result: result, Call: func(_ Env, a []Value) Value { return f(a[0].(string), a[1].(string)) }}
}

func characters(s string) int64 { return int64(utf8.RuneCountInString(s)) }

func init() {
	builtin(
		text1("lower", Text, func(s string) Value { return strings.ToLower(s) }),
		text1("upper", Text, func(s string) Value { return strings.ToUpper(s) }),
		text1("length", Int4, func(s string) Value { return characters(s) }),
		text1("char_length", Int4, func(s string) Value { return characters(s) }),
		text1("character_length", Int4, func(s string) Value { return characters(s) }),
		text1("octet_length", Int4, func(s string) Value { return int64(len(s)) }),
		text1("quote_ident", Text, func(s string) Value { return QuoteIdent(s) }),
		text1("quote_literal", Text, func(s string) Value { return quoteLiteral(s) }),
		text1("parse_ident", Text.Array(), func(s string) Value { return texts(ParseIdent(s)) }),
		text1("ascii", Int4, func(s string) Value { r, _ := utf8.DecodeRuneInString(s); return int64(r) % utf8.RuneError }),
		text2("strpos", Int4, func(s, part string) Value {
			if i := strings.Index(s, part); i >= 0 {
				return characters(s[:i]) + 1
			}
			return int64(0)
		}),
		text2("starts_with", Bool, func(s, part string) Value { return strings.HasPrefix(s, part) }),
		text2("like_escape", Text, likeEscape),
		&Function{Name: "replace", Args: []Type{Text, Text, Text}, Result: Text, Call: func(_ Env, a []Value) Value {
			if a[1] == "" {
				return a[0]
			}
			return strings.ReplaceAll(a[0].(string), a[1].(string), a[2].(string))
		}},
		&Function{Name: "substring", Args: []Type{Text, Int4, Int4}, Optional: 1, Result: Text, Call: substring},
		&Function{Name: "substr", Args: []Type{Text, Int4, Int4}, Optional: 1, Result: Text, Call: substring},
		&Function{Name: "left", Args: []Type{Text, Int4}, Result: Text, Call: func(_ Env, a []Value) Value {
			r, n := []rune(a[0].(string)), int(a[1].(int64))
			if n < 0 {
				n = max(0, len(r)+n)
			}
			return string(r[:min(n, len(r))])
		}},
		&Function{Name: "right", Args: []Type{Text, Int4}, Result: Text, Call: func(_ Env, a []Value) Value {
			r, n := []rune(a[0].(string)), int(a[1].(int64))
			if n < 0 {
				n = max(0, len(r)+n)
			}
			return string(r[len(r)-min(n, len(r)):])
		}},
		&Function{Name: "split_part", Args: []Type{Text, Text, Int4}, Result: Text, Call: splitPart},
		&Function{Name: "repeat", Args: []Type{Text, Int4}, Result: Text, Call: func(_ Env, a []Value) Value {
			n := max(0, a[1].(int64))
			if n*int64(len(a[0].(string))) > maxText {
				Fail(sqlerr.New(sqlerr.ProgramLimit, "a text of the catalog has at most %d bytes", maxText))
			}
			return strings.Repeat(a[0].(string), int(n))
		}},
		&Function{Name: "concat", Args: []Type{AnyType}, Variadic: true, Result: Text, Lenient: true, Call: func(_ Env, a []Value) Value {
			var out strings.Builder
			for _, v := range a {
				if v != nil {
					out.WriteString(textOf(v, Text))
				}
			}
			return out.String()
		}},
		&Function{Name: "format", Args: []Type{Text, AnyType}, Variadic: true, Optional: 1, Result: Text, Lenient: true, Call: format},
	)
	for name, trim := range map[string]func(string, string) string{"btrim": strings.Trim, "ltrim": strings.TrimLeft, "rtrim": strings.TrimRight} {
		builtin(&Function{Name: name, Args: []Type{Text, Text}, Optional: 1, Result: Text, Call: func(_ Env, a []Value) Value {
			if len(a) == 1 {
				return trim(a[0].(string), " ")
			}
			return trim(a[0].(string), a[1].(string))
		}})
	}
	for name, f := range map[string]func(float64) float64{"abs": func(x float64) float64 { return max(x, -x) }} {
		builtin(&Function{Name: name, Args: []Type{Float8}, Result: Float8, ResultOf: func(t []Type) Type { return t[0] }, Call: func(_ Env, a []Value) Value { return f(a[0].(float64)) }})
	}
}

// maxText bounds what a function makes.
const maxText = 1 << 24

// substring counts characters from 1; places before the first count too.
func substring(_ Env, a []Value) Value {
	r := []rune(a[0].(string))
	from, to := a[1].(int64)-1, int64(len(r))
	if len(a) > 2 {
		if a[2].(int64) < 0 {
			Fail(sqlerr.New("22011", "negative substring length not allowed"))
		}
		to = min(to, from+a[2].(int64))
	}
	if from = max(0, from); from >= to {
		return ""
	}
	return string(r[from:to])
}

func splitPart(_ Env, a []Value) Value {
	n := a[2].(int64)
	if n == 0 {
		Fail(sqlerr.New(sqlerr.InvalidParameter, "field position must not be zero"))
	}
	parts := []string{a[0].(string)}
	if a[1] != "" {
		parts = strings.Split(a[0].(string), a[1].(string))
	}
	if n < 0 {
		n += int64(len(parts)) + 1
	}
	if n < 1 || n > int64(len(parts)) {
		return ""
	}
	return parts[n-1]
}

// QuoteIdent puts a name in quotes where it needs them.
func QuoteIdent(s string) string {
	plain := s != ""
	for i, c := range s {
		if !(c >= 'a' && c <= 'z' || c == '_' || i > 0 && c >= '0' && c <= '9') {
			plain = false
		}
	}
	if plain && !quotedWords[s] {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// quotedWords are names that need quotes because they are key words ("SQL Key Words": all but the unreserved ones).
var quotedWords = words(`all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char character
	check coalesce collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
	current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign freeze from
	full grant greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join lateral leading least left
	like limit localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps
	overlay placing position precision primary real references returning right row select session_user setof similar smallint some substring symmetric table
	tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when where window with`)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

func quoteLiteral(s string) string {
	prefix := ""
	if strings.Contains(s, `\`) {
		prefix, s = "E", strings.ReplaceAll(s, `\`, `\\`)
	}
	return prefix + "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// ParseIdent splits a."B".c into its names.
func ParseIdent(s string) (out []string) {
	for rest := strings.TrimSpace(s); ; {
		var part string
		if strings.HasPrefix(rest, `"`) {
			end := strings.Index(strings.ReplaceAll(rest[1:], `""`, "\x00\x00"), `"`)
			if end < 0 {
				Fail(sqlerr.New(sqlerr.InvalidParameter, "string is not a valid identifier: %q", s))
			}
			part, rest = strings.ReplaceAll(rest[1:end+1], `""`, `"`), rest[end+2:]
		} else {
			end := strings.IndexAny(rest+".", ". ")
			part, rest = strings.ToLower(rest[:end]), rest[end:]
		}
		if part == "" {
			Fail(sqlerr.New(sqlerr.InvalidParameter, "string is not a valid identifier: %q", s))
		}
		out = append(out, part)
		if rest = strings.TrimSpace(rest); rest == "" {
			return out
		}
		if rest[0] != '.' {
			Fail(sqlerr.New(sqlerr.InvalidParameter, "string is not a valid identifier: %q", s))
		}
		rest = strings.TrimSpace(rest[1:])
	}
}

// likeEscape makes a pattern with another escape one with a backslash.
func likeEscape(pattern, escape string) Value {
	if characters(escape) > 1 {
		Fail(sqlerr.New("22019", "invalid escape string"))
	}
	var out strings.Builder
	for rest := pattern; rest != ""; {
		switch {
		case escape != "" && strings.HasPrefix(rest, escape) && len(rest) > len(escape):
			_, n := utf8.DecodeRuneInString(rest[len(escape):])
			out.WriteString(`\` + rest[len(escape):len(escape)+n])
			rest = rest[len(escape)+n:]
		case rest[0] == '\\':
			out.WriteString(`\\`)
			rest = rest[1:]
		default:
			out.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	return out.String()
}

// format is %s, %I and %L, with n$ in front; %% is a percent sign.
func format(_ Env, a []Value) Value {
	if a[0] == nil {
		return nil
	}
	var out strings.Builder
	next := 1
	for s := a[0].(string); s != ""; {
		if s[0] != '%' {
			out.WriteByte(s[0])
			s = s[1:]
			continue
		}
		s = s[1:]
		if strings.HasPrefix(s, "%") {
			out.WriteByte('%')
			s = s[1:]
			continue
		}
		if digits := len(s) - len(strings.TrimLeft(s, "0123456789")); digits > 0 && strings.HasPrefix(s[digits:], "$") {
			next, _ = strconv.Atoi(s[:digits])
			s = s[digits+1:]
		}
		if s == "" || next < 1 || next >= len(a) {
			Fail(sqlerr.New(sqlerr.InvalidParameter, "too few arguments for format()"))
		}
		out.WriteString(formatted(s[0], a[next]))
		next++
		s = s[1:]
	}
	return out.String()
}

func formatted(verb byte, v Value) string {
	switch {
	case verb == 'L' && v == nil:
		return "NULL"
	case verb == 'L':
		return quoteLiteral(textOf(v, Text))
	case verb == 'I' && v == nil:
		Fail(sqlerr.New(sqlerr.NotNullViolation, "null values cannot be formatted as an SQL identifier"))
	case verb == 'I':
		return QuoteIdent(textOf(v, Text))
	case verb != 's':
		Fail(sqlerr.New(sqlerr.InvalidParameter, "unrecognized format() type specifier %q", string(verb)))
	case v == nil:
		return ""
	}
	return textOf(v, Text)
}
