package expr

import (
	"bytes"
	"net/url"
	"unicode"

	"slipway/executor/column"
)

// Functions of Hive and Flink that take texts to pieces or look at their characters.

func init() {
	ofArrays["str_to_map"] = strToMap
	kernels(map[string]kernel{"parse_url": parseURL})
	withNulls["is_alpha"], withNulls["is_digit"] = allOf(unicode.IsLetter), allOf(unicode.IsDigit)
	withNulls["quote_nullable"] = text(quoteNullable)
	withNulls["num_nulls"] = countNulls(true)
	withNulls["num_nonnulls"] = countNulls(false)
}

// allOf tells a text of which every character is of a kind; an empty one and NULL are not.
func allOf(is func(rune) bool) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Bools[i] = false
		if vs[0].Null(i) {
			return true, nil
		}
		b := vs[0].Bytes(i)
		out.Bools[i] = len(b) > 0 && bytes.IndexFunc(b, func(r rune) bool { return !is(r) }) < 0
		return true, nil
	}
}

func quoteNullable(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	if vs[0].Null(i) {
		return append(dst, "NULL"...), true
	}
	return appendLiteral(dst, vs[0].Bytes(i)), true
}

func countNulls(nulls bool) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Ints[i] = 0
		for _, v := range vs {
			if v.Null(i) == nulls {
				out.Ints[i]++
			}
		}
		return true, nil
	}
}

// strToMap splits a text into entries, and these into a key and a value, which is NULL where there is none.
func strToMap(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	between, behind := []byte(","), []byte(":")
	if len(vs) > 1 {
		between = vs[1].Bytes(i)
	}
	if len(vs) > 2 {
		behind = vs[2].Bytes(i)
	}
	off, n := out.Kids[0].Len(), 0
	for entry := range bytes.SplitSeq(vs[0].Bytes(i), between) {
		key, val, found := bytes.Cut(entry, behind)
		if out.Kids[0].AppendBytes(key); found {
			out.Kids[1].AppendBytes(val)
		} else {
			out.Kids[1].AppendNull()
		}
		n++
	}
	out.SetEntries(i, off, n)
	return true, tooLarge(out)
}

// parseURL gives a part of an address, or what a key of its query has.
func parseURL(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	u, _ := url.Parse(string(vs[0].Bytes(i)))
	if u == nil || u.Scheme == "" {
		return false, nil
	}
	part := string(vs[1].Bytes(i))
	if len(vs) == 3 {
		if part != "QUERY" {
			return false, nil
		}
		val, found := queryValue(u.RawQuery, string(vs[2].Bytes(i)))
		out.SetBytes(i, []byte(val))
		return found, nil
	}
	text, found := urlPart(u, part)
	out.SetBytes(i, []byte(text))
	return found, nil
}

func urlPart(u *url.URL, part string) (text string, found bool) {
	switch part {
	case "PROTOCOL":
		return u.Scheme, true
	case "HOST":
		return u.Hostname(), u.Host != ""
	case "PATH":
		return u.EscapedPath(), true
	case "QUERY":
		return u.RawQuery, u.RawQuery != "" || u.ForceQuery
	case "REF":
		return u.EscapedFragment(), u.Fragment != ""
	case "USERINFO":
		return u.User.String(), u.User != nil
	case "FILE":
		if u.RawQuery != "" || u.ForceQuery {
			return u.EscapedPath() + "?" + u.RawQuery, true
		}
		return u.EscapedPath(), true
	case "AUTHORITY":
		if u.User != nil {
			return u.User.String() + "@" + u.Host, true
		}
		return u.Host, u.Host != ""
	}
	return "", false
}

// queryValue gives what stands behind the first key= of a query, as it is written.
func queryValue(query, key string) (string, bool) {
	for pair := range bytes.SplitSeq([]byte(query), []byte("&")) {
		if name, val, found := bytes.Cut(pair, []byte("=")); found && string(name) == key {
			return string(val), true
		}
	}
	return "", false
}
