package clients

import "testing"

// TestDialect plays what the dialect says of its statements, as a client sees it: the files of testdata/dialect, in the
// form of TestScripts. In front of each message stands the section that says it.
func TestDialect(t *testing.T) { eachScript(t, "testdata/dialect/*.txt", playFile) }
