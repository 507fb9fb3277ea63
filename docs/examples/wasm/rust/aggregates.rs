//! CREATE AGGREGATE FUNCTION weighted_avg(x BIGINT, weight BIGINT) RETURNS DOUBLE LANGUAGE wasm STRICT AS 'aggregates.wasm';
//! CREATE AGGREGATE FUNCTION most_common(s STRING) RETURNS STRING LANGUAGE wasm AS 'aggregates.wasm';
mod slipway;
use slipway::{columns, Column, Texts};
use std::collections::BTreeMap;

/// A group's state: how it is read of bytes, and written.
trait State {
    fn read(bytes: &[u8]) -> Self;
    fn write(&self, bytes: &mut Vec<u8>);
}

/// Gives each group its rows: behind the arguments stand the numbers of the groups, their states, and the next ones.
fn each<S: State>(rows: u32, groups: u32, of: &Column, before: &Column, after: &mut Column, take: impl Fn(&mut S, usize) -> Result<(), u32>) -> u32 {
    let (mut texts, mut bytes, mut row) = (Texts::new(after), Vec::new(), 0);
    for group in 0..groups as usize {
        let mut state = S::read(if before.is_null(group) { b"" } else { before.bytes(group) });
        while row < rows as usize && of.whole(row) == group as i64 {
            if let Err(message) = take(&mut state, row) {
                return message;
            }
            row += 1;
        }
        bytes.clear();
        state.write(&mut bytes);
        texts.push_bytes(&bytes);
    }
    0
}

/// Sums of products and of weights.
#[derive(Default)]
struct Weighted {
    sum: i64,
    weights: i64,
}

impl State for Weighted {
    fn read(bytes: &[u8]) -> Self {
        let number = |at: usize| bytes.get(at..at + 8).map_or(0, |b| i64::from_le_bytes(b.try_into().unwrap()));
        Weighted { sum: number(0), weights: number(8) }
    }
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.sum.to_le_bytes());
        bytes.extend(self.weights.to_le_bytes());
    }
}

impl Weighted {
    fn add(&mut self, x: i64, weight: i64, sign: i64) -> Result<(), u32> {
        let product = x.checked_mul(weight).ok_or(c"a product is out of range".as_ptr() as u32)?;
        self.sum += sign * product;
        self.weights += sign * weight;
        Ok(())
    }
}

#[no_mangle]
pub extern "C" fn weighted_avg_accumulate(rows: u32, at: u32, groups: u32) -> u32 {
    let [x, weight, of, before, after] = (unsafe { columns(at, 5) }) else { return 0 };
    each(rows, groups, of, before, after, |s: &mut Weighted, row| s.add(x.whole(row), weight.whole(row), 1))
}

#[no_mangle]
pub extern "C" fn weighted_avg_retract(rows: u32, at: u32, groups: u32) -> u32 {
    let [x, weight, of, before, after] = (unsafe { columns(at, 5) }) else { return 0 };
    each(rows, groups, of, before, after, |s: &mut Weighted, row| s.add(x.whole(row), weight.whole(row), -1))
}

#[no_mangle]
pub extern "C" fn weighted_avg_merge(rows: u32, at: u32, groups: u32) -> u32 {
    let [part, of, before, after] = (unsafe { columns(at, 4) }) else { return 0 };
    each(rows, groups, of, before, after, |s: &mut Weighted, row| {
        let other = Weighted::read(part.bytes(row));
        (s.sum, s.weights) = (s.sum + other.sum, s.weights + other.weights);
        Ok(())
    })
}

/// NULL of no rows, and where the weights are 0 together.
#[no_mangle]
pub extern "C" fn weighted_avg_finish(rows: u32, at: u32) -> u32 {
    let [state, out] = (unsafe { columns(at, 2) }) else { return 0 };
    for row in 0..rows as usize {
        let s = if state.is_null(row) { Weighted::default() } else { Weighted::read(state.bytes(row)) };
        if s.weights == 0 {
            out.set_null(row);
        } else {
            out.set_float(row, s.sum as f64 / s.weights as f64);
        }
    }
    0
}

/// How often each text came.
#[derive(Default)]
struct Counts(BTreeMap<Vec<u8>, i64>);

impl State for Counts {
    fn read(mut bytes: &[u8]) -> Self {
        let mut counts = BTreeMap::new();
        while bytes.len() >= 12 {
            let (n, length) = (i64::from_le_bytes(bytes[..8].try_into().unwrap()), u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize);
            counts.insert(bytes[12..12 + length].to_vec(), n);
            bytes = &bytes[12 + length..];
        }
        Counts(counts)
    }
    fn write(&self, bytes: &mut Vec<u8>) {
        for (text, n) in &self.0 {
            bytes.extend(n.to_le_bytes());
            bytes.extend((text.len() as u32).to_le_bytes());
            bytes.extend(text);
        }
    }
}

impl Counts {
    fn add(&mut self, text: &[u8], n: i64) {
        let count = self.0.entry(text.to_vec()).or_insert(0);
        *count += n;
        if *count == 0 {
            self.0.remove(text);
        }
    }
}

fn count(rows: u32, at: u32, groups: u32, n: i64) -> u32 {
    let [s, of, before, after] = (unsafe { columns(at, 4) }) else { return 0 };
    each(rows, groups, of, before, after, |c: &mut Counts, row| {
        c.add(if s.is_null(row) { b"(none)" } else { s.bytes(row) }, n);
        Ok(())
    })
}

#[no_mangle]
pub extern "C" fn most_common_accumulate(rows: u32, at: u32, groups: u32) -> u32 {
    count(rows, at, groups, 1)
}

#[no_mangle]
pub extern "C" fn most_common_retract(rows: u32, at: u32, groups: u32) -> u32 {
    count(rows, at, groups, -1)
}

#[no_mangle]
pub extern "C" fn most_common_merge(rows: u32, at: u32, groups: u32) -> u32 {
    let [part, of, before, after] = (unsafe { columns(at, 4) }) else { return 0 };
    each(rows, groups, of, before, after, |c: &mut Counts, row| {
        for (text, n) in Counts::read(part.bytes(row)).0 {
            c.add(&text, n);
        }
        Ok(())
    })
}

/// Of texts that came equally often the first in the order of their bytes.
#[no_mangle]
pub extern "C" fn most_common_finish(rows: u32, at: u32) -> u32 {
    let [state, out] = (unsafe { columns(at, 2) }) else { return 0 };
    let mut texts = Texts::new(out);
    for row in 0..rows as usize {
        let counts = if state.is_null(row) { Counts::default() } else { Counts::read(state.bytes(row)) };
        match counts.0.iter().rev().max_by_key(|(_, n)| **n) {
            Some((text, _)) => texts.push_bytes(text),
            None => texts.push_null(),
        }
    }
    0
}
