#!/bin/sh
# Needs the compiler: npm install assemblyscript
cd "$(dirname "$0")" || exit 1
for module in ${*:-functions aggregates}; do
	npx asc $module.ts --outFile $module.wasm --runtime incremental --optimize
done
