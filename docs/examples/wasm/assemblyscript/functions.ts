// CREATE FUNCTION levenshtein(a STRING, b STRING) RETURNS INT LANGUAGE wasm STRICT AS 'functions.wasm';
// CREATE FUNCTION slug(s STRING) RETURNS VARCHAR(40) LANGUAGE wasm AS 'functions.wasm';
import { column, Texts } from "./slipway";
export { slipway_alloc } from "./slipway";

/** How many characters must be changed, inserted or deleted to make one text of another. */
export function levenshtein(rows: i32, at: usize): i32 {
  const a = column(at, 0), b = column(at, 1), out = column(at, 2);
  for (let row = 0; row < rows; row++) out.setWhole(row, edits(a.text(row), b.text(row)));
  return 0;
}

function edits(a: string, b: string): i64 {
  const line = new StaticArray<i32>(b.length + 1);
  for (let j = 0; j <= b.length; j++) line[j] = j;
  for (let i = 1; i <= a.length; i++) {
    let corner = line[0];
    line[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const same = corner + (a.charCodeAt(i - 1) == b.charCodeAt(j - 1) ? 0 : 1);
      corner = line[j];
      line[j] = min(same, min(line[j], line[j - 1]) + 1);
    }
  }
  return line[b.length];
}

/** Lower-case letters and digits with - between them; NULL of an empty text. */
export function slug(rows: i32, at: usize): i32 {
  const s = column(at, 0), texts = new Texts(column(at, 1));
  for (let row = 0; row < rows; row++) {
    if (s.isNull(row) || s.text(row).length == 0) texts.pushNull();
    else texts.push(slugOf(s.text(row).toLowerCase()));
  }
  return 0;
}

function slugOf(s: string): string {
  let out = "", gap = false;
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i);
    if (c >= 97 && c <= 122 || c >= 48 && c <= 57) {
      if (gap && out.length > 0) out += "-";
      out += String.fromCharCode(c);
      gap = false;
    } else gap = true;
  }
  return out;
}
