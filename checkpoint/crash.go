package checkpoint

import "slipway/conf/faultinject"

// The gaps around the commit point.
var (
	beforeAdd   = faultinject.CrashPoint("before-add")
	afterAdd    = faultinject.CrashPoint("after-add-before-commit")
	afterRemove = faultinject.CrashPoint("records-removed-files-not")
)
