// Layered drawing of a graph without loops: each node stands one layer behind the last of those that it reads,
// and within a layer by the mean place of its neighbours. Edges back (there are none in a plan) are left out of the layers.

export interface Node { id: string; width: number; height: number }
export interface Edge { from: string; to: string }
export interface Placed { id: string; x: number; y: number; width: number; height: number }
export interface Drawing { nodes: Map<string, Placed>; width: number; height: number }

export function layers(nodes: Node[], edges: Edge[]): Map<string, number> {
  const into = new Map<string, string[]>()
  for (const e of edges) if (e.from !== e.to) into.set(e.to, [...into.get(e.to) ?? [], e.from])
  const at = new Map<string, number>(), open = new Set<string>()
  const place = (id: string): number => {
    const known = at.get(id)
    if (known !== undefined) return known
    if (open.has(id)) return -1 // an edge back
    open.add(id)
    const n = Math.max(-1, ...(into.get(id) ?? []).map(place)) + 1
    open.delete(id)
    at.set(id, n)
    return n
  }
  for (const n of nodes) place(n.id)
  return at
}

export function draw(nodes: Node[], edges: Edge[], gapX = 64, gapY = 20): Drawing {
  const layer = layers(nodes, edges), columns: Node[][] = []
  for (const n of nodes) (columns[layer.get(n.id)!] ??= []).push(n)
  for (let i = 0; i < columns.length; i++) columns[i] ??= []
  const near = new Map<string, string[]>()
  for (const e of edges) { near.set(e.from, [...near.get(e.from) ?? [], e.to]); near.set(e.to, [...near.get(e.to) ?? [], e.from]) }
  for (let round = 0; round < 6; round++) sweep(columns, near, layer, round % 2 === 0)
  const out = new Map<string, Placed>()
  const tall = Math.max(...columns.map(c => c.reduce((h, n) => h + n.height, 0) + gapY * (c.length - 1)), 0)
  let x = 0
  for (const c of columns) {
    const wide = Math.max(...c.map(n => n.width), 0), high = c.reduce((h, n) => h + n.height, 0) + gapY * (c.length - 1)
    let y = (tall - high) / 2
    for (const n of c) { out.set(n.id, { id: n.id, x, y, width: n.width, height: n.height }); y += n.height + gapY }
    x += wide + gapX
  }
  return { nodes: out, width: Math.max(0, x - gapX), height: tall }
}

// sweep orders each layer by where its neighbours of the layer before (or behind) stand.
function sweep(columns: Node[][], near: Map<string, string[]>, layer: Map<string, number>, forth: boolean) {
  const order = forth ? columns.keys() : [...columns.keys()].reverse()
  for (const i of order) {
    const place = new Map<string, number>()
    columns.forEach((c, l) => { if (forth ? l < i : l > i) c.forEach((n, p) => place.set(n.id, (p + 0.5) / c.length)) })
    const mean = (n: Node, p: number) => {
      const list = (near.get(n.id) ?? []).map(m => place.get(m)).filter((v): v is number => v !== undefined)
      return list.length ? list.reduce((a, b) => a + b, 0) / list.length : (p + 0.5) / columns[i].length
    }
    columns[i] = columns[i].map((n, p) => ({ n, m: mean(n, p) })).sort((a, b) => a.m - b.m).map(x => x.n)
  }
  void layer
}

// curve from the right side of one node to the left of another.
export function curve(a: Placed, b: Placed): string {
  const x1 = a.x + a.width, y1 = a.y + a.height / 2, x2 = b.x, y2 = b.y + b.height / 2, bend = Math.max(24, (x2 - x1) / 2)
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
}
