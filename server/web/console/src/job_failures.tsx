// What went wrong with a job: of which class, why, on which record, and what to do.
import { quoted } from "./api"
import { useLook, useNow } from "./data"
import { ago, clock } from "./format"
import type { Job } from "./jobs_data"
import { Empty, Note, Wait } from "./ui"

export const classes: Record<string, string> = {
  user: "the data or the query", data: "the data", configuration: "the settings", config: "the settings", outside: "something outside", bug: "Slipway itself", transient: "something outside, for a time",
}

export function Failures({ job }: { job: Job }) {
  const { rows, error } = useLook(`select * from slipway.failures where job = ${quoted(job.full)}`, 2000), now = useNow()
  const missing = error?.fault.code === "42P01"
  if (!rows && !error) return <Wait />
  const list = [...rows ?? []].sort((a, b) => (a.at! < b.at! ? 1 : -1))
  if (!list.length && !job.failure) return <Empty>It has not failed.</Empty>
  return <section>
    {!list.length && job.failure && <Note tone="bad" title={clock(job.failedAt)}><p>{job.failure}</p>{job.hint && <p><b>What to do:</b> {job.hint}</p>}</Note>}
    {error && !missing && <Note tone="warn">{error.message}</Note>}
    {list.map((r, i) => <article class="failure" key={i}>
      <header><b>{clock(r.at)}</b><span class="quiet">{ago(r.at, now)}</span>{r.class && <span class="tag">{r.class.toLowerCase()}</span>}{classes[r.class?.toLowerCase() ?? ""] && <span class="quiet">the cause lies in {classes[r.class!.toLowerCase()]}</span>}
        {r.sqlstate && <span class="quiet mono">{r.sqlstate}</span>}</header>
      <p class="message">{r.message}</p>
      {(r.stage != null || r.topic) && <p class="quiet">{r.stage != null && <>stage {r.stage}{r.task != null && <>, task {r.task}</>}</>}{r.topic && <> · record {r.topic}{r.partition != null && <>-{r.partition}</>}{r.record_offset != null && <> at offset {r.record_offset}</>}</>}</p>}
      {r.hint && <p><b>What to do:</b> {r.hint}</p>}
      {r.action && <p class="quiet">{r.action}</p>}
    </article>)}
  </section>
}
