package conf

import "regexp"

// A value that names a secret instead of holding it, as it stands in a property list and is stored.
var referenceText = regexp.MustCompile(`^secret\('([A-Za-z_][A-Za-z0-9_.-]*)'\)$`)

// Reference is the value that names a secret.
func Reference(name string) string { return "secret('" + name + "')" }

// ReferenceName gives the secret that a value names.
func ReferenceName(value string) (name string, ok bool) {
	m := referenceText.FindStringSubmatch(value)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// IsReference tells whether a value names a secret.
func IsReference(value string) bool { return referenceText.MatchString(value) }
