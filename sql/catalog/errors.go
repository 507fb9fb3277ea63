package catalog

import (
	"errors"
	"strings"
)

// Errors of Store.Apply.
var (
	ErrExists  = errors.New("catalog: name exists already")
	ErrMissing = errors.New("catalog: no such name")
)

func findProperty(list []Property, key string) string {
	for _, p := range list {
		if strings.EqualFold(p.Key, key) {
			return p.Value
		}
	}
	return ""
}
