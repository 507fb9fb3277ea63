// Package parser turns the text a client sends into sql/ast. It owns the lexer,
// the statement splitter, a recursive-descent parser for every statement of our
// own, and the road of a query through the TiDB parser: it is the only door to
// that library.
//
// A query goes five steps:
//
//  1. The lexer cuts the text by PostgreSQL's rules (lex.go, scan.go) and gives every word
//     its classes (words.go).
//  2. The limits are checked before anything recurses (limits.go), because a deep
//     text would overflow the stack and that cannot be caught.
//  3. What stands behind its operand, x::type and its like, becomes a call (postfix.go).
//  4. The rewriter copies the tokens for the TiDB parser (rewrite*.go). What its grammar
//     lacks or would misread is a line of one table (clause.go): where it may stand, how it
//     begins, what reads it, what stands for it. It is cut out (cut.go) and read by
//     a reader of our own (clause_*.go, match.go …), which hands the expressions inside it
//     to the same parser. What nobody reads is refused by name, in the same table.
//  5. The TiDB tree is converted (convert*.go) by a list of allowed node types. Placeholders
//     lead back to the cuts; one that is left over is an error, never a clause that is lost.
//
// Invariants:
//   - Every error has a SQLSTATE and a position in the user's own text, also inside
//     a quoted job body: source.pos is the only place that turns offsets.
//   - No input makes it panic, hang or use more than a few hundred times its size.
//   - It knows no catalog: names are names.
package parser
