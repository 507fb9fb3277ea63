//! How a function of Slipway reads its arguments and gives its values: docs/sql/wasm.md.
#![allow(dead_code)]

use std::alloc::{alloc, Layout};

/// A column of a batch, as it lies in memory.
#[repr(C)]
pub struct Column {
    kind: u32,
    nulls: u32,
    data: u32,
    offsets: u32,
}

impl Column {
    pub fn is_null(&self, row: usize) -> bool {
        self.nulls != 0 && unsafe { *((self.nulls as usize + row) as *const u8) != 0 }
    }
    pub fn set_null(&mut self, row: usize) {
        unsafe { *((self.nulls as usize + row) as *mut u8) = 1 }
    }
    pub fn whole(&self, row: usize) -> i64 {
        unsafe { *((self.data as usize + row * 8) as *const i64) }
    }
    pub fn set_whole(&mut self, row: usize, x: i64) {
        unsafe { *((self.data as usize + row * 8) as *mut i64) = x }
    }
    pub fn float(&self, row: usize) -> f64 {
        unsafe { *((self.data as usize + row * 8) as *const f64) }
    }
    pub fn set_float(&mut self, row: usize, x: f64) {
        unsafe { *((self.data as usize + row * 8) as *mut f64) = x }
    }
    pub fn text(&self, row: usize) -> &str {
        unsafe {
            let offsets = self.offsets as *const u32;
            let (from, to) = (*offsets.add(row), *offsets.add(row + 1));
            let bytes = std::slice::from_raw_parts((self.data + from) as *const u8, (to - from) as usize);
            std::str::from_utf8_unchecked(bytes)
        }
    }
}

/// Texts collects those of a result, one for each row in order.
pub struct Texts<'a> {
    column: &'a mut Column,
    rows: usize,
}

static mut BYTES: Vec<u8> = Vec::new();

impl<'a> Texts<'a> {
    pub fn new(column: &'a mut Column) -> Self {
        #[allow(static_mut_refs)]
        unsafe {
            BYTES.clear();
            *(column.offsets as *mut u32) = 0;
        }
        Texts { column, rows: 0 }
    }
    pub fn push(&mut self, text: &str) {
        #[allow(static_mut_refs)]
        unsafe {
            BYTES.extend_from_slice(text.as_bytes());
            self.rows += 1;
            *(self.column.offsets as *mut u32).add(self.rows) = BYTES.len() as u32;
            self.column.data = BYTES.as_ptr() as u32;
        }
    }
    pub fn push_null(&mut self) {
        let row = self.rows;
        self.push("");
        self.column.set_null(row);
    }
}

/// The columns of a call: the arguments, and the result behind them.
pub unsafe fn columns(at: u32, n: usize) -> &'static mut [Column] {
    std::slice::from_raw_parts_mut(at as *mut Column, n)
}

#[no_mangle]
pub extern "C" fn slipway_alloc(size: u32) -> u32 {
    unsafe { alloc(Layout::from_size_align_unchecked(size as usize, 8)) as u32 }
}
