// What the sinks of a job have on the brokers. The server asks them, so this is not looked at every second.
import { quoted } from "./api"
import { useLook } from "./data"
import { duration, toNumber } from "./format"
import type { Job } from "./jobs_data"
import { Empty, Trouble, Wait } from "./ui"

export function Transactions({ job }: { job: Job }) {
  const { rows, error } = useLook(`select * from slipway.transactions where job = ${quoted(job.full)}`, 10_000)
  if (error && !rows) return <Trouble error={error} />
  if (!rows) return <Wait />
  if (!rows.length) return <Empty>The sinks of this job have no transactions: they do not write exactly once, or nothing is under way.</Empty>
  return <div class="scroll flat" tabIndex={0} role="region" aria-label="Transactions"><table class="list">
    <thead><tr><th scope="col">Id</th><th scope="col">State</th><th scope="col" class="right">Age</th><th scope="col" class="right">Timeout</th><th scope="col" class="right">Checkpoint</th><th scope="col">Topics</th></tr></thead>
    <tbody>{rows.map(r => { const a = toNumber(r.age_ms) ?? 0, t = toNumber(r.timeout_ms) ?? 0, open = r.open === "t" || r.open === "true"; return <tr key={r.id}>
      <td class="mono">{r.id}</td><td>{r.state}</td><td class={"right" + (open && t && a > t / 2 ? " warntext" : "")}>{open ? duration(a) : "–"}</td><td class="right">{duration(t)}</td><td class="right">{r.checkpoint ?? "–"}</td><td>{r.topics}</td></tr> })}</tbody>
  </table></div>
}
