// Jobs as the page works with them.
import { useMemo } from "preact/hooks"
import type { Row } from "./api"
import { type Seen, useLook, watch } from "./data"
import { list, moment, toNumber } from "./format"

export interface Job {
  name: string; database: string; full: string; application: string; state: string; since: string | null; created: string | null
  lastCheckpoint: string | null; lastCheckpointId: number | null; failure: string | null; failedAt: string | null; hint: string | null; waits: string | null
  reads: string[]; writes: string[]
  tasks: number | null; rowsIn: number | null; rowsOut: number | null; rateIn: number | null; rateOut: number | null; late: number | null; failed: number | null
  lag: number | null; watermark: string | null; stateBytes: number | null; busy: number | null; blocked: number | null; restarts: number | null
  expired: number | null; failedCheckpoints: number | null; group: string | null
}

export function jobOf(r: Row): Job {
  const full = r.full_name ?? r.database + "." + r.name
  return {
    name: r.name ?? "", database: r.database ?? "", full, application: r.application ?? "", state: r.state ?? "", since: r.since, created: r.created,
    lastCheckpoint: r.last_checkpoint, lastCheckpointId: toNumber(r.last_checkpoint_id), failure: r.last_failure, failedAt: r.failed_at, hint: r.hint, waits: r.waits,
    reads: list(r.reads), writes: list(r.writes),
    tasks: toNumber(r.tasks), rowsIn: toNumber(r.rows_in), rowsOut: toNumber(r.rows_out),
    rateIn: toNumber(r.rows_in_per_s) ?? counted(full)?.rateIn ?? null, rateOut: toNumber(r.rows_out_per_s) ?? counted(full)?.rateOut ?? null,
    late: toNumber(r.rows_late), failed: toNumber(r.rows_failed), lag: toNumber(r.lag), watermark: r.watermark, stateBytes: toNumber(r.state_bytes),
    busy: toNumber(r.busy), blocked: toNumber(r.blocked), restarts: toNumber(r.restarts), expired: toNumber(r.checkpoints_expired),
    failedCheckpoints: toNumber(r.checkpoints_failed), group: r.consumer_group,
  }
}

export const jobsQuery = "select name, database, full_name, application, state, since, created, last_checkpoint, last_checkpoint_id, last_failure, failed_at, hint, waits, reads, writes, tasks, rows_in, " +
  "rows_out, rows_in_per_s, rows_out_per_s, rows_late, rows_failed, lag, watermark, state_bytes, busy, blocked, restarts, checkpoints_expired, checkpoints_failed, consumer_group from slipway.jobs"

// History of the figures of a job: a point for each answer, two minutes of them.
export interface Point { at: number; rateIn: number | null; rateOut: number | null; lag: number | null; busy: number | null; blocked: number | null; state: number | null }
const kept = 120
interface Past { at: number; rowsIn: number | null; rowsOut: number | null; rateIn: number | null; rateOut: number | null; points: Point[] }
const past = new Map<string, Past>()
const counted = (full: string) => past.get(full)

export const historyOf = (full: string): Point[] => past.get(full)?.points ?? []

watch(jobsQuery, (s: Seen) => {
  if (!s.rows) return
  const there = new Set<string>()
  for (const r of s.rows) {
    const full = r.full_name ?? r.database + "." + r.name
    there.add(full)
    note(full, r, s.at)
  }
  for (const name of past.keys()) if (!there.has(name)) past.delete(name)
})

function note(full: string, r: Row, at: number) {
  const p = past.get(full) ?? { at, rowsIn: null, rowsOut: null, rateIn: null, rateOut: null, points: [] }
  const rowsIn = toNumber(r.rows_in), rowsOut = toNumber(r.rows_out), seconds = (at - p.at) / 1000
  const per = (now: number | null, was: number | null) => now == null || was == null || now < was || seconds < 0.2 ? null : (now - was) / seconds
  p.rateIn = toNumber(r.rows_in_per_s) ?? per(rowsIn, p.rowsIn)
  p.rateOut = toNumber(r.rows_out_per_s) ?? per(rowsOut, p.rowsOut)
  p.at = at; p.rowsIn = rowsIn; p.rowsOut = rowsOut
  p.points.push({ at, rateIn: p.rateIn, rateOut: p.rateOut, lag: toNumber(r.lag), busy: toNumber(r.busy), blocked: toNumber(r.blocked), state: toNumber(r.state_bytes) })
  if (p.points.length > kept) p.points.shift()
  past.set(full, p)
}

export function useJobs(): { jobs: Job[] | null; seen: Seen } {
  const seen = useLook(jobsQuery)
  const jobs = useMemo(() => seen.rows?.map(jobOf) ?? null, [seen.rows, seen.at])
  return { jobs, seen }
}

// lagTime is how far the watermark is behind the clock, in milliseconds.
export const behind = (j: Job, now: number) => { const w = moment(j.watermark); return w ? now - w.getTime() : null }
