// Small charts: a line of points over time.

export interface Series { label: string; tone: string; values: (number | null)[] }

// path of the values within a box; what is not known is a gap.
function path(values: (number | null)[], most: number, width: number, height: number): string {
  const step = values.length > 1 ? width / (values.length - 1) : width
  let d = "", pen = false
  values.forEach((v, i) => {
    if (v == null) { pen = false; return }
    const x = (i * step).toFixed(1), y = (height - 1 - (v / most) * (height - 2)).toFixed(1)
    d += (pen ? "L" : "M") + x + " " + y
    pen = true
  })
  return d
}

export function Spark({ values }: { values: (number | null)[] }) {
  const known = values.filter((v): v is number => v != null)
  if (known.length < 2) return <svg class="spark" viewBox="0 0 60 18" aria-hidden="true" />
  const most = Math.max(...known, 1e-9)
  return <svg class="spark" viewBox="0 0 60 18" preserveAspectRatio="none" aria-hidden="true"><path d={path(values, most, 60, 18)} /></svg>
}

export function Chart({ title, series, text }: { title: string; series: Series[]; text: (n: number) => string }) {
  const known = series.flatMap(s => s.values.filter((v): v is number => v != null)), most = Math.max(...known, 0), last = series.map(s => s.values.at(-1))
  const enough = series.some(s => s.values.filter(v => v != null).length > 1)
  return <figure class="chart">
    <figcaption><span>{title}</span><span class="legend">{series.map((s, i) => <span key={s.label} class={s.tone}><i aria-hidden="true" />{s.label} <b>{last[i] == null ? "–" : text(last[i]!)}</b></span>)}</span></figcaption>
    <svg viewBox="0 0 300 64" preserveAspectRatio="none" role="img" aria-label={`${title}: ${series.map((s, i) => s.label + " " + (last[i] == null ? "unknown" : text(last[i]!))).join(", ")}`}>
      <line class="grid" x1="0" x2="300" y1="1" y2="1" /><line class="grid" x1="0" x2="300" y1="32" y2="32" /><line class="grid" x1="0" x2="300" y1="63" y2="63" />
      {enough && series.map(s => <path key={s.label} class={s.tone} d={path(s.values, most || 1, 300, 64)} />)}
    </svg>
    <span class="most" aria-hidden="true">{known.length ? text(most) : ""}</span>
  </figure>
}
