// What is looked at again and again: one question per statement, however many parts of the page show it.
import { useEffect, useState } from "preact/hooks"
import { ask, QueryError, type Row } from "./api"

export interface Seen { rows: Row[] | null; error: QueryError | null; at: number }

class Poll {
  seen: Seen = { rows: null, error: null, at: 0 }
  readers = new Set<(s: Seen) => void>()
  private timer = 0
  private asking = false
  private again = false // asked for anew while an answer was under way
  constructor(readonly sql: string, private every: number) {}

  add(f: (s: Seen) => void, every: number) {
    this.every = Math.min(this.every, every)
    this.readers.add(f)
    if (this.readers.size === 1) this.look()
    return () => {
      this.readers.delete(f)
      if (this.readers.size === 0) { clearTimeout(this.timer); polls.delete(this.sql) }
    }
  }

  look = async (anew = false) => {
    clearTimeout(this.timer)
    if (this.asking) this.again ||= anew
    if (this.asking || this.readers.size === 0) return
    if (document.hidden) return // asked again when the page is seen
    this.asking = true
    const began = Date.now()
    try {
      const rows = await ask(this.sql, anew)
      this.tell({ rows, error: null, at: Date.now() })
    } catch (e) {
      this.tell({ rows: this.seen.rows, error: faultOf(e), at: Date.now() })
    }
    this.asking = false
    if (this.again) { this.again = false; void this.look(true); return }
    // A slow answer is not asked for all the time: a tenth of it at most.
    this.timer = window.setTimeout(() => this.look(), Math.max(this.every, 10 * (Date.now() - began)))
  }

  private tell(s: Seen) {
    if (s.rows === this.seen.rows && s.rows !== null && !s.error && !this.seen.error) { this.seen = { ...s }; watchers(this.sql, s); for (const f of this.readers) f(this.seen); return }
    this.seen = s
    watchers(this.sql, s)
    for (const f of this.readers) f(s)
  }
}

export function faultOf(e: unknown): QueryError {
  if (e instanceof QueryError) return e
  return new QueryError({ severity: "ERROR", code: "08006", message: "the server does not answer", detail: String((e as Error)?.message ?? e) })
}

const polls = new Map<string, Poll>()
const watching = new Map<string, (s: Seen) => void>()

// watch has a function called with each answer to a statement.
export function watch(sql: string, f: (s: Seen) => void) { watching.set(sql, f) }
function watchers(sql: string, s: Seen) { watching.get(sql)?.(s) }

document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh() })

// refresh asks all anew, as after something was changed.
export function refresh(anew = false) { for (const p of polls.values()) void p.look(anew) }

// useLook gives what a statement says, every so many milliseconds; null asks nothing.
export function useLook(sql: string | null, every = 1000): Seen {
  const [seen, set] = useState<Seen>(() => (sql && polls.get(sql)?.seen) || { rows: null, error: null, at: 0 })
  useEffect(() => {
    if (!sql) { set({ rows: null, error: null, at: 0 }); return }
    let p = polls.get(sql)
    if (!p) polls.set(sql, p = new Poll(sql, every))
    set(p.seen)
    return p.add(set, every)
  }, [sql, every])
  return seen
}

// useNow is the time, going on every second while the page is seen.
export function useNow(every = 1000): number {
  const [now, set] = useState(Date.now())
  useEffect(() => {
    const t = setInterval(() => { if (!document.hidden) set(Date.now()) }, every)
    return () => clearInterval(t)
  }, [every])
  return now
}
