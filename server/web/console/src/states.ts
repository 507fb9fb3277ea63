// The states of a job: a colour, a sign and a word, so that none of them has to be seen.

export type Tone = "good" | "bad" | "warn" | "idle" | "busy"

export const states: Record<string, { tone: Tone; sign: string }> = {
  RUNNING: { tone: "good", sign: "▶" },
  STARTING: { tone: "busy", sign: "◔" },
  RESTARTING: { tone: "warn", sign: "↻" },
  STOPPING: { tone: "busy", sign: "◕" },
  STOPPED: { tone: "idle", sign: "■" },
  FINISHED: { tone: "idle", sign: "✓" },
  FAILED: { tone: "bad", sign: "✕" },
  CREATED: { tone: "idle", sign: "○" },
  DROPPING: { tone: "warn", sign: "–" },
}

export const stateOf = (s: string | null) => states[s ?? ""] ?? { tone: "idle" as Tone, sign: "?" }

// order of states in the filter: who needs somebody comes first.
export const stateOrder = ["FAILED", "RESTARTING", "STARTING", "STOPPING", "RUNNING", "CREATED", "STOPPED", "FINISHED", "DROPPING"]
export const active = (s: string | null) => s === "RUNNING" || s === "STARTING" || s === "RESTARTING"
