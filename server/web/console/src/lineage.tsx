// Which job reads and writes what. With a name only what leads to it and what follows from it.
import { useMemo, useState } from "preact/hooks"
import { useLook } from "./data"
import { number, rate } from "./format"
import { type Job, useJobs } from "./jobs_data"
import { jobHref } from "./jobs"
import { curve, draw } from "./layout"
import { stateOf } from "./states"
import { streamHref, streamsQuery } from "./streams"
import { Empty, Wait } from "./ui"

interface Graph { jobs: Job[]; streams: string[]; edges: { from: string; to: string }[] }

// related gives all that can be reached from a node, against the arrows and along them.
export function related(edges: { from: string; to: string }[], at: string): Set<string> {
  const out = new Set([at])
  for (const [a, b] of [["from", "to"], ["to", "from"]] as const) {
    const todo = [at], seen = new Set([at])
    for (let n = todo.pop(); n !== undefined; n = todo.pop())
      for (const e of edges) if (e[a] === n && !seen.has(e[b])) { seen.add(e[b]); out.add(e[b]); todo.push(e[b]) }
  }
  return out
}

const most = 120 // nodes that are drawn at once

export function Lineage({ at }: { at?: string }) {
  const { jobs } = useJobs(), { rows } = useLook(streamsQuery, 3000), [search, setSearch] = useState("")
  const graph: Graph = useMemo(() => {
    const edges = (jobs ?? []).flatMap(j => [...j.reads.map(s => ({ from: "s:" + s, to: "j:" + j.full })), ...j.writes.map(s => ({ from: "j:" + j.full, to: "s:" + s }))])
    const names = new Set([...(rows ?? []).map(r => r.database + "." + r.name), ...edges.flatMap(e => [e.from, e.to]).filter(n => n.startsWith("s:")).map(n => n.slice(2))])
    return { jobs: jobs ?? [], streams: [...names].sort(), edges }
  }, [jobs, rows])
  const centre = at && (graph.streams.includes(at) ? "s:" + at : graph.jobs.some(j => j.full === at) ? "j:" + at : null)
  const shown = useMemo(() => {
    const linked = new Set(graph.edges.flatMap(e => [e.from, e.to]))
    let ids = [...graph.jobs.map(j => "j:" + j.full), ...graph.streams.map(s => "s:" + s)].filter(n => linked.has(n))
    if (centre) { const r = related(graph.edges, centre); ids = ids.filter(n => r.has(n)); if (!ids.length) ids = [centre] }
    else if (search) { const keep = new Set(ids.filter(n => n.toLowerCase().includes(search.toLowerCase())).flatMap(n => [...related(graph.edges, n)])); ids = ids.filter(n => keep.has(n)) }
    return ids
  }, [graph, centre, search])
  const drawn = shown.slice(0, most), in_ = new Set(drawn), edges = graph.edges.filter(e => in_.has(e.from) && in_.has(e.to))
  const shape = drawn.join() + "|" + edges.map(e => e.from + e.to).join()
  const drawing = useMemo(() => draw(drawn.map(id => ({ id, width: 172, height: 46 })), edges, 36, 12), [shape])
  if (!jobs || !rows) return <div class="page"><h1>Lineage</h1><Wait /></div>
  return <div class="page full">
    <div class="head"><h1>Lineage{centre && at ? " of " + at : ""}</h1>{centre && <a class="button" href="#/lineage">All</a>}</div>
    {!centre && <div class="bar"><input type="search" placeholder="Search streams and jobs" aria-label="Search streams and jobs" value={search} onInput={e => setSearch((e.target as HTMLInputElement).value)} />
      {shown.length > most && <span class="quiet">{most} of {shown.length} are drawn: search for what you look for.</span>}</div>}
    {!shown.length ? <Empty>No job reads or writes a stream.</Empty> : <div class="scroll canvas tall" tabIndex={0} role="region" aria-label="Lineage">
      <div class="drawing" style={{ width: drawing.width + "px", height: drawing.height + "px" }}>
        <svg width={drawing.width} height={drawing.height} aria-hidden="true">{edges.map((e, i) => <path key={i} class="edge rows" d={curve(drawing.nodes.get(e.from)!, drawing.nodes.get(e.to)!)} />)}</svg>
        {drawn.map(id => { const p = drawing.nodes.get(id)!, name = id.slice(2), job = id[0] === "j" ? graph.jobs.find(j => j.full === name) : null; return <a key={id}
          class={"node " + (job ? "job " + stateOf(job.state).tone : "stream") + (id === centre ? " on" : "")} href={job ? jobHref(name) : streamHref(name)}
          style={{ left: p.x + "px", top: p.y + "px", width: p.width + "px", height: p.height + "px" }} title={name}>
          <b>{name.slice(name.indexOf(".") + 1)}</b><small>{job ? <>{stateOf(job.state).sign} {job.state.toLowerCase()} · {rate(job.rateIn)}{job.lag ? " · lag " + number(job.lag) : ""}</> : (rows.find(r => r.database + "." + r.name === name)?.kind ?? "stream")}</small></a> })}
      </div></div>}
  </div>
}
