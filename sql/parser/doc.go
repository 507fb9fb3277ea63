// Package parser turns the text a client sends into sql/ast. It owns the lexer,
// the statement splitter, a recursive-descent parser for every statement of our
// own, and the road of a query through the TiDB parser: it is the only door to
// that library.
//
// A query goes four steps:
//
//  1. The lexer cuts the text by PostgreSQL's rules (lex.go, scan.go).
//  2. The limits are checked before anything recurses (limits.go), because a deep
//     text would overflow the stack and that cannot be caught.
//  3. The rewriter (rewrite*.go) writes the tokens anew in words that the TiDB
//     grammar reads rightly: what it would misread is refused by name, what it lacks
//     becomes a hole, an identifier with a control character that no user can type.
//  4. The TiDB tree is converted (convert*.go) by a list of allowed node types.
//
// Invariants:
//   - Every error has a SQLSTATE and a position in the user's own text, also inside
//     a quoted job body: source.pos is the only place that turns offsets.
//   - No input makes it panic, hang or use more than a few hundred times its size.
//   - It knows no catalog: names are names.
package parser
