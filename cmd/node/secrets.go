package node

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"slipway/conf"
	"slipway/executor"
	"slipway/server/secrets"
	"slipway/sql/catalog"
)

// vault is that of the recovery mode: a server alone makes its key, several share one. One of several that
// has another key does not start: it could not run the jobs when its turn comes.
func vault(cfg *conf.Values, store catalog.Store, log *slog.Logger) (*secrets.Vault, error) {
	v := &secrets.Vault{File: conf.SecretKeyFile.Get(cfg), Snapshot: store.Snapshot, Log: log}
	if conf.RecoveryMode.Get(cfg) == "local" {
		v.Make = true // and jobs that need no secret run without the key
		if v.File == "" {
			v.File = filepath.Join(conf.DataDirectory.Get(cfg), "secret.key")
		}
	}
	err := v.Check()
	if err != nil && v.Make {
		log.Error("jobs that need a secret will fail", "error", err)
		err = nil
	}
	return v, err
}

// opening gives connectors the values of secrets when they are opened.
func (n *Node) opening(list []executor.Connector) []executor.Connector {
	out := make([]executor.Connector, len(list))
	for i, c := range list {
		out[i] = secrets.Connector{Connector: c, Vault: n.secrets}
	}
	return out
}

// signIn are the settings of the server's own brokers, with secrets opened; the embedded one needs none.
func (n *Node) signIn() (map[string]string, error) {
	out := map[string]string{}
	if n.broker != nil {
		return out, nil
	}
	for _, s := range conf.KafkaSecurity {
		text, err := n.secrets.Open(n.cfg.Text(s.Key))
		if err != nil {
			return nil, fmt.Errorf("server setting %s: %w", s.Key, err)
		}
		if text != "" {
			out[strings.TrimPrefix(s.Key, "kafka.")] = text
		}
	}
	return out, nil
}
