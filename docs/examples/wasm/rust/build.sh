#!/bin/sh
# Needs rustc and its target: rustup target add wasm32-unknown-unknown
cd "$(dirname "$0")" || exit 1
for module in ${*:-functions tables aggregates types}; do
	rustc --target wasm32-unknown-unknown --crate-type cdylib --edition 2021 -O -C panic=abort -C lto -C strip=symbols -C link-arg=-zstack-size=65536 -o $module.wasm $module.rs
done
