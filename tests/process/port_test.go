package process

import "testing"

// TestFreePort: a port is given once, and lies below those of outgoing connections.
func TestFreePort(t *testing.T) {
	port := FreePort(t)
	if port < firstPort || port >= firstPort+portCount {
		t.Fatalf("port %d", port)
	}
	seen := map[int]bool{port: true}
	for range 50 {
		p := FreePort(t)
		if seen[p] {
			t.Fatalf("port %d is given twice", p)
		}
		seen[p] = true
	}
	if reserved(portFile(port)) {
		t.Fatalf("port %d can be reserved again: a file description of its own, as another process would have", port)
	}
}
