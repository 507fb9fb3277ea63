package metadata

import (
	"crypto/rand"
	"encoding/hex"
)

// processID is part of the keys of chunks: those of another process never meet ours.
var processID = func() string {
	b := make([]byte, 6)
	rand.Read(b)
	return hex.EncodeToString(b)
}()
