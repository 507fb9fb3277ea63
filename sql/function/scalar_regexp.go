package function

import "slipway/sql/types"

// Functions of regular expressions.

// replacing is REGEXP_REPLACE: with flags as PostgreSQL's, with a place and the number of a match as MySQL's.
func replacing(args []types.Type) (Signature, string) {
	if len(args) < 3 || len(args) > 6 {
		return Signature{}, takes(3, 6)
	}
	if len(args) == 4 && args[3].IsText() {
		return fixed(textT, 0, textT, textT, textT, textT)(args)
	}
	return fixed(textT, 3, textT, textT, textT, bigT, bigT, textT)(args)
}

func init() {
	texts := types.NewArray(textT)
	scalar("regexp_like", fixed(boolT, 1, textT, textT, textT))
	scalar("regexp_count", fixed(bigT, 2, textT, textT, bigT, textT))
	scalar("regexp_substr", fixed(textT, 3, textT, textT, bigT, bigT, textT))
	scalar("regexp_instr", fixed(bigT, 4, textT, textT, bigT, bigT, bigT, textT))
	scalar("regexp_match", fixed(texts, 1, textT, textT, textT))
	scalar("regexp_split_to_array", fixed(texts, 1, textT, textT, textT))
	also("regexp_split_to_array", "split")
	scalar("regexp_extract_all", fixed(texts, 1, textT, textT, bigT))
	hidden("regexp_all_matches", fixed(types.NewArray(texts), 1, textT, textT, textT))
	hidden("similar_to", fixed(boolT, 1, textT, textT, textT))
	hidden("substring_matching", fixed(textT, 0, textT, textT))
	hidden("substring_similar", fixed(textT, 0, textT, textT, textT))
	scalar("regexp_replace", replacing)
}
