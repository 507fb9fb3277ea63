package function

import "slipway/sql/types"

// Functions that scripts of Hive, MySQL and PostgreSQL call now and then.

func init() {
	scalar("mask", fixed(textT, 4, textT, textT, textT, textT, textT))
	scalar("mask_hash", fixed(textT, 0, textT))
	for _, f := range []string{"mask_first_n", "mask_last_n", "mask_show_first_n", "mask_show_last_n"} {
		scalar(f, fixed(textT, 1, textT, bigT))
	}
	scalar("printf", printed)
	scalar("bround", fixed(doubleT, 1, doubleT, bigT))
	scalar("typeof", typeName)
	scalar("pg_typeof", typeName)
	scalar("get_byte", fixed(bigT, 0, binaryT, bigT))
	scalar("set_byte", fixed(binaryT, 0, binaryT, bigT, bigT))
	scalar("convert_from", fixed(textT, 0, binaryT, textT))
	scalar("convert_to", fixed(binaryT, 0, textT, textT))
	scalar("is_uuid", fixed(boolT, 0, textT))
	scalar("uuid_to_bin", fixed(binaryT, 1, textT, bigT))
	scalar("bin_to_uuid", fixed(textT, 1, binaryT, bigT))
	scalar("maketime", fixed(types.NewTime(0), 0, bigT, bigT, bigT))
	scalar("time_format", fixed(textT, 0, types.NewTime(6), textT))
}

// printed is PRINTF: a template, and values of any type.
func printed(args []types.Type) (Signature, string) {
	sig, problem := counted(args)
	if problem == "" && !sig.Args[0].IsText() {
		problem = "its first argument is a template, a text"
	}
	sig.Result = textT
	return sig, problem
}

// typeName is the name of a type.
func typeName(args []types.Type) (Signature, string) {
	if p := arity(args, 1); p != "" {
		return Signature{}, p
	}
	sig, problem := counted(args)
	sig.Result = textT
	return sig, problem
}
