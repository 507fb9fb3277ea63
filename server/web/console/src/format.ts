// Figures and times as people read them.

const units: [number, string][] = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]

// number gives three digits and a unit: 1.23k.
export function number(n: number | null | undefined): string {
  if (n == null || !isFinite(n)) return "–"
  for (const [size, unit] of units) if (Math.abs(n) >= size) return short(n / size) + unit
  return short(n)
}

function short(n: number): string {
  const a = Math.abs(n)
  return n === Math.round(n) && a < 1000 ? String(n) : a >= 100 ? n.toFixed(0) : a >= 10 ? n.toFixed(1) : n.toFixed(a < 0.1 && a > 0 ? 2 : 1)
}

export const rate = (n: number | null | undefined) => n == null ? "–" : number(n) + "/s"

export function bytes(n: number | null | undefined): string {
  if (n == null) return "–"
  for (const [size, unit] of [[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]] as [number, string][])
    if (n >= size) return short(n / size) + " " + unit
  return n + " B"
}

export const share = (x: number | null | undefined) => x == null ? "–" : Math.round(x * 100) + " %"

// duration of milliseconds.
export function duration(ms: number | null | undefined): string {
  if (ms == null) return "–"
  const s = Math.abs(ms) / 1000, sign = ms < 0 ? "−" : ""
  if (s < 1) return sign + Math.round(s * 1000) + " ms"
  if (s < 60) return sign + (s < 10 ? s.toFixed(1) : Math.round(s)) + " s"
  if (s < 3600) return sign + Math.floor(s / 60) + " min" + (s < 600 && Math.floor(s % 60) ? " " + Math.floor(s % 60) + " s" : "")
  if (s < 86400) return sign + Math.floor(s / 3600) + " h" + (Math.floor(s % 3600 / 60) ? " " + Math.floor(s % 3600 / 60) + " min" : "")
  return sign + Math.floor(s / 86400) + " d" + (Math.floor(s % 86400 / 3600) ? " " + Math.floor(s % 86400 / 3600) + " h" : "")
}

// moment reads a time of the server, which is UTC where it names no zone.
export function moment(text: string | null | undefined): Date | null {
  if (!text) return null
  const iso = text.trim().replace(" ", "T")
  const d = new Date(/([zZ]|[+-]\d\d(:?\d\d)?)$/.test(iso) ? iso.replace(/([+-]\d\d)$/, "$1:00") : iso + "Z")
  return isNaN(d.getTime()) ? null : d
}

// age is how long ago a time was, and a dash where there is none.
export function age(text: string | null | undefined, now: number): string {
  const d = moment(text)
  if (!d) return "–"
  const ms = now - d.getTime()
  return ms <= -1000 ? duration(-ms) + " ahead" : ms < 1000 ? "now" : duration(ms)
}

// ago is the same as a phrase.
export function ago(text: string | null | undefined, now: number): string {
  const a = age(text, now)
  return a === "–" || a.endsWith("ahead") ? a : a === "now" ? "just now" : a + " ago"
}

const two = (n: number) => String(n).padStart(2, "0")

// clock is a time in the browser's zone, with its day unless that is today.
export function clock(text: string | null | undefined): string {
  const d = moment(text)
  if (!d) return "–"
  const time = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`
  return d.toDateString() === new Date().toDateString() ? time : `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${time}`
}

export const toNumber = (c: string | null | undefined) => c == null || c === "" ? null : Number(c)

// list reads a text array of PostgreSQL: {a,"b c"}.
export function list(text: string | null | undefined): string[] {
  if (!text || text.length < 3) return []
  const out: string[] = []
  let item = "", inside = false
  for (let i = 1; i < text.length - 1; i++) {
    const c = text[i]
    if (c === "\\" && inside) item += text[++i]
    else if (c === '"') inside = !inside
    else if (c === "," && !inside) { out.push(item); item = "" }
    else item += c
  }
  out.push(item)
  return out
}
