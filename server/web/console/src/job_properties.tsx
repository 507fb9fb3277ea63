import { useEffect, useState } from "preact/hooks"
import { named, type QueryError, type Row, rowsOf } from "./api"
import { faultOf } from "./data"
import type { Job } from "./jobs_data"
import { SQLText } from "./editor"
import { Trouble, Wait } from "./ui"

// useOnce asks a statement once, and again when it changes.
export function useOnce(sql: string | null): { rows: Row[] | null; error: QueryError | null } {
  const [got, set] = useState<{ rows: Row[] | null; error: QueryError | null }>({ rows: null, error: null })
  useEffect(() => {
    let gone = false
    set({ rows: null, error: null })
    if (sql) rowsOf(sql).then(rows => { if (!gone) set({ rows, error: null }) }, e => { if (!gone) set({ rows: null, error: faultOf(e) }) })
    return () => { gone = true }
  }, [sql])
  return got
}

export function Properties({ job }: { job: Job }) {
  const { rows, error } = useOnce(`SHOW PROPERTIES FOR STREAMJOB ${named(job.full)}`), [all, setAll] = useState(false)
  if (error) return <Trouble error={error} />
  if (!rows) return <Wait />
  const given = rows.filter(r => r.source !== "default"), list = all ? rows : given
  return <section>
    <div class="bar"><label class="check"><input type="checkbox" checked={all} onChange={e => setAll((e.target as HTMLInputElement).checked)} /> also the {rows.length - given.length} at their default</label>
      <span class="quiet">ALTER STREAMJOB {named(job.full)} SET ("key"="value") changes them; the next start takes them.</span></div>
    <div class="scroll flat" tabIndex={0} role="region" aria-label="Properties"><table class="list props">
      <thead><tr><th scope="col">Property</th><th scope="col">Value</th><th scope="col">From</th><th scope="col">Meaning</th></tr></thead>
      <tbody>{list.map(r => <tr key={r.property}><td class="mono">{r.property}</td><td class="mono">{r.value || <span class="quiet">empty</span>}</td><td>{r.source}</td><td class="meaning">{r.meaning}</td></tr>)}</tbody>
    </table></div>
    {!list.length && <p class="empty">All properties are at their default.</p>}
  </section>
}

export function JobSQL({ job }: { job: Job }) {
  const { rows, error } = useOnce(`SHOW CREATE STREAMJOB ${named(job.full)}`)
  return <section>
    {error ? <Trouble error={error} /> : !rows ? <Wait /> : <SQLText text={Object.values(rows[0] ?? {}).at(-1) ?? ""} label="The statement that makes this job" />}
  </section>
}
