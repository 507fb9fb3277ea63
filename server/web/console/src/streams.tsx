// Streams, tables and views: what they are, and which jobs read and write them.
import { useMemo, useState } from "preact/hooks"
import { named, quoted, type Row } from "./api"
import { useLook } from "./data"
import { useJobs } from "./jobs_data"
import { jobHref } from "./jobs"
import { SQLText } from "./editor"
import { useOnce } from "./job_properties"
import { Empty, type Head, Note, State, Trouble, VirtualTable, Wait } from "./ui"

export const streamsQuery = "select * from slipway.streams"
export const streamHref = (full: string) => "#/streams/" + encodeURIComponent(full)
const fullName = (r: Row) => r.database + "." + r.name

export function Streams() {
  const { rows, error } = useLook(streamsQuery, 3000), { jobs } = useJobs(), [search, setSearch] = useState("")
  const uses = useMemo(() => {
    const m = new Map<string, { reads: number; writes: number }>(), at = (n: string) => m.get(n) ?? m.set(n, { reads: 0, writes: 0 }).get(n)!
    for (const j of jobs ?? []) { for (const n of j.reads) at(n).reads++; for (const n of j.writes) at(n).writes++ }
    return m
  }, [jobs])
  const list = useMemo(() => (rows ?? []).filter(r => search.toLowerCase().split(/\s+/).every(w => Object.values(r).some(v => v?.toLowerCase().includes(w)))).sort((a, b) => fullName(a) < fullName(b) ? -1 : 1), [rows, search])
  if (!rows) return <div class="page"><h1>Streams</h1>{error ? <Trouble error={error} /> : <Wait />}</div>
  const heads: Head<Row>[] = [
    { key: "name", label: "Name", cell: r => <><b>{r.name}</b><small>{r.database}</small></>, sort: fullName },
    { key: "kind", label: "Kind", cell: r => r.kind, sort: r => r.kind }, { key: "connector", label: "Connector", cell: r => r.connector ?? "–", sort: r => r.connector }, { key: "topic", label: "Topic", cell: r => r.topic ?? "–", sort: r => r.topic },
    { key: "writers", label: "Written by", right: true, cell: r => uses.get(fullName(r))?.writes || "–", sort: r => uses.get(fullName(r))?.writes ?? 0 }, { key: "readers", label: "Read by", right: true, cell: r => uses.get(fullName(r))?.reads || "–", sort: r => uses.get(fullName(r))?.reads ?? 0 },
    { key: "comment", label: "Comment", wide: true, cell: r => <span class="clip">{r.comment}</span> },
  ]
  return <div class="page full">
    <div class="head"><h1>Streams</h1></div>
    <div class="bar"><input type="search" placeholder="Search name, topic, connector" aria-label="Search streams" value={search} onInput={e => setSearch((e.target as HTMLInputElement).value)} /><span class="quiet">{list.length} of {rows.length}</span></div>
    {!rows.length ? <Empty>There is no stream yet. <a href="#/query">CREATE STREAM</a> makes one.</Empty> : <VirtualTable rows={list} heads={heads} id={fullName} href={r => streamHref(fullName(r))} label="Streams, tables and views" rowHeight={44} />}
  </div>
}

export function StreamView({ full }: { full: string }) {
  const { rows, error } = useLook(streamsQuery, 3000), { jobs } = useJobs(), r = rows?.find(r => fullName(r) === full)
  const dot = full.indexOf("."), database = full.slice(0, dot), name = full.slice(dot + 1)
  const kind = r?.kind === "view" ? "VIEW" : r?.kind === "table" ? "TABLE" : "STREAM"
  const create = useOnce(r ? `SHOW CREATE ${kind} ${named(full)}` : null)
  const columns = useOnce(r ? `select column_name, data_type, is_nullable from information_schema.columns where table_schema in (${quoted(database)}, 'public') and table_name = ${quoted(name)} order by ordinal_position` : null)
  if (!r) return <div class="page"><h1>{full}</h1>{error ? <Trouble error={error} /> : rows ? <Note tone="idle">There is no stream of this name, or you may not see it. <a href="#/streams">All streams</a></Note> : <Wait />}</div>
  const writers = jobs?.filter(j => j.writes.includes(full)) ?? [], readers = jobs?.filter(j => j.reads.includes(full)) ?? []
  return <div class="page">
    <p class="crumbs"><a href="#/streams">Streams</a> / {database}</p>
    <div class="head"><h1>{name} <span class="tag">{r.kind}</span></h1><div class="buttons"><a class="button" href="#/query" onClick={() => sessionStorage.setItem("slipway.text", `SELECT * FROM ${named(full)} LIMIT 100`)}>Query it</a><a class="button" href={"#/lineage/" + encodeURIComponent(full)}>Lineage</a></div></div>
    {r.comment && <p>{r.comment}</p>}
    <div class="pair">
      <section><h2>Written by</h2><Uses jobs={writers} none="No job writes it." /></section>
      <section><h2>Read by</h2><Uses jobs={readers} none="No job reads it." /></section>
    </div>
    <section><h2>Columns</h2>{columns.error ? <Trouble error={columns.error} /> : !columns.rows ? <Wait /> : <div class="scroll flat" tabIndex={0} role="region" aria-label="Columns"><table class="list"><thead><tr><th scope="col">Column</th><th scope="col">Type</th><th scope="col">NULL</th></tr></thead>
      <tbody>{columns.rows.map(c => <tr key={c.column_name}><td class="mono">{c.column_name}</td><td>{c.data_type}</td><td>{c.is_nullable === "NO" ? "not allowed" : "allowed"}</td></tr>)}</tbody></table></div>}</section>
    <section><h2>Statement</h2>{create.error ? <Trouble error={create.error} /> : !create.rows ? <Wait /> : <SQLText text={Object.values(create.rows[0] ?? {}).at(-1) ?? ""} label="The statement that makes it" />}</section>
  </div>
}

function Uses({ jobs, none }: { jobs: { full: string; state: string }[]; none: string }) {
  return jobs.length ? <ul class="uses">{jobs.map(j => <li key={j.full}><a href={jobHref(j.full)}>{j.full}</a> <State state={j.state} /></li>)}</ul> : <p class="quiet">{none}</p>
}
