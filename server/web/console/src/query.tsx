// Statements by hand: an editor, results as they come, and what was run before.
import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import { type Cell, type Column, type Fault, QueryError, run as ask, type Row } from "./api"
import { faultOf, refresh, useLook } from "./data"
import { Editor, type Names } from "./editor"
import { duration, number } from "./format"
import { useOnce } from "./job_properties"
import { useJobs } from "./jobs_data"
import { streamsQuery } from "./streams"
import { type Head, Note, Trouble, VirtualTable } from "./ui"

const kept = 10_000 // rows of a result that the page holds

interface Result { columns: Column[]; rows: { n: number; cells: Cell[] }[]; count: number; tag: string | null; notices: Fault[] }
interface Past { text: string; at: number; ms: number; ok: boolean; said: string }

function load(): Past[] { try { return JSON.parse(localStorage.getItem("slipway.history") ?? "[]") } catch { return [] } }

// remembered tells whether a text may be kept in the browser: what may hold a secret is not.
const remembered = (text: string) => !/password|secret|identified|verifier/i.test(text)

function useNames(): Names {
  const { rows: streams } = useLook(streamsQuery, 5000), { jobs } = useJobs()
  const functions = useOnce("select name, text from slipway.functions").rows
  const columns = useOnce("select table_schema, table_name, column_name, data_type from information_schema.columns where table_schema not in ('pg_catalog', 'information_schema')").rows
  const own = useMemo(() => [...new Set((columns ?? []).filter(c => c.table_schema === "slipway").map(c => c.table_name!))], [columns])
  const shape = (streams ?? []).map(s => s.database! + s.name).join() + (jobs ?? []).map(j => j.full).join()
  return useMemo(() => {
    const of = (table: string, schema?: string) => (columns ?? []).filter((c: Row) => c.table_name === table && (!schema || c.table_schema === schema)).map((c: Row) => ({ name: c.column_name!, type: c.data_type! }))
    return {
      relations: [...(streams ?? []).map(s => ({ name: s.name!, kind: s.kind!, columns: of(s.name!) })), ...own.map(t => ({ name: "slipway." + t, kind: "of the server", columns: of(t, "slipway") }))],
      jobs: (jobs ?? []).map(j => j.name), functions: (functions ?? []).map((f: Row) => ({ name: f.name!, text: f.text ?? "" })),
    }
  }, [shape, functions, columns, own])
}

export function Query() {
  const names = useNames(), { rows: streams } = useLook(streamsQuery, 5000)
  const [text, setText] = useState(sessionStorage.getItem("slipway.text") ?? ""), [start, setStart] = useState(text), [database, setDatabase] = useState(sessionStorage.getItem("slipway.database") ?? "default")
  const [results, setResults] = useState<Result[]>([]), [fault, setFault] = useState<{ at: number; base: number; text: string; fault: Fault } | null>(null), [error, setError] = useState<QueryError | null>(null)
  const [began, setBegan] = useState<number | null>(null), [took, setTook] = useState<number | null>(null), [past, setPast] = useState(load), [shown, setShown] = useState(0)
  const stop = useRef<AbortController | null>(null)
  useEffect(() => () => stop.current?.abort(), [])
  const databases = [...new Set(["default", database, ...(streams ?? []).map(s => s.database!)])].sort()

  const keep = (p: Past) => setPast(list => { const next = [p, ...list.filter(o => o.text !== p.text)].slice(0, 100); localStorage.setItem("slipway.history", JSON.stringify(next)); return next })

  const run = async (sql: string, base: number) => {
    if (!sql.trim() || stop.current) return
    const c = stop.current = new AbortController(), at = Date.now(), list: Result[] = []
    let pending = 0
    const show = () => { if (!pending) pending = window.setTimeout(() => { pending = 0; setResults(list.map(r => ({ ...r, rows: [...r.rows] }))) }, 80) }
    const open = (columns: Column[]) => { list.push({ columns, rows: [], count: 0, tag: null, notices: [] }); setShown(list.length - 1) }
    const current = () => { if (!list.length || list.at(-1)!.tag !== null) open([]); return list.at(-1)! }
    setResults([]); setShown(0); setFault(null); setError(null); setTook(null); setBegan(at)
    let said = "", ok = true
    try {
      await ask({ sql, database, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone }, {
        columns: cols => { open(cols); show() },
        rows: rows => { const r = current(); for (const cells of rows) r.rows.push({ n: ++r.count, cells }); if (r.rows.length > kept) r.rows.splice(0, r.rows.length - kept); show() },
        notice: f => { current().notices.push(f); show() }, tag: t => { current().tag = t; said = t; show() },
      }, c.signal)
    } catch (e) {
      if (c.signal.aborted) said = "stopped"
      else { const q = faultOf(e); ok = false; said = q.message; setError(q); setFault({ at: Date.now(), base, text: sql, fault: q.fault }) }
    }
    clearTimeout(pending)
    stop.current = null
    setResults(list); setBegan(null); setTook(Date.now() - at)
    if (remembered(sql)) keep({ text: sql, at, ms: Date.now() - at, ok, said })
    refresh(true)
  }

  const r = results[shown]
  return <div class="page full query">
    <h1 class="hidden">Query</h1>
    <div class="write"><Editor initial={start} names={names} fault={fault} run={run} label="Statements" change={t => { setText(t); if (remembered(t)) sessionStorage.setItem("slipway.text", t) }} /></div>
    <div class="bar">
      {began ? <button class="danger" onClick={() => stop.current?.abort()}>Stop</button> : <button class="primary" onClick={() => run(text, 0)} disabled={!text.trim()} title="Ctrl+Enter">Run</button>}
      <label class="inline">in <select value={database} aria-label="Database" onChange={e => { const d = (e.target as HTMLSelectElement).value; setDatabase(d); sessionStorage.setItem("slipway.database", d) }}>{databases.map(d => <option key={d}>{d}</option>)}</select></label>
      <span class="quiet" role="status">{began ? "runs… " + (r ? number(r.count) + " rows" : "") : took != null ? duration(took) : "Ctrl+Enter runs all, or what is selected"}</span>
      <details class="history"><summary>History</summary><ul>{past.length ? past.map(p => <li key={p.at}><button onClick={e => { setText(p.text); setStart(p.text); setTimeout(() => setStart(p.text)); (e.currentTarget as HTMLElement).closest("details")!.open = false }}>
        <code>{p.text}</code><small>{p.ok ? "" : "✕ "}{p.said} · {new Date(p.at).toLocaleString()} · {duration(p.ms)}</small></button></li>) : <li class="quiet">Nothing was run yet.</li>}</ul></details>
    </div>
    <Trouble error={error} />
    {results.length > 1 && <div class="tabs" role="group" aria-label="Results">{results.map((x, i) => <button key={i} class={i === shown ? "on" : ""} aria-pressed={i === shown} onClick={() => setShown(i)}>{x.tag ?? "…"}</button>)}</div>}
    {r?.notices.map((n, i) => <Note key={i} tone={n.severity === "WARNING" ? "warn" : "idle"}>{n.severity.toLowerCase()}: {n.message}{n.hint && <p>{n.hint}</p>}</Note>)}
    {r && <Rows result={r} />}
    {!r && !error && !began && <p class="empty">Any statement that psql takes. A query over a stream goes on until it is stopped when it is written <code>COPY (SELECT …) TO STDOUT</code>.</p>}
  </div>
}

const numeric = new Set([20, 21, 23, 26, 700, 701, 1700])

function Rows({ result }: { result: Result }) {
  const heads: Head<{ n: number; cells: Cell[] }>[] = useMemo(() => result.columns.map((c, i) => ({
    key: "c" + i, label: c.name, right: numeric.has(c.type), sort: r => numeric.has(c.type) && r.cells[i] != null ? Number(r.cells[i]) : r.cells[i],
    cell: r => r.cells[i] === null ? <i class="null">null</i> : <span class="value" title={r.cells[i]!.length > 40 ? r.cells[i]! : undefined}>{r.cells[i]}</span>,
  })), [result.columns])
  if (!result.columns.length) return <p class="quiet done">{result.tag}</p>
  return <>
    <VirtualTable rows={result.rows} heads={heads} id={r => String(r.n)} label="Result" rowHeight={28} />
    <p class="quiet done">{result.tag ?? "…"}{result.count > kept && `: the last ${number(kept)} of ${number(result.count)} rows are shown`}</p>
  </>
}
