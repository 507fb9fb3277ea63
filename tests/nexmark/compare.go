package nexmark

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Lines are rows as text, sorted: what is compared. Numbers that are equal have one text, however they came.
func Lines(rows []Row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		texts := make([]string, len(r))
		for j, v := range r {
			texts[j] = text(v)
		}
		out[i] = strings.Join(texts, " | ")
	}
	slices.Sort(out)
	return out
}

func text(v any) string {
	s := "NULL"
	switch v := v.(type) {
	case nil:
	case json.Number:
		s = v.String()
	default:
		s = fmt.Sprint(v)
	}
	f, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil:
		return s
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'g', 12, 64)
}

// Difference tells the first rows that are in one list only; empty if there are none.
func Difference(got, want []string) string {
	var out []string
	for i, j := 0, 0; (i < len(got) || j < len(want)) && len(out) < 6; {
		switch {
		case j == len(want) || i < len(got) && got[i] < want[j]:
			out = append(out, "not wanted: "+got[i])
			i++
		case i == len(got) || want[j] < got[i]:
			out = append(out, "missing:    "+want[j])
			j++
		default:
			i, j = i+1, j+1
		}
	}
	if len(out) == 0 {
		return ""
	}
	return fmt.Sprintf("%d rows, %d wanted\n%s", len(got), len(want), strings.Join(out, "\n"))
}
