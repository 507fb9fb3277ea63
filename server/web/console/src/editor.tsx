// The editor of statements: colours, completion, and faults under their place. It lives in a shadow root, whose style sheets
// are objects: the page's policy allows none that stand in the page.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, type Completion, type CompletionContext, completionKeymap, type CompletionResult } from "@codemirror/autocomplete"
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands"
import { SQLDialect, sql } from "@codemirror/lang-sql"
import { bracketMatching, HighlightStyle, syntaxHighlighting, syntaxTree } from "@codemirror/language"
import { type Diagnostic, setDiagnostics } from "@codemirror/lint"
import { EditorState, Prec } from "@codemirror/state"
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view"
import { tags } from "@lezer/highlight"
import { useEffect, useMemo, useRef } from "preact/hooks"
import type { Fault } from "./api"
import { keywords, typeWords } from "./words"

const dialect = SQLDialect.define({ keywords: keywords.toLowerCase(), types: typeWords, doubleDollarQuotedStrings: true, charSetCasts: false, hashComments: false, slashComments: true, operatorChars: "*+-%<>!=&|~^/?:@#", identifierQuotes: "\"`" })

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--sql-keyword)", fontWeight: "600" }, { tag: [tags.string, tags.special(tags.string)], color: "var(--sql-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--sql-number)" }, { tag: tags.typeName, color: "var(--sql-type)" }, { tag: [tags.lineComment, tags.blockComment], color: "var(--quiet)", fontStyle: "italic" },
])

const look = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--panel)", fontSize: "13px", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", overflow: "auto" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--quiet)", border: "none", paddingLeft: "4px" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--hover)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selected)" },
  ".cm-matchingBracket": { backgroundColor: "var(--selected)", outline: "none" },
  ".cm-placeholder": { color: "var(--quiet)" },
  ".cm-tooltip": { backgroundColor: "var(--panel)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "6px", boxShadow: "0 6px 20px rgb(0 0 0 / .18)", overflow: "hidden" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "16em" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 8px", lineHeight: "1.4" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionDetail": { opacity: ".75", fontStyle: "normal", marginLeft: "1em" },
  ".cm-completionIcon": { opacity: ".7" },
  ".cm-diagnostic": { padding: "6px 10px", borderLeft: "3px solid var(--bad)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)", textUnderlineOffset: "3px" },
  ".cm-lintPoint-error:after": { borderBottomColor: "var(--bad)" },
})

// Names are what completion offers beside keywords.
export interface Names { relations: { name: string; kind: string; columns: { name: string; type: string }[] }[]; jobs: string[]; functions: { name: string; text: string }[] }

const keywordOptions: Completion[] = keywords.split(" ").map(k => ({ label: k, type: "keyword", boost: -20 }))

// complete offers columns behind a dot or of the relations that the statement names, relations, jobs, functions, keywords.
export function complete(names: Names) {
  const functions: Completion[] = names.functions.map(f => ({ label: f.name, type: "function", info: f.text, boost: -10 }))
  const relations: Completion[] = names.relations.map(r => ({ label: r.name, type: "class", detail: r.kind, boost: 10 }))
  const jobs: Completion[] = names.jobs.map(j => ({ label: j, type: "variable", detail: "job" }))
  return (c: CompletionContext): CompletionResult | null => {
    const inside = syntaxTree(c.state).resolveInner(c.pos, -1).name
    if (inside === "String" || inside.endsWith("Comment")) return null
    const word = c.matchBefore(/[\w$]*/)!, text = c.state.doc.toString()
    const before = c.state.sliceDoc(Math.max(0, word.from - 64), word.from), dot = /([\w$]+)\.$/.exec(before)
    if (dot) {
      const name = aliasOf(text, dot[1]), r = names.relations.find(r => r.name === name || r.name.split(".").at(-1) === name)
      const inSchema = names.relations.filter(r => r.name.startsWith(dot[1] + "."))
      const options = r ? r.columns.map(x => ({ label: x.name, type: "property", detail: x.type })) : inSchema.map(r => ({ label: r.name.slice(dot[1].length + 1), type: "class", detail: r.kind }))
      return options.length ? { from: word.from, options, validFor: /^[\w$]*$/ } : null
    }
    if (word.from === word.to && !c.explicit) return null
    const used = names.relations.filter(r => new RegExp("\\b" + r.name.split(".").at(-1)!.replace(/[^\w]/g, "\\$&") + "\\b", "i").test(text))
    const columns = [...new Map(used.flatMap(r => r.columns.map(x => [x.name, { label: x.name, type: "property", detail: x.type, boost: 20 } as Completion]))).values()]
    return { from: word.from, options: [...columns, ...relations, ...jobs, ...functions, ...keywordOptions], validFor: /^[\w$]*$/ }
  }
}

// aliasOf is the relation that a name stands for in FROM or JOIN.
export function aliasOf(text: string, name: string): string {
  const m = new RegExp("\\b(?:from|join|,)\\s+([\\w.$]+)\\s+(?:as\\s+)?" + name.replace(/\$/g, "\\$") + "\\b", "i").exec(text)
  return m ? m[1].toLowerCase() : name.toLowerCase()
}

// placeOf turns a position in characters of a text into the range of the word there, in the editor's units.
export function placeOf(text: string, position: number): { from: number; to: number } {
  const from = Math.min(text.length, [...text].slice(0, position - 1).join("").length)
  const word = /^[\w$]+|^\S/.exec(text.slice(from))
  return word ? { from, to: from + word[0].length } : { from: Math.max(0, from - 1), to: from }
}

export function Editor({ initial, names, fault, run, change, label }: {
  initial: string; names: Names; fault: { at: number; base: number; text: string; fault: Fault } | null; run: (text: string, base: number) => void; change: (text: string) => void; label: string
}) {
  const host = useRef<HTMLDivElement>(null), view = useRef<EditorView>(), act = useRef({ run, change, offer: null as unknown as ReturnType<typeof complete> })
  const offer = useMemo(() => complete(names), [names])
  act.current = { run, change, offer }
  useEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: "open" })
    const go = (v: EditorView) => { const s = v.state.selection.main; act.current.run(s.empty ? v.state.doc.toString() : v.state.sliceDoc(s.from, s.to), s.empty ? 0 : s.from); return true }
    const v = view.current = new EditorView({
      parent: root, root, state: EditorState.create({
        doc: initial,
        extensions: [
          lineNumbers(), history(), drawSelection(), bracketMatching(), closeBrackets(), highlightActiveLine(), EditorView.lineWrapping, EditorState.allowMultipleSelections.of(true),
          Prec.highest(keymap.of([{ key: "Mod-Enter", run: go }, { key: "Tab", run: acceptCompletion }])), keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
          sql({ dialect }), syntaxHighlighting(colours), look, autocompletion({ override: [c => act.current.offer(c)] }), placeholder("SELECT … — Ctrl+Enter runs it, or what is selected"),
          EditorView.contentAttributes.of({ "aria-label": label }), EditorView.updateListener.of(u => { if (u.docChanged) act.current.change(u.state.doc.toString()) }),
        ],
      }),
    })
    return () => v.destroy()
  }, [])
  useEffect(() => {
    const v = view.current!
    if (v.state.doc.toString() !== initial) v.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: initial } })
  }, [initial])
  useEffect(() => {
    const v = view.current!, list: Diagnostic[] = []
    if (fault?.fault.position) {
      const p = placeOf(fault.text, fault.fault.position), f = fault.fault
      list.push({ from: Math.min(p.from + fault.base, v.state.doc.length), to: Math.min(p.to + fault.base, v.state.doc.length), severity: "error", message: f.message + (f.hint ? "\n" + f.hint : "") })
      v.dispatch({ selection: { anchor: list[0].from }, scrollIntoView: true })
    }
    v.dispatch(setDiagnostics(v.state, list))
  }, [fault])
  return <div class="editor" ref={host as never} />
}

// SQLText shows a statement that is not to be changed.
export function SQLText({ text, label }: { text: string; label: string }) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: "open" })
    const v = new EditorView({ parent: root, root, state: EditorState.create({ doc: text, extensions: [EditorState.readOnly.of(true), EditorView.lineWrapping, sql({ dialect }), syntaxHighlighting(colours), look, EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" })] }) })
    return () => v.destroy()
  }, [text])
  return <div class="sqltext"><div ref={host as never} /><button class="small copy" onClick={() => navigator.clipboard?.writeText(text)}>Copy</button></div>
}
