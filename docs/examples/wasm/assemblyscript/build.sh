#!/bin/sh
# Needs the compiler: npm install assemblyscript
cd "$(dirname "$0")" || exit 1
npx asc functions.ts --outFile functions.wasm --runtime incremental --optimize
