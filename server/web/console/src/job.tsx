// One job: what it is, what it does, and what can be done with it.
import { useState } from "preact/hooks"
import { named, quoted } from "./api"
import { Checkpoints } from "./job_checkpoints"
import { Failures } from "./job_failures"
import { Overview } from "./job_overview"
import { JobSQL, Properties } from "./job_properties"
import { Transactions } from "./job_transactions"
import { useNow } from "./data"
import { EventList } from "./events"
import { age, duration, number, rate, bytes } from "./format"
import { behind, type Job, useJobs } from "./jobs_data"
import { jobHref } from "./jobs"
import { active } from "./states"
import { perform } from "./toasts"
import { type Asked, Figure, Note, Question, State, Tabs, Trouble, Wait } from "./ui"

export function JobView({ full, tab }: { full: string; tab: string }) {
  const { jobs, seen } = useJobs(), [asked, ask] = useState<Asked | null>(null)
  const job = jobs?.find(j => j.full === full)
  if (!job) return <div class="page"><h1>{full}</h1>{seen.error ? <Trouble error={seen.error} /> : jobs ? <Note tone="idle">There is no stream job of this name, or you may not see it. <a href="#/jobs">All jobs</a></Note> : <Wait />}</div>
  const tabs = [
    { id: "overview", label: "Overview" }, { id: "checkpoints", label: "Checkpoints" }, { id: "transactions", label: "Transactions" },
    { id: "failures", label: "Failures", count: job.restarts || (job.failure ? 1 : 0), tone: job.state === "FAILED" ? "bad" : "" }, { id: "properties", label: "Properties" }, { id: "sql", label: "SQL" }, { id: "events", label: "Events" },
  ]
  return <div class="page">
    <p class="crumbs"><a href="#/jobs">Jobs</a> / {job.database}</p>
    <div class="head"><h1>{job.name} <State state={job.state} /></h1><Actions job={job} ask={ask} /></div>
    <Figures job={job} />
    {job.waits && <Note tone="warn" title="It waits">{job.waits}</Note>}
    <Tabs tabs={tabs} at={tab} to={id => jobHref(full, id)} label="Parts of the job" />
    <Part job={job} tab={tab} ask={ask} />
    <Question asked={asked} close={() => ask(null)} />
  </div>
}

function Figures({ job }: { job: Job }) {
  const now = useNow(), b = behind(job, now)
  return <dl class="figures wrap">
    <Figure label="in this state for" value={age(job.since, now)} />
    <Figure label="rows in" value={rate(job.rateIn)} more={job.rowsIn == null ? null : number(job.rowsIn) + " in all"} />
    <Figure label="rows out" value={rate(job.rateOut)} more={job.rowsOut == null ? null : number(job.rowsOut) + " in all"} />
    <Figure label="lag" value={number(job.lag)} more={job.lag == null ? null : "rows"} />
    <Figure label="watermark behind" value={b == null ? "–" : duration(b)} />
    <Figure label="last checkpoint" value={age(job.lastCheckpoint, now)} more={job.lastCheckpointId ? "no. " + job.lastCheckpointId : null} />
    <Figure label="state" value={bytes(job.stateBytes)} />
    {job.late || job.failed ? <Figure label="left out" value={number((job.late ?? 0) + (job.failed ?? 0))} more={`${number(job.late)} late, ${number(job.failed)} faulty`} tone="warn" /> : null}
  </dl>
}

function Actions({ job, ask }: { job: Job; ask: (a: Asked) => void }) {
  const name = named(job.full)
  if (!active(job.state)) return <div class="buttons">
    <button class="primary" onClick={() => ask({ title: `Start ${job.name}?`, action: "Start", text: <p>It goes on from its last checkpoint, if there is one.</p>, run: () => perform(`START STREAMJOB ${name}`, `${job.name} is started`) })}>Start</button>
    <button onClick={() => ask({
      title: `Start ${job.name} afresh?`, action: "Start afresh", danger: true, text: <p>Its state and its places in the sources are given up: it begins as a new job would, and may write rows a second time.</p>,
      run: () => perform(`START STREAMJOB ${name} FRESH`, `${job.name} is started afresh`),
    })}>Start afresh</button>
    <button onClick={() => drop(job, ask)}>Drop</button>
  </div>
  return <div class="buttons">
    <button onClick={() => ask({
      title: `Take a savepoint of ${job.name}?`, action: "Take it", input: { label: "Name, if you want one", value: "", placeholder: "before_change" },
      text: <p>A savepoint is a checkpoint that is kept until somebody drops it. The job runs on.</p>,
      run: n => perform(`SAVEPOINT STREAMJOB ${name}${n ? " " + quoted(n) : ""}`, `a savepoint of ${job.name} is taken`),
    })}>Savepoint</button>
    <button onClick={() => ask({ title: `Stop ${job.name}?`, action: "Stop", text: <p>It takes a last checkpoint and ends; nothing is lost. START goes on from there.</p>, run: () => perform(`STOP STREAMJOB ${name}`, `${job.name} is stopped`) })}>Stop</button>
    <button onClick={() => ask({
      title: `Stop ${job.name} with a savepoint?`, action: "Stop with savepoint", input: { label: "Name, if you want one", value: "" }, text: <p>A savepoint is taken, then the job ends.</p>,
      run: n => perform(`STOP STREAMJOB ${name} WITH SAVEPOINT${n ? " " + quoted(n) : ""}`, `${job.name} is stopped with a savepoint`),
    })}>Stop with savepoint</button>
  </div>
}

function drop(job: Job, ask: (a: Asked) => void) {
  ask({
    title: `Drop ${job.name}?`, action: "Drop it for good", danger: true, input: { label: `Write ${job.name} to go on`, value: "" },
    text: <p>The job, its checkpoints and its savepoints are removed. This cannot be undone. Its streams stay.</p>,
    run: async typed => {
      if (typed !== job.name) throw Object.assign(new Error(), { fault: { severity: "ERROR", code: "22023", message: `that is not ${job.name}` } })
      await perform(`DROP STREAMJOB ${named(job.full)}`, `${job.name} is dropped`)
      location.hash = "#/jobs"
    },
  })
}

function Part({ job, tab, ask }: { job: Job; tab: string; ask: (a: Asked) => void }) {
  switch (tab) {
    case "checkpoints": return <Checkpoints job={job} ask={ask} />
    case "transactions": return <Transactions job={job} />
    case "failures": return <Failures job={job} />
    case "properties": return <Properties job={job} />
    case "sql": return <JobSQL job={job} />
    case "events": return <EventList job={job.full} />
  }
  return <Overview job={job} />
}
