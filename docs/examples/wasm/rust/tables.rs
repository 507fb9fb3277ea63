//! CREATE FUNCTION words(s STRING) RETURNS TABLE (word STRING, n BIGINT) LANGUAGE wasm AS 'tables.wasm';
//! CREATE FUNCTION divisors(x BIGINT) RETURNS TABLE (d BIGINT, share DOUBLE) LANGUAGE wasm STRICT AS 'tables.wasm';
mod slipway;
use slipway::{columns, Rows, Values};

static mut WORDS: Values<u32> = Values::new();
static mut NUMBERS: Values<i64> = Values::new();
static mut SHARES: Values<f64> = Values::new();

/// The words of a text, in lower case, and the place of each; a text without words gives no rows, NULL a row of NULL.
#[no_mangle]
#[allow(static_mut_refs)]
pub extern "C" fn words(rows: u32, at: u32) -> u32 {
    let [s, bounds, word, n] = (unsafe { columns(at, 4) }) else { return 0 };
    let (texts, places, mut given) = unsafe { (&mut WORDS, &mut NUMBERS, Rows::new(bounds)) };
    texts.clear();
    places.clear();
    for row in 0..rows as usize {
        if s.is_null(row) {
            texts.push_null_text();
            places.push_null(0);
            given.row();
        } else {
            for (i, w) in s.text(row).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).enumerate() {
                texts.push_text(w.to_lowercase().as_bytes());
                places.push(i as i64 + 1);
                given.row();
            }
        }
        given.end();
    }
    texts.give_texts(word);
    places.give(n);
    0
}

/// The numbers that divide another, and what part of it each is; 0 and less fail.
#[no_mangle]
#[allow(static_mut_refs)]
pub extern "C" fn divisors(rows: u32, at: u32) -> u32 {
    let [x, bounds, d, share] = (unsafe { columns(at, 4) }) else { return 0 };
    let (numbers, shares, mut given) = unsafe { (&mut NUMBERS, &mut SHARES, Rows::new(bounds)) };
    numbers.clear();
    shares.clear();
    for row in 0..rows as usize {
        if x.is_null(row) {
            given.end();
            continue;
        }
        let of = x.whole(row);
        if of <= 0 {
            return c"only numbers above 0 have divisors".as_ptr() as u32;
        }
        for i in (1..=of).filter(|i| of % i == 0) {
            numbers.push(i);
            shares.push(i as f64 / of as f64);
            given.row();
        }
        given.end();
    }
    numbers.give(d);
    shares.give(share);
    0
}
