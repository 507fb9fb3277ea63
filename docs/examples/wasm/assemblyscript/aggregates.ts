// CREATE AGGREGATE FUNCTION spread(x DOUBLE) RETURNS DOUBLE LANGUAGE wasm STRICT AS 'aggregates.wasm';
import { column, States } from "./slipway";
export { slipway_alloc } from "./slipway";

// The difference of the largest and the smallest value. A state is these two; neither can be taken back.

/** Takes rows in: behind the arguments stand the numbers of their groups, the states of these, and the next ones. */
export function spread_accumulate(rows: i32, at: usize, groups: i32): i32 {
  const x = column(at, 0), number = column(at, 1), states = new States(column(at, 2), column(at, 3), 16);
  for (let group = 0, row = 0; group < groups; group++) {
    const s = states.next(group);
    if (states.isNew) store<f64>(s, Infinity), store<f64>(s, -Infinity, 8);
    for (; row < rows && number.whole(row) == group; row++) {
      store<f64>(s, Math.min(load<f64>(s), x.float(row)));
      store<f64>(s, Math.max(load<f64>(s, 8), x.float(row)), 8);
    }
  }
  return 0;
}

/** Takes states in, to which other rows have come. */
export function spread_merge(rows: i32, at: usize, groups: i32): i32 {
  const part = column(at, 0), number = column(at, 1), states = new States(column(at, 2), column(at, 3), 16);
  for (let group = 0, row = 0; group < groups; group++) {
    const s = states.next(group);
    if (states.isNew) store<f64>(s, Infinity), store<f64>(s, -Infinity, 8);
    for (; row < rows && number.whole(row) == group; row++) {
      store<f64>(s, Math.min(load<f64>(s), load<f64>(part.bytes(row))));
      store<f64>(s, Math.max(load<f64>(s, 8), load<f64>(part.bytes(row), 8)), 8);
    }
  }
  return 0;
}

/** Makes the result of a state; that of no rows is NULL. */
export function spread_finish(rows: i32, at: usize): i32 {
  const state = column(at, 0), out = column(at, 1);
  for (let row = 0; row < rows; row++) {
    if (state.isNull(row)) out.setNull(row);
    else out.setFloat(row, load<f64>(state.bytes(row), 8) - load<f64>(state.bytes(row)));
  }
  return 0;
}

// CREATE AGGREGATE FUNCTION odd_bits(x BIGINT) RETURNS BIGINT LANGUAGE wasm STRICT AS 'aggregates.wasm' WITH ("export"="xor");

/** The exclusive or of all values, which is taken back as it is taken in. */
export function xor_accumulate(rows: i32, at: usize, groups: i32): i32 {
  const x = column(at, 0), number = column(at, 1), states = new States(column(at, 2), column(at, 3), 8);
  for (let group = 0, row = 0; group < groups; group++) {
    const s = states.next(group);
    if (states.isNew) store<i64>(s, 0);
    for (; row < rows && number.whole(row) == group; row++) store<i64>(s, load<i64>(s) ^ x.whole(row));
  }
  return 0;
}

export function xor_retract(rows: i32, at: usize, groups: i32): i32 {
  return xor_accumulate(rows, at, groups);
}

export function xor_finish(rows: i32, at: usize): i32 {
  const state = column(at, 0), out = column(at, 1);
  for (let row = 0; row < rows; row++) {
    if (state.isNull(row)) out.setNull(row);
    else out.setWhole(row, load<i64>(state.bytes(row)));
  }
  return 0;
}
