// The console: who looks, where they are, and the frame round it.
import { render } from "preact"
import { useEffect, useState } from "preact/hooks"
import { setOnSignedOut, signOut, type Visitor, whoAmI, type QueryError } from "./api"
import { Events } from "./events"
import { faultOf } from "./data"
import { JobView } from "./job"
import { Jobs } from "./jobs"
import { useJobs } from "./jobs_data"
import { Lineage } from "./lineage"
import { Query } from "./query"
import { SignIn } from "./signin"
import { StreamView, Streams } from "./streams"
import { Toasts } from "./toasts"
import { Icon, Trouble, Wait } from "./ui"
import "./style.css"

const places = [
  { id: "jobs", label: "Jobs", icon: "M3 5h14M3 10h14M3 15h14" },
  { id: "streams", label: "Streams", icon: "M2 7c3-4 5 4 8 0s5 4 8 0M2 13c3-4 5 4 8 0s5 4 8 0" },
  { id: "lineage", label: "Lineage", icon: "M6 5h-3v3h3zM6 12h-3v3h3zM17 8.500h-3v3h3zM6 6.500h3l2 3.500h3M6 13.500h3l2-3.500" },
  { id: "query", label: "Query", icon: "M4 5l5 5-5 5M11 15h6" },
  { id: "events", label: "Events", icon: "M10 3v7l4 3M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z" },
]

function useRoute(): string[] {
  const read = () => location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent)
  const [route, set] = useState(read)
  useEffect(() => {
    const f = () => { set(read()); document.getElementById("main")?.scrollTo(0, 0) }
    addEventListener("hashchange", f)
    return () => removeEventListener("hashchange", f)
  }, [])
  return route[0] ? route : ["jobs"]
}

type Theme = "auto" | "light" | "dark"
const themes: Theme[] = ["auto", "light", "dark"]

function useTheme(): [Theme, () => void] {
  const [theme, set] = useState<Theme>((localStorage.getItem("slipway.theme") as Theme) ?? "auto")
  useEffect(() => {
    if (theme === "auto") document.documentElement.removeAttribute("data-theme")
    else document.documentElement.dataset.theme = theme
    localStorage.setItem("slipway.theme", theme)
  }, [theme])
  return [theme, () => set(themes[(themes.indexOf(theme) + 1) % themes.length])]
}

const themeIcons: Record<Theme, string> = {
  auto: "M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14", light: "M10 6.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7ZM10 1.500v2M10 16.500v2M1.500 10h2M16.500 10h2M4 4l1.400 1.400M14.600 14.600 16 16M4 16l1.400-1.400M14.600 5.400 16 4",
  dark: "M16 12.500A7 7 0 0 1 7.500 4 6.500 6.500 0 1 0 16 12.500Z",
}

function App() {
  const [who, setWho] = useState<Visitor | null>(null), [error, setError] = useState<QueryError | null>(null)
  const look = () => whoAmI().then(v => { setWho(v); setError(null) }, e => setError(faultOf(e)))
  useEffect(() => {
    setOnSignedOut(() => setWho(w => w && !w.open ? { ...w, user: "" } : w))
    void look()
  }, [])
  if (error && !who) return <main class="alone"><Trouble error={error} /><button onClick={look}>Try again</button></main>
  if (!who) return <main class="alone"><Wait /></main>
  if (!who.user) return <SignIn done={setWho} />
  return <Frame who={who} left={() => setWho({ ...who, user: "" })} />
}

function Frame({ who, left }: { who: Visitor; left: () => void }) {
  const route = useRoute(), [theme, next] = useTheme(), { jobs, seen } = useJobs()
  const failed = jobs?.filter(j => j.state === "FAILED").length ?? 0
  useEffect(() => {
    const name = places.find(p => p.id === route[0])?.label ?? "Slipway"
    document.title = (route[1] ? route[1] + " · " : "") + name + " · Slipway"
  }, [route.join("/")])
  return <div class="frame">
    <a class="skip" href="#main" onClick={e => { e.preventDefault(); document.getElementById("main")!.focus() }}>To the content</a>
    <header class="side">
      <a class="brand" href="#/jobs"><img src="icon.svg" alt="" width="24" height="24" />Slipway</a>
      <nav class="places" aria-label="Places">
        {places.map(p => <a key={p.id} href={"#/" + p.id} aria-current={route[0] === p.id ? "page" : undefined}>
          <Icon path={p.icon} /><span>{p.label}</span>{p.id === "jobs" && failed > 0 && <span class="count bad" title={failed + " failed"}>{failed}</span>}
        </a>)}
      </nav>
      <div class="foot">
        <button class="plain" onClick={next} title={"Theme: " + theme} aria-label={"Theme: " + theme + ". Change it"}><Icon path={themeIcons[theme]} /><span>{theme}</span></button>
        {who.open ? <span class="who" title="There are no users yet: whoever reaches this port owns the server.">no users yet</span>
          : <button class="plain" onClick={() => signOut().then(() => { clearHistory(); left() })} title={"Signed in as " + who.user}><Icon path="M8 4H4v12h4M12 7l3 3-3 3M15 10H8" /><span>Sign out {who.user}</span></button>}
        <span class="version">{who.version}{who.role === "standby" ? " · stands by" : ""}</span>
      </div>
    </header>
    <main id="main" tabIndex={-1}>
      {seen.error && seen.error.fault.code === "08006" && <div class="away" role="alert">The server does not answer; what is shown is of {new Date(seen.at).toLocaleTimeString()} or before.</div>}
      <View route={route} />
    </main>
    <Toasts />
  </div>
}

function clearHistory() { localStorage.removeItem("slipway.history"); sessionStorage.clear() }

function View({ route }: { route: string[] }) {
  const [place, name, tab] = route
  switch (place) {
    case "jobs": return name ? <JobView key={name} full={name} tab={tab ?? "overview"} /> : <Jobs />
    case "streams": return name ? <StreamView key={name} full={name} /> : <Streams />
    case "lineage": return <Lineage at={name} />
    case "query": return <Query />
    case "events": return <Events />
  }
  return <div class="page"><h1>There is nothing here</h1><p><a href="#/jobs">To the jobs</a></p></div>
}

render(<App />, document.getElementById("app")!)
