// What has happened, newest first.
import { useState } from "preact/hooks"
import { quoted } from "./api"
import { useLook } from "./data"
import { clock } from "./format"
import { jobHref } from "./jobs"
import { Empty, Trouble, Wait } from "./ui"

const tone = (s: string | null) => { const v = (s ?? "").toLowerCase(); return v.startsWith("err") || v === "failure" ? "bad" : v.startsWith("warn") ? "warn" : "idle" }
const sign: Record<string, string> = { bad: "✕", warn: "!", idle: "·" }

export function EventList({ job }: { job?: string }) {
  const { rows, error } = useLook("select * from slipway.events" + (job ? ` where job = ${quoted(job)}` : "") + " order by id desc limit 500", 2000)
  const [search, setSearch] = useState("")
  if (error && !rows) return error.fault.code === "42P01" ? <Empty>This server keeps no log of events.</Empty> : <Trouble error={error} />
  if (!rows) return <Wait />
  if (!rows.length) return <Empty>Nothing has happened yet.</Empty>
  const words = search.toLowerCase(), list = rows.filter(r => !words || Object.values(r).some(v => v?.toLowerCase().includes(words)))
  return <section>
    <div class="bar"><input type="search" placeholder="Search events" aria-label="Search events" value={search} onInput={e => setSearch((e.target as HTMLInputElement).value)} /></div>
    <div class="scroll flat" tabIndex={0} role="region" aria-label="Events"><table class="list events">
      <thead><tr><th scope="col">Time</th><th scope="col">Kind</th>{!job && <th scope="col">Job</th>}<th scope="col">What</th></tr></thead>
      <tbody>{list.map(r => <tr key={r.id}><td class="nowrap">{clock(r.at)}</td><td class="nowrap"><span class={"state " + tone(r.severity)}><span class="sign" aria-hidden="true">{sign[tone(r.severity)]}</span>{(r.kind ?? "").toLowerCase().replaceAll("_", " ")}</span></td>
        {!job && <td>{r.job && <a href={jobHref(r.job)}>{r.job}</a>}</td>}<td class="message">{r.message}{r.user && <small>by {r.user}</small>}</td></tr>)}</tbody>
    </table></div>
  </section>
}

export function Events() { return <div class="page"><h1>Events</h1><EventList /></div> }
