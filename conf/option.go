package conf

import "strings"

// Options are settings of streams and tables that a connector or a format declares for
// itself: nobody else takes them. The constructors are those of the levels, without a level.

// options are all that were declared: where such a key is given on another level, the refusal says where it belongs.
var options []*Setting

func option(s Setting) *Setting {
	options = append(options, &s)
	return &s
}

// BoolOption declares true or false.
func BoolOption(key, def, origin, text string) BoolKey {
	return BoolKey{option(Setting{Key: key, Level: Stream, Type: "boolean", Default: def, Origin: origin, Text: text})}
}

// IntOption declares a whole number from lo to hi; both 0: any.
func IntOption(key, def string, lo, hi int64, unit, origin, text string) IntKey {
	return IntKey{option(Setting{Key: key, Level: Stream, Type: "integer", Default: def, Min: lo, Max: hi, Unit: unit, Origin: origin, Text: text})}
}

// DurationOption declares a time, in milliseconds or with a unit.
func DurationOption(key, def string, lo, hi int64, origin, text string) DurationKey {
	return DurationKey{option(Setting{Key: key, Level: Stream, Type: "duration", Default: def, Min: lo, Max: hi, Unit: "ms", Origin: origin, Text: text})}
}

// StringOption declares any text.
func StringOption(key, def, origin, text string) StringKey {
	return StringKey{option(Setting{Key: key, Level: Stream, Type: "text", Default: def, Origin: origin, Text: text})}
}

// SecretOption declares a text that is never printed.
func SecretOption(key, origin, text string) SecretTextKey {
	return SecretTextKey{option(Setting{Key: key, Level: Stream, Type: "text", Origin: origin, Text: text, Secret: true})}
}

// ChoiceOption declares one of some words, which stand in choices with blanks between.
func ChoiceOption(key, def, choices, origin, text string) ChoiceKey {
	return ChoiceKey{option(Setting{Key: key, Level: Stream, Type: "choice", Default: def, Choices: strings.Fields(choices), Origin: origin, Text: text})}
}

// FamilyOption declares all keys that begin with a prefix.
func FamilyOption(prefix, origin, text string) *Setting {
	return option(Setting{Key: prefix, Level: Stream, Type: "text", Origin: origin, Text: text, Prefix: true})
}

// OpenFamilyOption is a family of which no member is a secret, whatever its name.
func OpenFamilyOption(prefix, origin, text string) *Setting {
	s := FamilyOption(prefix, origin, text)
	s.Open = true
	return s
}
