#!/bin/sh
# Needs rustc and its target: rustup target add wasm32-unknown-unknown
cd "$(dirname "$0")" || exit 1
rustc --target wasm32-unknown-unknown --crate-type cdylib --edition 2021 -O -C panic=abort -C lto -C strip=symbols -C link-arg=-zstack-size=65536 -o functions.wasm functions.rs
