import { useEffect, useRef, useState } from "preact/hooks"
import { signIn, type QueryError, type Visitor } from "./api"
import { faultOf } from "./data"
import { Trouble } from "./ui"

export function SignIn({ done }: { done: (v: Visitor) => void }) {
  const [user, setUser] = useState(""), [password, setPassword] = useState(""), [error, setError] = useState<QueryError | null>(null), [busy, setBusy] = useState(false)
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => { document.title = "Sign in · Slipway"; first.current?.focus() }, [])
  const go = async (e: Event) => {
    e.preventDefault()
    setBusy(true); setError(null)
    try { done(await signIn(user, password)) } catch (x) { setError(faultOf(x)); setPassword(""); setBusy(false) }
  }
  return <main class="alone">
    <form class="signin" onSubmit={go as never}>
      <h1><img src="icon.svg" alt="" width="32" height="32" />Slipway</h1>
      <label class="field">User<input ref={first as never} name="user" autocomplete="username" required value={user} onInput={e => setUser((e.target as HTMLInputElement).value)} /></label>
      <label class="field">Password<input name="password" type="password" autocomplete="current-password" required value={password} onInput={e => setPassword((e.target as HTMLInputElement).value)} /></label>
      <Trouble error={error} />
      <button class="primary" disabled={busy}>{busy ? "Signing in…" : "Sign in"}</button>
      <p class="quiet">The same users and passwords as with any PostgreSQL client.</p>
    </form>
  </main>
}
