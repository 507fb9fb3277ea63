//! CREATE FUNCTION mask(s STRING, keep BIGINT) RETURNS STRING LANGUAGE wasm AS 'functions.wasm';
//! CREATE FUNCTION distance(lat1 DOUBLE, lon1 DOUBLE, lat2 DOUBLE, lon2 DOUBLE) RETURNS DOUBLE LANGUAGE wasm STRICT AS 'functions.wasm';
mod slipway;
use slipway::{columns, Texts};

/// All characters but the last `keep` become stars; keep below zero fails.
#[no_mangle]
pub extern "C" fn mask(rows: u32, at: u32) -> u32 {
    let [s, keep, out] = (unsafe { columns(at, 3) }) else { return 0 };
    let mut texts = Texts::new(out);
    for row in 0..rows as usize {
        if s.is_null(row) || keep.is_null(row) {
            texts.push_null();
            continue;
        }
        if keep.whole(row) < 0 {
            return c"keep is below zero".as_ptr() as u32;
        }
        let text = s.text(row);
        let hidden = text.chars().count().saturating_sub(keep.whole(row) as usize);
        let masked: String = text.chars().enumerate().map(|(i, c)| if i < hidden { '*' } else { c }).collect();
        texts.push(&masked);
    }
    0
}

/// Kilometres between two places, on a sphere.
#[no_mangle]
pub extern "C" fn distance(rows: u32, at: u32) -> u32 {
    let [lat1, lon1, lat2, lon2, out] = (unsafe { columns(at, 5) }) else { return 0 };
    for row in 0..rows as usize {
        let (a, b) = (lat1.float(row).to_radians(), lat2.float(row).to_radians());
        let half = |x: f64| (x / 2.0).sin().powi(2);
        let h = half(b - a) + a.cos() * b.cos() * half((lon2.float(row) - lon1.float(row)).to_radians());
        out.set_float(row, 2.0 * 6371.0 * h.sqrt().asin());
    }
    0
}

/// As `x * 2 + 1`, for the benchmark.
#[no_mangle]
pub extern "C" fn twice(rows: u32, at: u32) -> u32 {
    let [x, out] = (unsafe { columns(at, 2) }) else { return 0 };
    for row in 0..rows as usize {
        out.set_whole(row, x.whole(row).wrapping_mul(2).wrapping_add(1));
    }
    0
}
