// How a function of Slipway reads its arguments and gives its values: docs/sql/wasm.md.

/** The host's memory for a batch. It asks again when it needs more. */
export function slipway_alloc(size: u32): usize {
  return heap.alloc(size);
}

/** A column of a batch, as it lies in memory. */
@unmanaged export class Column {
  kind: u32;
  nulls: u32;
  data: u32;
  offsets: u32;

  isNull(row: i32): bool { return this.nulls != 0 && load<u8>(this.nulls + row) != 0; }
  setNull(row: i32): void { store<u8>(this.nulls + row, 1); }
  whole(row: i32): i64 { return load<i64>(this.data + row * 8); }
  setWhole(row: i32, x: i64): void { store<i64>(this.data + row * 8, x); }
  float(row: i32): f64 { return load<f64>(this.data + row * 8); }
  setFloat(row: i32, x: f64): void { store<f64>(this.data + row * 8, x); }
  /** The address of a text's or a state's bytes. */
  bytes(row: i32): usize { return this.data + load<u32>(this.offsets + row * 4); }
  text(row: i32): string {
    const from = load<u32>(this.offsets + row * 4), to = load<u32>(this.offsets + row * 4 + 4);
    return String.UTF8.decodeUnsafe(this.data + from, to - from);
  }
}

/** The argument of a number; the result stands behind the arguments. */
export function column(at: usize, n: i32): Column { return changetype<Column>(at + n * 16); }

let bytes: usize = 0, room: i32 = 0;

/** The texts of a result, one for each row in order. */
export class Texts {
  private end: i32 = 0;
  private rows: i32 = 0;
  constructor(private out: Column) { store<u32>(out.offsets, 0); }

  push(text: string): void {
    const size = String.UTF8.byteLength(text);
    if (this.end + size > room) {
      room = 2 * (this.end + size);
      bytes = bytes == 0 ? heap.alloc(room) : heap.realloc(bytes, room);
    }
    String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, bytes + this.end);
    this.end += size;
    this.rows++;
    store<u32>(this.out.offsets + this.rows * 4, this.end);
    this.out.data = bytes as u32;
  }
  pushNull(): void {
    this.out.setNull(this.rows);
    this.push("");
  }
}

/** The next states of groups, each of so many bytes, in order. */
export class States {
  isNew: bool = false;
  constructor(private before: Column, private after: Column, private size: u32) {}

  /** The address of a group's next state, which is the former one at first; isNew: it had none. */
  next(group: i32): usize {
    const end = (group + 1) * this.size;
    if (<i32>end > room) {
      room = 2 * end;
      bytes = bytes == 0 ? heap.alloc(room) : heap.realloc(bytes, room);
    }
    this.after.data = bytes as u32;
    store<u32>(this.after.offsets + (group + 1) * 4, end);
    const to = bytes + group * this.size;
    this.isNew = this.before.isNull(group);
    if (!this.isNew) memory.copy(to, this.before.bytes(group), this.size);
    return to;
  }
}
