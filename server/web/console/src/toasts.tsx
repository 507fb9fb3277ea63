// What was done, said for some seconds; and how something is done.
import { useEffect, useState } from "preact/hooks"
import { type Fault, run } from "./api"
import { refresh } from "./data"

interface Said { id: number; text: string; tone: "good" | "warn" }
let last = 0, said: Said[] = [], tell: (s: Said[]) => void = () => {}

export function say(text: string, tone: "good" | "warn" = "good") {
  const id = ++last
  said = [...said.slice(-3), { id, text, tone }]
  tell(said)
  setTimeout(() => { said = said.filter(s => s.id !== id); tell(said) }, 8000)
}

export function Toasts() {
  const [list, set] = useState(said)
  useEffect(() => { tell = set; return () => { tell = () => {} } }, [])
  return <div class="toasts" role="status" aria-live="polite">{list.map(s => <div key={s.id} class={"toast " + s.tone}>{s.text}</div>)}</div>
}

// perform runs statements that change something, says what they said, and has everything looked at anew.
export async function perform(sql: string, done: string): Promise<void> {
  const notices: Fault[] = []
  await run({ sql }, { notice: f => notices.push(f) })
  say(done)
  for (const n of notices) say(n.message, n.severity === "WARNING" ? "warn" : "good")
  refresh(true)
}
