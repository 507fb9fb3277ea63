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
    pub fn interval(&self, row: usize) -> Interval {
        unsafe { *((self.data as usize + row * 16) as *const Interval) }
    }
    pub fn set_interval(&mut self, row: usize, x: Interval) {
        unsafe { *((self.data as usize + row * 16) as *mut Interval) = x }
    }
    /// The values of another column of the same kind become those of this one.
    pub unsafe fn set_all(&mut self, from: &Column, rows: usize) {
        let bytes = [0, rows, rows * 8, rows * 8, rows * 16, 0, 0, rows * 16][self.kind as usize];
        std::ptr::copy(from.data as *const u8, self.data as *mut u8, bytes);
        if self.kind == 5 {
            self.data = from.data;
            std::ptr::copy(from.offsets as *const u32, self.offsets as *mut u32, rows + 1);
        }
    }
    pub fn text(&self, row: usize) -> &str {
        unsafe { std::str::from_utf8_unchecked(self.bytes(row)) }
    }
    pub fn bytes(&self, row: usize) -> &[u8] {
        unsafe {
            let offsets = self.offsets as *const u32;
            let (from, to) = (*offsets.add(row), *offsets.add(row + 1));
            std::slice::from_raw_parts((self.data + from) as *const u8, (to - from) as usize)
        }
    }
}

/// A value of type INTERVAL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Interval {
    pub micros: i64,
    pub days: i32,
    pub months: i32,
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
        self.push_bytes(text.as_bytes());
    }
    pub fn push_bytes(&mut self, bytes: &[u8]) {
        #[allow(static_mut_refs)]
        unsafe {
            BYTES.extend_from_slice(bytes);
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

/// Rows are those that a function with RETURNS TABLE gives: of each argument row any number.
pub struct Rows<'a> {
    bounds: &'a mut Column,
    done: usize,
    count: u32,
}

impl<'a> Rows<'a> {
    pub fn new(bounds: &'a mut Column) -> Self {
        Rows { bounds, done: 0, count: 0 }
    }
    /// One more row was given for the present argument row.
    pub fn row(&mut self) {
        self.count += 1;
    }
    /// The present argument row has all its rows.
    pub fn end(&mut self) {
        self.done += 1;
        unsafe { *(self.bounds.offsets as *mut u32).add(self.done) = self.count };
    }
}

/// A column of these rows, which is kept here until the next call.
pub struct Values<T> {
    nulls: Vec<u8>,
    values: Vec<T>,
    bytes: Vec<u8>,
}

impl<T: Copy> Values<T> {
    pub const fn new() -> Self {
        Values { nulls: Vec::new(), values: Vec::new(), bytes: Vec::new() }
    }
    pub fn clear(&mut self) {
        self.nulls.clear();
        self.values.clear();
        self.bytes.clear();
    }
    pub fn push(&mut self, x: T) {
        self.nulls.push(0);
        self.values.push(x);
    }
    pub fn push_null(&mut self, x: T) {
        self.nulls.push(1);
        self.values.push(x);
    }
    /// Of whole numbers (i64) and DOUBLE (f64).
    pub fn give(&self, column: &mut Column) {
        column.nulls = self.nulls.as_ptr() as u32;
        column.data = self.values.as_ptr() as u32;
    }
}

/// Of texts the values are where each ends, behind a first 0.
impl Values<u32> {
    pub fn push_text(&mut self, text: &[u8]) {
        if self.values.is_empty() {
            self.values.push(0);
        }
        self.bytes.extend_from_slice(text);
        self.push(self.bytes.len() as u32);
    }
    pub fn push_null_text(&mut self) {
        self.push_text(b"");
        *self.nulls.last_mut().unwrap() = 1;
    }
    pub fn give_texts(&mut self, column: &mut Column) {
        if self.values.is_empty() {
            self.values.push(0);
        }
        column.nulls = self.nulls.as_ptr() as u32;
        column.data = self.bytes.as_ptr() as u32;
        column.offsets = self.values.as_ptr() as u32;
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
