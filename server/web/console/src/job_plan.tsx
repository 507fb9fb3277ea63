// The plan of a job as a picture. A card is a stage: tasks that run the operators in it one inside the other; an edge is
// where rows change tasks. The stage that the others wait for is marked.
import { useMemo, useState } from "preact/hooks"
import { quoted, type Row } from "./api"
import { useLook } from "./data"
import { bytes, number, rate, share, toNumber } from "./format"
import type { Job } from "./jobs_data"
import { curve, draw } from "./layout"
import { Empty, Meter, Trouble, Wait } from "./ui"

interface Stage { id: string; tasks: number | null; busy: number | null; blocked: number | null; idle: number | null; limits: boolean; operators: Row[]; out: number | null; skew: number | null }
interface Edge { from: string; to: string; partitioning: string; keys: string; carries: string }

const yes = (c: string | null | undefined) => c === "t" || c === "true"

export function stagesOf(operators: Row[], stages: Row[]): Stage[] {
  const by = new Map<string, Row[]>()
  for (const o of operators) by.set(o.stage!, [...by.get(o.stage!) ?? [], o])
  return [...by].sort((a, b) => Number(a[0]) - Number(b[0])).map(([id, list]) => {
    list.sort((a, b) => Number(a.place) - Number(b.place))
    const s = stages.find(s => s.stage === id), one = list[0], skews = list.map(o => toNumber(o.skew)).filter((v): v is number => v != null)
    return {
      id, tasks: toNumber(s?.tasks ?? one.tasks), busy: toNumber(s?.busy ?? one.busy), blocked: toNumber(s?.blocked ?? one.blocked), idle: toNumber(s?.idle ?? one.idle), limits: yes(s?.limits),
      operators: list, out: toNumber(list.at(-1)!.rows_out_per_s), skew: skews.length ? Math.max(...skews) : null,
    }
  })
}

const width = 264, headHeight = 62, rowHeight = 40

export function Plan({ job }: { job: Job }) {
  const where = ` where job = ${quoted(job.full)}`
  const operators = useLook("select * from slipway.operators" + where), stages = useLook("select * from slipway.stages" + where), edges = useLook("select * from slipway.edges" + where, 10_000)
  const [at, select] = useState<string | null>(null)
  const list = useMemo(() => stagesOf(operators.rows ?? [], stages.rows ?? []), [operators.rows, stages.rows])
  const lines: Edge[] = useMemo(() => (edges.rows ?? []).map(e => ({ from: e.from_stage!, to: e.to_stage!, partitioning: e.partitioning ?? "", keys: e.keys ?? "", carries: e.carries ?? "rows" })), [edges.rows])
  const shape = list.map(s => s.id + ":" + s.operators.length).join() + "|" + lines.map(e => e.from + ">" + e.to).join()
  const drawing = useMemo(() => draw(list.map(s => ({ id: s.id, width, height: headHeight + rowHeight * s.operators.length })), lines, 96, 24), [shape])
  if (operators.error?.fault.code === "42P01") return null // a server that has no such table
  if (operators.error && !operators.rows) return <section><h2>Plan</h2><Trouble error={operators.error} /></section>
  if (!operators.rows) return <section><h2>Plan</h2><Wait /></section>
  if (!list.length) return <section><h2>Plan</h2><Empty>The plan of this job is not known.</Empty></section>
  const chosen = list.find(s => s.id === at), limit = list.find(s => s.limits)
  return <section><h2>Plan</h2>
    {limit && <p class="quiet">Stage {limit.id} ({limit.operators.map(o => o.name).join(", ")}) holds the others back: it is busy {share(limit.busy)} of the time.</p>}
    <div class="scroll canvas" tabIndex={0} role="region" aria-label="Plan of the job">
      <div class="drawing" style={{ width: drawing.width + "px", height: drawing.height + "px" }}>
        <svg width={drawing.width} height={drawing.height} aria-hidden="true">
          {lines.map((e, i) => { const a = drawing.nodes.get(e.from), b = drawing.nodes.get(e.to); return a && b && <path key={i} class={"edge " + e.carries} d={curve(a, b)} /> })}
        </svg>
        {lines.map((e, i) => { const a = drawing.nodes.get(e.from), b = drawing.nodes.get(e.to), s = list.find(s => s.id === e.from); return a && b && <span key={i} class="edgelabel"
          title={e.partitioning + (e.keys ? " by " + e.keys : "")} style={{ left: (a.x + a.width + b.x) / 2 + "px", top: (a.y + a.height / 2 + b.y + b.height / 2) / 2 + "px" }}>
          {e.carries === "rows" ? rate(s?.out) : e.carries}<small>{e.partitioning}</small></span> })}
        {list.map(s => { const p = drawing.nodes.get(s.id)!; return <Card key={s.id} stage={s} at={at === s.id} press={() => select(at === s.id ? null : s.id)} style={{ left: p.x + "px", top: p.y + "px", width: p.width + "px", height: p.height + "px" }} /> })}
      </div>
    </div>
    <p class="key"><span class="busy"><i />busy</span><span class="blocked"><i />blocked: waits for those behind</span><span class="free"><i />idle</span></p>
    {chosen && <Tasks job={job} stage={chosen} />}
  </section>
}

function Card({ stage, at, press, style }: { stage: Stage; at: boolean; press: () => void; style: Record<string, string> }) {
  return <button class={"stage" + (stage.limits ? " limits" : "") + (at ? " on" : "")} aria-pressed={at} style={style} onClick={press}>
    <span class="top"><b>Stage {stage.id}</b><span>{stage.tasks == null ? "" : stage.tasks + (stage.tasks === 1 ? " task" : " tasks")}{stage.skew != null && stage.skew >= 1.5 ? <em title="The fullest task's rows over the mean"> · skew {stage.skew.toFixed(1)}×</em> : ""}</span></span>
    <Meter busy={stage.busy ?? 0} blocked={stage.blocked} label={"Stage " + stage.id} />
    <span class="shares">{stage.busy == null ? "does not run" : <>busy {share(stage.busy)}{stage.blocked ? ` · blocked ${share(stage.blocked)}` : ""}</>}{stage.limits && <strong> holds the others back</strong>}</span>
    {stage.operators.map(o => <span class={"operator " + (o.kind ?? "")} key={o.place} title={o.name ?? ""}>
      <span class="opname">{o.name}</span>
      {stage.busy != null && <small>{o.kind === "source" ? rate(toNumber(o.rows_out_per_s)) : rate(toNumber(o.rows_in_per_s)) + (o.kind === "sink" ? "" : " → " + rate(toNumber(o.rows_out_per_s)))}{toNumber(o.state_bytes) ? " · state " + bytes(toNumber(o.state_bytes)) : ""}</small>}
    </span>)}
  </button>
}

function Tasks({ job, stage }: { job: Job; stage: Stage }) {
  const { rows, error } = useLook(`select * from slipway.tasks where job = ${quoted(job.full)} and stage = ${stage.id}`)
  return <div><h3>Tasks of stage {stage.id}</h3>
    {error ? <Trouble error={error} /> : !rows ? <Wait /> : <div class="scroll flat" tabIndex={0} role="region" aria-label={"Tasks of stage " + stage.id}><table class="list">
      <thead><tr><th scope="col">Task</th><th scope="col">Share of time</th><th scope="col" class="right">Busy</th><th scope="col" class="right">Blocked</th><th scope="col" class="right">Rows in</th><th scope="col" class="right">Rows out</th><th scope="col" class="right">State</th><th scope="col">Watermark</th><th scope="col">Phase</th></tr></thead>
      <tbody>{rows.map(r => <tr key={r.task}><td>{r.task}</td><td class="metercell"><Meter busy={toNumber(r.busy)} blocked={toNumber(r.blocked)} label={"Task " + r.task} /></td><td class="right">{share(toNumber(r.busy))}</td><td class="right">{share(toNumber(r.blocked))}</td>
        <td class="right">{rate(toNumber(r.rows_in_per_s))}<small>{number(toNumber(r.rows_in))}</small></td><td class="right">{rate(toNumber(r.rows_out_per_s))}<small>{number(toNumber(r.rows_out))}</small></td><td class="right">{bytes(toNumber(r.state_bytes))}</td><td>{r.watermark ?? "–"}</td><td>{r.phase}</td></tr>)}</tbody>
    </table></div>}
  </div>
}
