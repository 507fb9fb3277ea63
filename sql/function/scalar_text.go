package function

import (
	"slices"

	"slipway/sql/types"
)

// Functions of texts, encodings and addresses that are not of every day.

func init() {
	for _, f := range []string{"ltrim", "rtrim", "btrim"} {
		scalar(f, fixed(textT, 1, textT, textT))
	}
	for _, f := range []string{"trim_both", "trim_first", "trim_last"} { // TRIM(part FROM s) and its like
		hidden(f, fixed(textT, 0, textT, textT))
	}
	for _, f := range []string{"starts_with", "ends_with"} {
		scalar(f, fixed(boolT, 0, textT, textT))
	}
	for _, f := range []string{"initcap", "soundex", "quote_literal", "quote_ident", "quote", "url_encode", "url_decode", "host", "network", "netmask", "broadcast"} {
		scalar(f, fixed(textT, 0, textT))
	}
	for _, f := range []string{"bit_length", "ord", "inet_aton", "masklen", "family"} {
		scalar(f, fixed(bigT, 0, textT))
	}
	for _, f := range []string{"strcmp", "find_in_set", "levenshtein"} {
		scalar(f, fixed(bigT, 0, textT, textT))
	}
	scalar("split_part", fixed(textT, 0, textT, textT, bigT))
	scalar("substring_index", fixed(textT, 0, textT, textT, bigT))
	scalar("translate", fixed(textT, 0, textT, textT, textT))
	scalar("insert", fixed(textT, 0, textT, bigT, bigT, textT))
	scalar("overlay", fixed(textT, 1, textT, textT, bigT, bigT))
	scalar("space", fixed(textT, 0, bigT))
	scalar("chr", fixed(textT, 0, bigT))
	scalar("char", variadic(1, bigT, textT))
	scalar("elt", chosen)
	hidden("field_of_list", amongValues)
	scalar("format", formatted)
	hidden("format_text", variadicText(1))
	hidden("number_to_char", numberByTemplate)
	scalar("to_number", fixed(types.NewDecimal(types.MaxDecimalPrecision, 10), 0, textT, textT))
	scalar("quote_nullable", fixed(textT, 0, textT))
	scalar("num_nulls", counted)
	scalar("num_nonnulls", counted)
	scalar("is_alpha", fixed(boolT, 0, textT))
	scalar("is_digit", fixed(boolT, 0, textT))
	scalar("parse_url", fixed(textT, 1, textT, textT, textT))
	scalar("str_to_map", fixed(types.NewMap(textT, textT), 2, textT, textT, textT))
	scalar("unistr", fixed(textT, 0, textT))
	scalar("to_hex", hexDigits)
	scalar("inet_ntoa", fixed(textT, 0, bigT))
	scalar("is_ipv4", fixed(boolT, 0, textT))
	scalar("is_ipv6", fixed(boolT, 0, textT))
	scalar("inet6_aton", fixed(binaryT, 0, textT))
	scalar("inet6_ntoa", fixed(textT, 0, binaryT))
	also("starts_with", "startswith")
	also("ends_with", "endswith")
	also("field_of_list", "field")
	also("format", "format_number")
}

// Encodings and hashes are of the bytes of a text or of BINARY.
func init() {
	for _, f := range []string{"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "base64", "to_base64"} {
		scalar(f, ofBytes(textT))
	}
	scalar("crc32", ofBytes(bigT))
	scalar("sha2", ofBytes(textT, bigT))
	scalar("encode", ofBytes(textT, textT))
	scalar("hex", hexed)
	for _, f := range []string{"unhex", "from_base64"} {
		scalar(f, fixed(binaryT, 0, textT))
	}
	scalar("decode", fixed(binaryT, 0, textT, textT))
	also("from_base64", "unbase64")
}

// ofBytes is of a text or BINARY, and of what else is wanted.
func ofBytes(result types.Type, more ...types.Type) resolver {
	of := fixed(result, 0, append([]types.Type{textT}, more...)...)
	binary := fixed(result, 0, append([]types.Type{binaryT}, more...)...)
	return func(args []types.Type) (Signature, string) {
		if len(args) > 0 && args[0].Kind == types.Binary {
			return binary(args)
		}
		return of(args)
	}
}

// hexed is HEX: of a number, which is made a whole one, or of bytes.
func hexed(args []types.Type) (Signature, string) {
	if len(args) == 1 && args[0].IsNumeric() {
		return Signature{Args: []types.Type{bigT}, Result: textT}, ""
	}
	return ofBytes(textT)(args)
}

// numberByTemplate is TO_CHAR of a number.
func numberByTemplate(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	sig, p := number(keep)(args[:1])
	if p == "" {
		p = fits(args[1], textT)
	}
	sig.Args, sig.Result = append(sig.Args, textT), textT
	return sig, p
}

// counted is of any values.
func counted(args []types.Type) (Signature, string) {
	if len(args) == 0 {
		return Signature{}, atLeast(1)
	}
	sig := Signature{Args: slices.Clone(args), Result: bigT}
	for i := range sig.Args {
		if sig.Args[i].Kind == types.Null {
			sig.Args[i] = textT
		}
	}
	return sig, ""
}

// hexDigits is TO_HEX: of 32 bits or of 64.
func hexDigits(args []types.Type) (Signature, string) {
	if len(args) == 1 && (args[0].Kind == types.Int || args[0].Kind == types.SmallInt || args[0].Kind == types.TinyInt) {
		return Signature{Args: []types.Type{types.Of(types.Int)}, Result: textT}, ""
	}
	if len(args) == 1 && args[0].Kind != types.Null && !args[0].IsInteger() {
		return Signature{}, "it takes a whole number"
	}
	return fixed(textT, 0, bigT)(args)
}

// variadic takes any number of values of a type.
func variadic(least int, of, result types.Type) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) < least {
			return Signature{}, atLeast(least)
		}
		for _, a := range args {
			if p := fits(a, of); p != "" {
				return Signature{}, p
			}
		}
		return Signature{Args: slices.Repeat([]types.Type{of}, len(args)), Result: result}, ""
	}
}

// chosen is ELT: a number and texts.
func chosen(args []types.Type) (Signature, string) {
	if len(args) < 2 {
		return Signature{}, atLeast(2)
	}
	if p := fits(args[0], bigT); p != "" {
		return Signature{}, p
	}
	sig, p := variadic(1, textT, textT)(args[1:])
	sig.Args = append([]types.Type{bigT}, sig.Args...)
	return sig, p
}

// amongValues is FIELD: values that are compared with the first in their common type.
func amongValues(args []types.Type) (Signature, string) {
	sig, p := same(2)(args)
	sig.Result = bigT
	return sig, p
}

// formatted is FORMAT: a number and how many digits behind the point.
func formatted(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	sig, p := number(keep)(args[:1])
	if p == "" {
		p = fits(args[1], bigT)
	}
	sig.Args, sig.Result = append(sig.Args, bigT), textT
	return sig, p
}
