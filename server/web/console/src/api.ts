// The one way to the server: statements, and who is signed in.

export interface Fault { severity: string; code: string; message: string; detail?: string; hint?: string; position?: number }
export interface Column { name: string; type: number }
export type Cell = string | null
export interface Visitor { user: string; open: boolean; version: string; role: string }
export interface Question { sql: string; database?: string; timeZone?: string; shared?: boolean }

// What arrives of an answer, in order.
export interface Receiver {
  columns?(list: Column[]): void
  rows?(list: Cell[][]): void
  notice?(f: Fault): void
  tag?(text: string): void
}

export class QueryError extends Error {
  constructor(readonly fault: Fault) { super(fault.message) }
}

// Called when the server says that nobody is signed in any more.
export let onSignedOut = () => {}
export function setOnSignedOut(f: () => void) { onSignedOut = f }

function post(path: string, body: unknown, signal?: AbortSignal, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(path, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body), signal })
}

async function refused(r: Response): Promise<QueryError> {
  if (r.status === 401) onSignedOut()
  const body = await r.json().catch(() => null)
  return new QueryError(body?.error ?? { severity: "ERROR", code: String(r.status), message: `the server answered ${r.status}` })
}

function take(line: string, to: Receiver) {
  const x = JSON.parse(line)
  if (x.rows) to.rows?.(x.rows)
  else if (x.columns) to.columns?.(x.columns)
  else if (x.notice) to.notice?.(x.notice)
  else if (x.error) throw new QueryError(x.error)
  else to.tag?.(x.tag)
}

// run sends statements and hands on what comes, until the end, an error (thrown), or the signal.
export async function run(q: Question, to: Receiver, signal?: AbortSignal): Promise<void> {
  const r = await post("api/query", q, signal)
  if (!r.ok) throw await refused(r)
  const reader = r.body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ""
  for (;;) {
    const { value, done } = await reader.read()
    if (done) break
    const lines = (rest + value).split("\n")
    rest = lines.pop()!
    for (const l of lines) take(l, to)
  }
  if (rest) take(rest, to)
}

export type Row = Record<string, Cell>

// rowsOf runs one statement and gives its rows by the names of their columns.
export async function rowsOf(sql: string, database?: string): Promise<Row[]> {
  const out: Row[] = []
  let names: string[] = []
  await run({ sql, database }, collect(out, n => names = n, () => names))
  return out
}

function collect(out: Row[], set: (n: string[]) => void, names: () => string[]): Receiver {
  return {
    columns: list => set(list.map(c => c.name)),
    rows: list => { for (const r of list) out.push(Object.fromEntries(names().map((n, i) => [n, r[i]]))) },
  }
}

const held = new Map<string, { etag: string; rows: Row[] }>()

// ask is rowsOf for what everybody looks at: the server answers all with one answer for a second or some; anew asks for one of now. As long as
// nothing has changed, the rows are the same object.
export async function ask(sql: string, anew = false): Promise<Row[]> {
  const before = held.get(sql)
  const r = await post("api/query", { sql, timeZone: "UTC", shared: true, anew }, undefined, before ? { "If-None-Match": before.etag } : {})
  if (r.status === 304 && before) return before.rows
  if (!r.ok) throw await refused(r)
  const rows: Row[] = []
  let names: string[] = []
  const to = collect(rows, n => names = n, () => names)
  for (const l of (await r.text()).split("\n")) if (l) take(l, to)
  if (held.size > 50) held.clear()
  held.set(sql, { etag: r.headers.get("ETag") ?? "", rows })
  return rows
}

export async function whoAmI(): Promise<Visitor> {
  const r = await fetch("api/session")
  if (!r.ok) throw await refused(r)
  return r.json()
}

export async function signIn(user: string, password: string): Promise<Visitor> {
  const r = await post("api/sign-in", { user, password })
  if (!r.ok) throw r.status === 401 ? new QueryError((await r.json()).error) : await refused(r)
  return r.json()
}

export async function signOut(): Promise<void> {
  await post("api/sign-out", {})
  held.clear()
}

// quoted is a text as a literal of SQL, named a name of two parts ("db.job").
export const quoted = (text: string) => "'" + text.replaceAll("'", "''") + "'"
export const named = (full: string) => full.split(".").map(p => /^[a-z_][a-z0-9_]*$/.test(p) ? p : '"' + p.replaceAll('"', '""') + '"').join(".")
