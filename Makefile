.PHONY: help build run test race fuzz bench lint ci golden servers soak release-data
.DEFAULT_GOAL := help
FUZZTIME ?= 10s

help: ## prints this
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

build: ## builds bin/slipway
	go build -o bin/slipway ./cmd/slipway

run: build ## starts the embedded server with a live demo job
	@echo 'when it is ready: psql -h 127.0.0.1 -p 10010 -d default -c "COPY (SELECT * FROM demo_totals) TO STDOUT"'
	@exec ./bin/slipway server --set server.demo=true

test: ## go vet and all tests, with the race detector; never from the cache: the end-to-end tests run a binary that it does not see
	go vet ./...
	go test -race -count 1 -p 2 -timeout 40m $$(go list ./... | grep -v /tests/query)
	go test -race -count 1 -timeout 30m -run 'TestQueries/plain|Test[^Q]' ./tests/query
	go test -count 1 -timeout 10m -run TestHostile ./tests/clients # its bounds of time and memory are those of a build as it is used
	go test -count 1 -timeout 30m ./executor/op ./tests/query # all rounds of random changes, and all modes: ten times as much with the race detector

race: test ## the same: the race detector is always on

golden: ## rewrites the expected results; read the difference as code
	go test ./tests/query -run 'TestQueries/plain' -rewrite
	go run ./cmd/slipway settings > docs/settings.md

fuzz: ## every fuzz target for FUZZTIME
	@set -e; for p in $$(go list ./...); do \
		for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
			echo "$$p $$f"; .ci/fuzz $$p $$f $(FUZZTIME); \
		done; done

bench: ## kernels and operators, beside plain loops; all of Nexmark; what checkpoints of 1 GB of state cost
	go test -run '^$$' -bench . -benchtime 200x ./executor/...
	go test -count 1 -tags bench -v -run 'TestNexmark|TestIdleJobs|TestState$$' -timeout 40m ./tests/bench

servers: ## real Kafka, ZooKeeper and HDFS on free loopback ports, until Ctrl-C
	go test -tags serve -run TestServe -timeout 0 -count 1 -v ./tests/servers

soak: ## the end-to-end matrix with a million records and twenty kills a line, the simulation with 20,000 seeds, and patterns with 10,000
	SLIPWAY_E2E_RECORDS=1000000 SLIPWAY_E2E_KILLS=20 go test -count 1 -timeout 3h -v -run 'TestExactlyOnce|TestKillServer|TestCrashPoints|TestStandby|TestCoordinatorMoves|TestTransactionsGivenUp' ./tests/e2e
	SLIPWAY_SIM_SEEDS=20000 go test -count 1 -timeout 1h -v ./tests/sim
	SLIPWAY_MATCH_SEEDS=10000 go test -count 1 -timeout 1h -run 'TestMatches$$' ./executor/op

release-data: ## what this tree stores, as test data for all that come after it; RELEASE=name
	@test -n "$(RELEASE)" || { echo "usage: make release-data RELEASE=0.2.0"; exit 1; }
	SLIPWAY_RELEASE=$(RELEASE) go test -tags release -count 1 -timeout 20m -v -run TestMake ./tests/releases

lint: ## gofmt and go vet; golangci-lint where it is installed
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	go vet ./...
	@if command -v golangci-lint >/dev/null; then golangci-lint run; else echo "golangci-lint is not installed: gofmt and go vet only"; fi

ci: lint test fuzz ## what CI runs
