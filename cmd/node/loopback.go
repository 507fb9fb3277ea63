package node

import (
	"fmt"
	"net"

	"slipway/conf"
)

// checkLoopback refuses addresses that other machines reach: nobody is asked who he is
// there yet, and what is said goes unencrypted.
func checkLoopback(cfg *conf.Values) error {
	for _, s := range []conf.StringKey{conf.SQLListen, conf.ConsoleListen, conf.EmbeddedListen} {
		address := s.Get(cfg)
		if address == "" {
			continue
		}
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return fmt.Errorf("%s=%s: %w", s.Name(), address, err)
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return fmt.Errorf("%s=%s: only loopback addresses are served (127.0.0.1, ::1, localhost), because there is no sign-in yet", s.Name(), address)
		}
	}
	return nil
}
