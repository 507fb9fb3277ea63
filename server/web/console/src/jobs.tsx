// All jobs at a glance.
import { useMemo, useState } from "preact/hooks"
import { Spark } from "./chart"
import { useNow } from "./data"
import { age, duration, number, rate } from "./format"
import { behind, historyOf, type Job, useJobs } from "./jobs_data"
import { stateOf, stateOrder } from "./states"
import { Empty, Figure, type Head, State, Trouble, VirtualTable, Wait } from "./ui"

export const jobHref = (full: string, tab?: string) => "#/jobs/" + encodeURIComponent(full) + (tab ? "/" + tab : "")

function heads(now: number): Head<Job>[] {
  return [
    { key: "name", label: "Job", cell: j => <><b>{j.name}</b><small>{j.database}</small></>, sort: j => j.full },
    { key: "state", label: "State", cell: j => <><State state={j.state} />{j.waits && <small title={j.waits}>{j.waits}</small>}</>, sort: j => stateOrder.indexOf(j.state) },
    { key: "rate", label: "Rows in", right: true, cell: j => <span class="withspark"><Spark values={historyOf(j.full).slice(-60).map(p => p.rateIn)} />{rate(j.rateIn)}</span>, sort: j => j.rateIn },
    { key: "lag", label: "Lag", right: true, cell: j => number(j.lag), sort: j => j.lag, hint: "Rows not read yet" },
    { key: "watermark", label: "Watermark", right: true, cell: j => { const b = behind(j, now); return b == null ? "–" : duration(b) }, sort: j => behind(j, now), hint: "How far event time is behind the clock" },
    { key: "checkpoint", label: "Checkpoint", right: true, cell: j => age(j.lastCheckpoint, now), sort: j => j.lastCheckpoint, hint: "How long ago the last one completed" },
    { key: "busy", label: "Busy", right: true, cell: j => j.busy == null ? "–" : Math.round(j.busy * 100) + " %", sort: j => j.busy, hint: "Of its busiest stage" },
    { key: "failures", label: "Restarts", right: true, cell: j => j.restarts ? <span class="warntext">{number(j.restarts)}</span> : number(j.restarts), sort: j => j.restarts },
    { key: "failure", label: "Last failure", wide: true, cell: j => j.failure ? <span class="clip" title={j.failure}>{j.failure}</span> : "" },
  ]
}

export function Jobs() {
  const { jobs, seen } = useJobs(), now = useNow(), [search, setSearch] = useState(""), [state, setState] = useState<string | null>(null)
  const counts = useMemo(() => {
    const c = new Map<string, number>()
    for (const j of jobs ?? []) c.set(j.state, (c.get(j.state) ?? 0) + 1)
    return c
  }, [jobs])
  const rows = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean)
    return (jobs ?? []).filter(j => (!state || j.state === state) && words.every(w => (j.full + " " + j.application + " " + (j.failure ?? "") + " " + j.reads.join(" ") + " " + j.writes.join(" ")).toLowerCase().includes(w)))
      .sort((a, b) => rank(a) - rank(b) || (a.full < b.full ? -1 : 1))
  }, [jobs, search, state])
  if (!jobs) return <div class="page"><h1>Jobs</h1>{seen.error ? <Trouble error={seen.error} /> : <Wait />}</div>
  const total = (of: (j: Job) => number | null) => jobs.reduce((n, j) => n + (of(j) ?? 0), 0)
  return <div class="page full">
    <div class="head"><h1>Jobs</h1>
      <dl class="figures"><Figure label="rows in" value={rate(total(j => j.rateIn))} /><Figure label="rows out" value={rate(total(j => j.rateOut))} /><Figure label="lag" value={number(total(j => j.lag))} /></dl>
    </div>
    <div class="bar">
      <input type="search" placeholder="Search name, stream, failure" aria-label="Search jobs" value={search} onInput={e => setSearch((e.target as HTMLInputElement).value)} />
      <div class="chips" role="group" aria-label="Filter by state">
        <button class={"chip" + (state === null ? " on" : "")} aria-pressed={state === null} onClick={() => setState(null)}>all <b>{jobs.length}</b></button>
        {stateOrder.filter(s => counts.has(s)).map(s => <button key={s} class={"chip " + stateOf(s).tone + (state === s ? " on" : "")} aria-pressed={state === s} onClick={() => setState(state === s ? null : s)}>
          <span aria-hidden="true">{stateOf(s).sign}</span> {s.toLowerCase()} <b>{counts.get(s)}</b></button>)}
      </div>
    </div>
    {jobs.length === 0 ? <Empty>There is no stream job yet. <a href="#/query">CREATE STREAMJOB</a> makes one.</Empty>
      : rows.length === 0 ? <Empty>No job is like that.</Empty>
      : <VirtualTable rows={rows} heads={heads(now)} id={j => j.full} href={j => jobHref(j.full)} label="Stream jobs" rowHeight={44} />}
  </div>
}

// rank puts those who need somebody first.
const rank = (j: Job) => j.state === "FAILED" ? 0 : j.state === "RESTARTING" ? 1 : 2
