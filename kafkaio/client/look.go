package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// Cluster facts that somebody wants to know before jobs rely on it.
type Facts struct {
	// ID of the cluster.
	ID string
	// Brokers are the addresses that the brokers give out to clients, host:port.
	Brokers []string
	// Version is that of the brokers, as far as what they can do tells; the oldest of them.
	Version string
	// Missing are the rights on the cluster and on transactions that the user does not have, as sentences.
	Missing []string
}

// checkID is the transactional id that Look asks for: always the same, so that brokers remember one.
const checkID = "slipway-check"

// Look asks brokers what they are and what the user may do. It makes nothing but the producer id of a transaction that is never begun.
func Look(ctx context.Context, c *Client) (f Facts, err error) {
	admin := kadm.NewClient(c)
	m, err := admin.BrokerMetadata(kadm.WithAuthorizedOps(ctx))
	if err != nil {
		return f, unreachable(c, err)
	}
	f.ID = m.Cluster
	for _, b := range m.Brokers {
		f.Brokers = append(f.Brokers, b.Host+":"+strconv.Itoa(int(b.Port)))
	}
	versions, err := admin.ApiVersions(ctx)
	if err != nil {
		return f, unreachable(c, err)
	}
	for _, v := range versions.Sorted() {
		if v.Err == nil {
			if guess := v.VersionGuess(); f.Version == "" || guess < f.Version {
				f.Version = guess
			}
		}
	}
	if ops := m.AuthorizedOperations; len(ops) > 0 && !slices.Contains(ops, kadm.OpIdempotentWrite) && !slices.Contains(ops, kadm.OpAll) {
		f.Missing = append(f.Missing, "the user may not write idempotently (IdempotentWrite on the cluster)")
	}
	if err := Fence(ctx, c, checkID); errors.Is(err, kerr.TransactionalIDAuthorizationFailed) {
		f.Missing = append(f.Missing, fmt.Sprintf("the user may not write in transactions (Write on transactional id %s): exactly_once is not to be had", checkID))
	} else if err != nil {
		f.Missing = append(f.Missing, fmt.Sprintf("a transaction cannot be begun: %v", err))
	}
	return f, nil
}
