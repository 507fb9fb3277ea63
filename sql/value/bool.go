package value

// ReadBool reads PostgreSQL's spellings: true, yes, on, 1, false, no, off, 0, in any
// case, and the beginnings of the words that leave no doubt.
func ReadBool(b []byte) (v bool, f Fault) {
	b = trim(b)
	if len(b) == 0 {
		return false, Malformed
	}
	switch b[0] {
	case 't', 'T', 'y', 'Y':
		v, f = true, mustBegin(b, "true", "yes")
	case 'f', 'F', 'n', 'N':
		f = mustBegin(b, "false", "no")
	case 'o', 'O':
		v = equalFold(b, "on")
		if !v && (len(b) < 2 || !prefixFold(b, "off")) {
			f = Malformed
		}
	case '1', '0':
		v = b[0] == '1'
		if len(b) > 1 {
			f = Malformed
		}
	default:
		f = Malformed
	}
	return v && f == OK, f
}

func mustBegin(b []byte, word, other string) Fault {
	if prefixFold(b, word) || prefixFold(b, other) {
		return OK
	}
	return Malformed
}
