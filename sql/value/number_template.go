package value

import (
	"strings"
	"unicode/utf8"

	"slipway/sql/sqlerr"
)

// NumberTemplate is PostgreSQL's picture of a number, 9,999.99 or S000D00, as TO_CHAR and TO_NUMBER take it.
type NumberTemplate struct {
	parts []numberPart
	// before and behind are how many digits stand in front of the point and behind it, shifted how many stand behind V.
	before, behind, shifted int
	// zeros is the first place, counted from 1, from which on zeros are written; lastZero is the last place with a 0.
	zeros, lastZero int
	point           bool
	fill            bool // FM: without blanks
	sign            numberSign
	beforeSign      int // digits in front of S
	minus, plus     bool
	angles          bool // PR
	roman           bool
	exponent        bool // EEEE
	shifts          bool // V
}

// numberSign is where the sign of S stands.
type numberSign uint8

const (
	noSign numberSign = iota
	signFirst
	signLast
)

// numberPart is a key, or a text that stands for itself.
type numberPart struct{ key, text string }

// numberKeys are the keys, longer ones first; each is written in capitals or in small letters alone.
var numberKeys = []string{"EEEE", "FM", "MI", "PL", "PR", "RN", "SG", "SP", "TH", ",", ".", "0", "9", "B", "C", "D", "G", "L", "S", "V"}

// ReadNumberTemplate reads a template.
func ReadNumberTemplate(text string) (*NumberTemplate, error) {
	t := &NumberTemplate{}
	for text != "" {
		key := numberKey(text)
		switch {
		case key != "":
			t.parts, text = append(t.parts, numberPart{key: key}), text[len(key):]
			if err := t.take(strings.ToUpper(key)); err != nil {
				return nil, err
			}
		case text[0] == '"':
			text = t.quoted(text[1:])
		default:
			if strings.HasPrefix(text, `\"`) {
				text = text[1:]
			}
			_, n := utf8.DecodeRuneInString(text)
			t.parts, text = append(t.parts, numberPart{text: text[:n]}), text[n:]
		}
	}
	return t, nil
}

// quoted takes a text up to the next double quote, and gives what stands behind it.
func (t *NumberTemplate) quoted(text string) string {
	for text != "" && text[0] != '"' {
		if text[0] == '\\' && len(text) > 1 {
			text = text[1:]
		}
		_, n := utf8.DecodeRuneInString(text)
		t.parts, text = append(t.parts, numberPart{text: text[:n]}), text[n:]
	}
	return strings.TrimPrefix(text, `"`)
}

func numberKey(text string) string {
	for _, k := range numberKeys {
		if strings.HasPrefix(text, k) || strings.HasPrefix(text, strings.ToLower(k)) {
			return text[:len(k)]
		}
	}
	return ""
}

// Scale is how many digits behind the point a number has that is read by the template.
func (t *NumberTemplate) Scale() int { return t.behind + t.shifted }

func badTemplate(text string) error { return sqlerr.New(sqlerr.SyntaxError, "%s", text) }

// take notes a key, and refuses those that do not go together.
func (t *NumberTemplate) take(key string) error {
	if t.exponent {
		return badTemplate(`"EEEE" must be the last pattern used`)
	}
	switch key {
	case "9", "0":
		return t.digit(key)
	case ".", "D":
		return t.decimalPoint()
	case "FM":
		t.fill = true
	case "S", "MI", "PL", "SG", "PR":
		return t.takeSign(key)
	case "RN":
		t.roman = true
	case "V":
		if t.point {
			return badTemplate(`cannot use "V" and decimal point together`)
		}
		t.shifts = true
	case "EEEE":
		if t.fill || t.sign != noSign || t.angles || t.minus || t.plus || t.roman || t.shifts {
			return badTemplate(`"EEEE" is incompatible with other formats`)
		}
		t.exponent = true
	}
	return nil
}

func (t *NumberTemplate) digit(key string) error {
	switch {
	case t.angles:
		return badTemplate(`"` + key + `" must be ahead of "PR"`)
	case key == "9" && t.shifts:
		t.shifted++
		return nil
	case key == "0" && t.zeros == 0 && !t.point:
		t.zeros = t.before + 1
	}
	if t.point {
		t.behind++
	} else {
		t.before++
	}
	if key == "0" {
		t.lastZero = t.before + t.behind
	}
	return nil
}

func (t *NumberTemplate) decimalPoint() error {
	switch {
	case t.point:
		return badTemplate("multiple decimal points")
	case t.shifts:
		return badTemplate(`cannot use "V" and decimal point together`)
	}
	t.point = true
	return nil
}

func (t *NumberTemplate) takeSign(key string) error {
	switch {
	case key == "S" && t.sign != noSign:
		return badTemplate(`cannot use "S" twice`)
	case key == "S" && (t.plus || t.minus || t.angles):
		return badTemplate(`cannot use "S" and "PL"/"MI"/"SG"/"PR" together`)
	case key == "PR" && (t.sign != noSign || t.plus || t.minus):
		return badTemplate(`cannot use "PR" and "S"/"PL"/"MI"/"SG" together`)
	case key != "S" && t.sign != noSign:
		return badTemplate(`cannot use "S" and "` + key + `" together`)
	}
	switch key {
	case "S":
		t.sign, t.beforeSign = signLast, t.before
		if !t.point {
			t.sign = signFirst
		}
	case "PR":
		t.angles = true
	case "SG":
		t.minus, t.plus = true, true
	case "MI":
		t.minus = true
	case "PL":
		t.plus = true
	}
	return nil
}
