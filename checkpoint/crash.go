package checkpoint

import "slipway/conf/crash"

// The gaps around the commit point.
var (
	beforeAdd   = crash.New("before-add")
	afterAdd    = crash.New("after-add-before-commit")
	afterRemove = crash.New("records-removed-files-not")
)
