package function

import "slipway/sql/types"

// Functions of regular expressions.

func init() {
	texts := types.NewArray(textT)
	scalar("regexp_like", fixed(boolT, 1, textT, textT, textT))
	scalar("regexp_count", fixed(bigT, 2, textT, textT, bigT, textT))
	scalar("regexp_substr", fixed(textT, 3, textT, textT, bigT, bigT, textT))
	scalar("regexp_instr", fixed(bigT, 4, textT, textT, bigT, bigT, bigT, textT))
	scalar("regexp_match", fixed(texts, 1, textT, textT, textT))
	scalar("regexp_split_to_array", fixed(texts, 1, textT, textT, textT))
	also("regexp_split_to_array", "split")
}
