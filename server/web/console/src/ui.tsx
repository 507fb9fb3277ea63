// The small parts that views are made of.
import type { ComponentChildren, JSX } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"
import type { QueryError } from "./api"
import { stateOf } from "./states"

export function State({ state }: { state: string }) {
  const s = stateOf(state)
  return <span class={"state " + s.tone}><span class="sign" aria-hidden="true">{s.sign}</span>{state.toLowerCase()}</span>
}

export function Note({ tone, title, children }: { tone: "bad" | "warn" | "idle" | "good"; title?: string; children?: ComponentChildren }) {
  return <div class={"note " + tone} role={tone === "bad" ? "alert" : undefined}>{title && <strong>{title}</strong>}<div>{children}</div></div>
}

export function Trouble({ error }: { error: QueryError | null }) {
  if (!error) return null
  const f = error.fault
  return <Note tone="bad" title={f.message}>
    {f.detail && <p>{f.detail}</p>}{f.hint && <p>{f.hint}</p>}<p class="quiet">SQLSTATE {f.code}</p>
  </Note>
}

export function Empty({ children }: { children: ComponentChildren }) { return <p class="empty">{children}</p> }

export function Wait() { return <p class="empty" role="status">asking the server…</p> }

// Meter is a bar of one or two shares of 1.
export function Meter({ busy, blocked, label }: { busy: number | null; blocked: number | null; label: string }) {
  if (busy == null && blocked == null) return <span class="quiet">–</span>
  const b = Math.max(0, Math.min(1, busy ?? 0)), k = Math.max(0, Math.min(1 - b, blocked ?? 0))
  return <svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={`${label}: busy ${Math.round(b * 100)} %, blocked ${Math.round((blocked ?? 0) * 100)} %`}>
    <rect class="track" width="100" height="6" rx="1" />
    <rect class="busy" width={b * 100} height="6" /><rect class="blocked" x={b * 100} width={k * 100} height="6" />
  </svg>
}

export interface Tab { id: string; label: string; count?: number | null; tone?: string }

// Tabs are links: each view has an address. The arrow keys go from one to the next.
export function Tabs({ tabs, at, to, label }: { tabs: Tab[]; at: string; to: (id: string) => string; label: string }) {
  const box = useRef<HTMLDivElement>(null)
  const move = (e: KeyboardEvent) => {
    const links = [...box.current!.querySelectorAll<HTMLAnchorElement>("a")], i = links.indexOf(document.activeElement as HTMLAnchorElement)
    const next = e.key === "ArrowRight" ? i + 1 : e.key === "ArrowLeft" ? i - 1 : -1
    if (links[next]) { links[next].focus(); e.preventDefault() }
  }
  return <nav class="tabs" aria-label={label} ref={box as never} onKeyDown={move as never}>
    {tabs.map(t => <a key={t.id} href={to(t.id)} aria-current={t.id === at ? "page" : undefined} class={t.id === at ? "on" : ""}>
      {t.label}{t.count ? <span class={"count " + (t.tone ?? "")}>{t.count}</span> : null}
    </a>)}
  </nav>
}

// Figure is a number with its name.
export function Figure({ label, value, more, tone }: { label: string; value: ComponentChildren; more?: ComponentChildren; tone?: string }) {
  return <div class={"figure " + (tone ?? "")}><dt>{label}</dt><dd>{value}{more && <small>{more}</small>}</dd></div>
}

// Question asks before something is done. It is a dialog of the browser: Esc leaves it, the focus stays inside.
export interface Asked { title: string; text: ComponentChildren; action: string; danger?: boolean; input?: { label: string; value: string; placeholder?: string }; run: (input: string) => Promise<void> }

export function Question({ asked, close }: { asked: Asked | null; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [input, setInput] = useState(""), [busy, setBusy] = useState(false), [error, setError] = useState<QueryError | null>(null)
  useEffect(() => {
    if (!asked) return
    setInput(asked.input?.value ?? ""); setError(null); setBusy(false)
    if (!dialog.current!.open) dialog.current!.showModal()
  }, [asked])
  if (!asked) return null
  const go = async (e: Event) => {
    e.preventDefault()
    setBusy(true); setError(null)
    try { await asked.run(input); close() } catch (x) { setError(x as QueryError); setBusy(false) }
  }
  return <dialog ref={dialog as never} onClose={close} aria-labelledby="question">
    <form onSubmit={go as never}>
      <h2 id="question">{asked.title}</h2>
      <div class="text">{asked.text}</div>
      {asked.input && <label class="field">{asked.input.label}<input value={input} placeholder={asked.input.placeholder} onInput={e => setInput((e.target as HTMLInputElement).value)} /></label>}
      <Trouble error={error} />
      <div class="buttons"><button type="button" onClick={close}>Cancel</button><button class={asked.danger ? "danger" : "primary"} disabled={busy}>{busy ? "Working…" : asked.action}</button></div>
    </form>
  </dialog>
}

// Table of rows that are all of one height: only those that are seen are there.
export interface Head<T> { key: string; label: string; right?: boolean; cell: (row: T) => ComponentChildren; sort?: (row: T) => number | string | null; wide?: boolean; hint?: string }

export function VirtualTable<T>({ rows, heads, id, href, label, rowHeight = 40 }: {
  rows: T[]; heads: Head<T>[]; id: (r: T) => string; href?: (r: T) => string; label: string; rowHeight?: number
}) {
  const box = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 800 }), [order, setOrder] = useState<{ key: string; down: boolean } | null>(null)
  useEffect(() => {
    const b = box.current!
    const see = () => setView({ top: b.scrollTop, height: b.clientHeight })
    see()
    b.addEventListener("scroll", see, { passive: true })
    const o = new ResizeObserver(see)
    o.observe(b)
    return () => { b.removeEventListener("scroll", see); o.disconnect() }
  }, [])
  const sorted = order ? sortBy(rows, heads.find(h => h.key === order.key)?.sort, order.down) : rows
  const first = Math.max(0, Math.floor(view.top / rowHeight) - 8), last = Math.min(sorted.length, Math.ceil((view.top + view.height) / rowHeight) + 8)
  const press = (h: Head<T>) => setOrder(order?.key === h.key ? order.down ? { key: h.key, down: false } : null : { key: h.key, down: true })
  const keys = (e: KeyboardEvent) => {
    if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return
    const links = [...box.current!.querySelectorAll<HTMLAnchorElement>("tbody a.row")], i = links.indexOf(document.activeElement as HTMLAnchorElement)
    const next = links[i + (e.key === "ArrowDown" ? 1 : -1)]
    if (next) { next.focus(); e.preventDefault() }
  }
  return <div class="scroll" ref={box as never} onKeyDown={keys as never} tabIndex={0} role="region" aria-label={label}>
    <table class="list" aria-rowcount={sorted.length + 1}>
      <thead><tr>{heads.map(h => <th key={h.key} scope="col" class={cls(h)} aria-sort={order?.key === h.key ? order.down ? "descending" : "ascending" : undefined} title={h.hint}>
        {h.sort ? <button class="sort" onClick={() => press(h)}>{h.label}<span aria-hidden="true">{order?.key === h.key ? order.down ? " ↓" : " ↑" : ""}</span></button> : h.label}</th>)}</tr></thead>
      <tbody>
        {first > 0 && <tr class="gap" aria-hidden="true"><Gap height={first * rowHeight} span={heads.length} /></tr>}
        {sorted.slice(first, last).map((r, i) => <tr key={id(r)} aria-rowindex={first + i + 2}>
          {heads.map((h, n) => <td key={h.key} class={cls(h)} data-label={h.label}>{n === 0 && href ? <a class="row" href={href(r)}>{h.cell(r)}</a> : h.cell(r)}</td>)}
        </tr>)}
        {last < sorted.length && <tr class="gap" aria-hidden="true"><Gap height={(sorted.length - last) * rowHeight} span={heads.length} /></tr>}
      </tbody>
    </table>
  </div>
}

function Gap({ height, span }: { height: number; span: number }) { return <td colSpan={span} style={{ height: height + "px" }} /> }

const cls = <T,>(h: Head<T>) => ["c-" + h.key, h.right && "right", h.wide && "wide"].filter(Boolean).join(" ")

export function sortBy<T>(rows: T[], of: ((r: T) => number | string | null) | undefined, down: boolean): T[] {
  if (!of) return rows
  const sign = down ? -1 : 1
  return [...rows].sort((a, b) => {
    const x = of(a), y = of(b)
    if (x === y) return 0
    if (x == null) return 1 // what is not known comes last, either way
    if (y == null) return -1
    return x < y ? -sign : sign
  })
}

export const Icon = ({ path }: { path: string }) => <svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d={path} /></svg>
export type Style = JSX.CSSProperties
