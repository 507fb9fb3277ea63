//! CREATE FUNCTION later(at TIME, by INTERVAL) RETURNS TIME(6) LANGUAGE wasm STRICT AS 'types.wasm';
//! CREATE FUNCTION total(list ARRAY<BIGINT>) RETURNS BIGINT LANGUAGE wasm STRICT AS 'types.wasm';
//! CREATE FUNCTION same(x MAP<STRING, INT>) RETURNS MAP<STRING, INT> LANGUAGE wasm AS 'types.wasm';
mod slipway;
use slipway::{columns, Interval};

const DAY: i64 = 86_400_000_000;

/// The time of day behind another, by the clock; months have none.
#[no_mangle]
pub extern "C" fn later(rows: u32, at: u32) -> u32 {
    let [time, by, out] = (unsafe { columns(at, 3) }) else { return 0 };
    for row in 0..rows as usize {
        let Interval { micros, months, .. } = by.interval(row);
        if months != 0 {
            return c"months are no time of day".as_ptr() as u32;
        }
        out.set_whole(row, (time.whole(row) + micros).rem_euclid(DAY));
    }
    0
}

/// The sum of a list of whole numbers, which comes as JSON: [1,2,null]. NULL counts as nothing.
#[no_mangle]
pub extern "C" fn total(rows: u32, at: u32) -> u32 {
    let [list, out] = (unsafe { columns(at, 2) }) else { return 0 };
    for row in 0..rows as usize {
        let numbers = list.text(row).trim_matches(&['[', ']']).split(',').map(str::trim);
        out.set_whole(row, numbers.filter_map(|n| n.parse::<i64>().ok()).sum());
    }
    0
}

/// A value as it is, of any type.
#[no_mangle]
pub extern "C" fn same(rows: u32, at: u32) -> u32 {
    let [x, out] = (unsafe { columns(at, 2) }) else { return 0 };
    for row in (0..rows as usize).filter(|row| x.is_null(*row)) {
        out.set_null(row);
    }
    unsafe { out.set_all(x, rows as usize) };
    0
}
