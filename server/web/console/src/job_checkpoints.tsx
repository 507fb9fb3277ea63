// Checkpoints: each a bar as long as it took, with what it wrote, and from which of them the job can be started.
import { named, quoted, type Row } from "./api"
import { useLook, useNow } from "./data"
import { ago, bytes, clock, duration, toNumber } from "./format"
import type { Job } from "./jobs_data"
import { active } from "./states"
import { perform } from "./toasts"
import { type Asked, Empty, Trouble, Wait } from "./ui"

const phases = [["align_ms", "aligning"], ["freeze_ms", "freezing"], ["write_ms", "writing state"], ["prepare_ms", "preparing sinks"], ["acknowledge_ms", "acknowledging"], ["commit_ms", "committing"]] as const

function median(list: number[]): number | null {
  if (!list.length) return null
  const s = [...list].sort((a, b) => a - b)
  return s[Math.floor(s.length / 2)]
}

// whySlow says in a sentence what is to be said of a checkpoint's time: the server's own, else what follows from the phases.
export function whySlow(r: Row, usual: number | null): string | null {
  if (r.reason) return r.reason
  if (r.sentence) return r.sentence
  const took = toNumber(r.duration_ms)
  if (took == null || usual == null || took < 1000 || took < 2 * usual) return null
  const longest = phases.map(([k, name]) => ({ name, ms: toNumber(r[k]) ?? 0 })).sort((a, b) => b.ms - a.ms)[0]
  return `It took ${(took / usual).toFixed(1)} times as long as they usually do` + (longest.ms > took / 2 ? `, most of it ${longest.name} (${duration(longest.ms)}).` : ".")
}

export function Checkpoints({ job, ask }: { job: Job; ask: (a: Asked) => void }) {
  const { rows, error } = useLook(`select * from slipway.checkpoints where job = ${quoted(job.full)}`, 2000), now = useNow()
  if (error && !rows) return <Trouble error={error} />
  if (!rows) return <Wait />
  if (!rows.length) return <Empty>There is no checkpoint yet.</Empty>
  const list = [...rows].sort((a, b) => Number(b.id) - Number(a.id))
  const done = list.filter(r => r.status === "COMPLETED" || r.status === "completed"), usual = median(done.map(r => Number(r.duration_ms)))
  const most = Math.max(...list.map(r => Number(r.duration_ms) || 0), 1)
  const restore = (r: Row) => {
    const savepoint = !!r.name, from = savepoint ? "SAVEPOINT " + quoted(r.name!) : "CHECKPOINT " + r.id, name = named(job.full), runs = active(job.state)
    ask({
      title: `Go back to ${savepoint ? "savepoint " + r.name : "checkpoint " + r.id}?`, action: runs ? "Stop and restore" : "Restore", danger: true,
      text: <><p>{runs ? "The job is stopped, then started" : "The job is started"} with the state and the places in its sources of {clock(r.triggered)} ({ago(r.triggered, now)}). What it has read since is read again.</p>
        <p>Rows that it has written since stay where they are: a sink without keys gets them a second time.</p></>,
      run: () => perform((runs ? `STOP STREAMJOB ${name}; ` : "") + `START STREAMJOB ${name} FROM ${from}`, `${job.name} is started from ${from.toLowerCase()}`),
    })
  }
  return <section>
    <p class="quiet">{done.length} complete{usual != null && <>, usually in {duration(usual)}</>}. {job.expired ? `${job.expired} expired. ` : ""}{job.failedCheckpoints ? `${job.failedCheckpoints} failed.` : ""}</p>
    <div class="scroll flat" tabIndex={0} role="region" aria-label="Checkpoints"><table class="list checkpoints">
      <thead><tr><th scope="col">No.</th><th scope="col">Kind</th><th scope="col">Status</th><th scope="col">Triggered</th><th scope="col" class="timeline">Time line</th><th scope="col" class="right">Took</th><th scope="col" class="right">Wrote</th><th scope="col"><span class="hidden">Restore</span></th></tr></thead>
      <tbody>{list.map(r => { const why = whySlow(r, usual), ok = done.includes(r); return <>
        <tr key={r.id + (r.name ?? "")} class={why ? "more" : ""}><td>{r.id}</td><td>{r.kind?.toLowerCase()}{r.name && <small>{r.name}</small>}</td><td><span class={"state " + (ok ? "good" : r.status?.toLowerCase().includes("progress") ? "busy" : "bad")}><span class="sign" aria-hidden="true">{ok ? "✓" : "✕"}</span>{r.status?.toLowerCase()}</span></td>
          <td>{clock(r.triggered)}<small>{ago(r.triggered, now)}</small></td><td class="timeline"><TimeLine row={r} most={most} /></td><td class="right">{duration(toNumber(r.duration_ms))}</td><td class="right">{bytes(toNumber(r.bytes))}</td>
          <td class="right">{ok && <button class="small" onClick={() => restore(r)} aria-label={"Restore from " + (r.name ? "savepoint " + r.name : "checkpoint " + r.id)}>Restore…</button>}</td></tr>
        {why && <tr key={r.id + "why"} class="why"><td /><td colSpan={7}>{why}</td></tr>}
      </> })}</tbody>
    </table></div>
    {list.some(r => phases.some(([k]) => r[k] != null)) && <p class="key">{phases.filter(([k]) => list.some(r => r[k] != null)).map(([k, name]) => <span key={k} class={k}><i />{name}</span>)}</p>}
  </section>
}

function TimeLine({ row, most }: { row: Row; most: number }) {
  const took = toNumber(row.duration_ms) ?? 0, known = phases.map(([k, name]) => ({ k, name, ms: toNumber(row[k]) ?? 0 })).filter(p => p.ms > 0)
  let x = 0
  return <svg viewBox="0 0 200 10" preserveAspectRatio="none" role="img" aria-label={known.length ? known.map(p => p.name + " " + duration(p.ms)).join(", ") : "took " + duration(took)}>
    <rect class="track" width="200" height="10" /><rect class="took" width={Math.max(1, took / most * 200)} height="10" />
    {known.map(p => { const from = x, w = p.ms / most * 200; x += w; return <rect key={p.k} class={p.k} x={from} width={w} height="10"><title>{p.name} {duration(p.ms)}</title></rect> })}
  </svg>
}
