// Package value holds what a value is apart from any table: how text is read into one,
// how it is written, and the arithmetic of decimals and of the calendar. CAST, literals,
// comparisons, parameters and the formats of records read text by these functions and
// by no others, so that a text means the same wherever it stands.
//
// The readers take bytes and allocate nothing: they stand in the row path. Blanks around
// a value do not count. docs/values.md is the same in words.
package value
