// What a job does now: its plan with what every part of it does, and how far its sources are read.
import { Chart } from "./chart"
import { quoted } from "./api"
import { useLook, useNow } from "./data"
import { age, bytes, duration, moment, number, share, toNumber } from "./format"
import { historyOf, type Job } from "./jobs_data"
import { Plan } from "./job_plan"
import { Note } from "./ui"

export function Overview({ job }: { job: Job }) {
  useNow()
  const points = historyOf(job.full)
  return <>
    {job.failure && job.state !== "RUNNING" && <Note tone="bad" title="Why it failed"><p>{job.failure}</p>{job.hint && <p><b>What to do:</b> {job.hint}</p>}</Note>}
    {points.some(p => p.rateIn != null || p.busy != null) && <div class="charts">
      <Chart title="Rows/s" text={number} series={[{ label: "in", tone: "a", values: points.map(p => p.rateIn) }, { label: "out", tone: "b", values: points.map(p => p.rateOut) }]} />
      {points.some(p => p.lag != null) && <Chart title="Lag" text={number} series={[{ label: "rows", tone: "a", values: points.map(p => p.lag) }]} />}
      <Chart title="Load" text={share} series={[{ label: "busy", tone: "a", values: points.map(p => p.busy) }, { label: "blocked", tone: "c", values: points.map(p => p.blocked) }]} />
      <Chart title="State" text={bytes} series={[{ label: "memory", tone: "a", values: points.map(p => p.state) }]} />
    </div>}
    <Plan job={job} />
    <Splits job={job} />
  </>
}

function Splits({ job }: { job: Job }) {
  const { rows } = useLook(`select * from slipway.splits where job = ${quoted(job.full)}`), now = useNow()
  if (!rows?.length) return null
  const list = [...rows].sort((a, b) => (toNumber(b.lag) ?? -1) - (toNumber(a.lag) ?? -1))
  return <section><h2>Sources</h2>
    <div class="scroll flat" tabIndex={0} role="region" aria-label="Sources"><table class="list">
      <thead><tr><th scope="col">Split</th><th scope="col">Source</th><th scope="col" class="right">Position</th><th scope="col" class="right">End</th><th scope="col" class="right">Lag</th><th scope="col" class="right">Watermark behind</th><th scope="col" class="right">Last record</th><th scope="col">Idle</th></tr></thead>
      <tbody>{list.slice(0, 200).map(r => { const w = moment(r.watermark); return <tr key={r.stage + "/" + r.split}>
        <td>{r.split}</td><td>{r.source}</td><td class="right">{r.position ?? "–"}</td><td class="right">{r.end_position ?? "–"}</td><td class="right">{number(toNumber(r.lag))}</td>
        <td class="right">{w ? duration(now - w.getTime()) : "–"}</td><td class="right">{age(r.last_record, now)}</td><td>{r.idle === "t" || r.idle === "true" ? "idle" : ""}</td></tr> })}</tbody>
    </table></div>
    {list.length > 200 && <p class="quiet">{list.length - 200} more with less lag.</p>}
  </section>
}
