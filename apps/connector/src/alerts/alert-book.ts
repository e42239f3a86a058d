import { randomUUID } from 'node:crypto'
import type { AlertKind } from './kinds.js'

/** Something that is not as it should be, as it is found in a look at the node. */
export interface Condition {
  /** The username of the account that it is about, if it is about one. */
  readonly account?: string | undefined
  readonly message: string
  /** Figures that belong to it; amounts are decimal strings. */
  readonly details?: Readonly<Record<string, string | number>> | undefined
}

export interface Alert extends Condition {
  readonly id: string
  readonly kind: AlertKind
  readonly raisedAtMs: number
}

export interface AlertChange {
  readonly state: 'raised' | 'cleared'
  readonly alert: Alert
}

/** What was found of one kind in a look. */
export interface Look {
  readonly kind: AlertKind
  /** By what each is about: the key under which it is known again. */
  readonly found: ReadonlyMap<string, Condition>
  /** Whether this one was looked at; all that there is of the kind were, unless given. */
  readonly looked?: (subject: string) => boolean
  /** How long a condition has to hold before it is an alert, and be gone before that ends. */
  readonly holdMs: number
}

/** Alerts at a time. */
export const ALERTS_MAX = 1_000

/** The longest that something which is well again is watched before its alert ends. */
const CLEAR_MS_MAX = 10_000

interface Entry {
  readonly kind: AlertKind
  readonly sinceMs: number
  alert: Alert | undefined
  goneSinceMs: number | undefined
}

/** Raises an alert once, and ends it once, however often its condition is found, and however it flickers. */
export class AlertBook {
  readonly #entries = new Map<string, Entry>()
  readonly #changed: (change: AlertChange) => void
  readonly #nowMs: () => number
  #raised = 0

  constructor(changed: (change: AlertChange) => void, nowMs: () => number = () => performance.now()) {
    this.#changed = changed
    this.#nowMs = nowMs
  }

  /** Those that hold, the oldest first. */
  alerts(): readonly Alert[] {
    return [...this.#entries.values()].flatMap(({ alert }) => alert ?? [])
  }

  isRaised(kind: AlertKind, subject: string): boolean {
    return this.#entries.get(`${kind} ${subject}`)?.alert !== undefined
  }

  get size(): number {
    return this.#raised
  }

  take({ kind, found, looked, holdMs }: Look): void {
    for (const [subject, condition] of found) this.#holds(kind, subject, condition, holdMs)
    for (const [key, entry] of this.#entries) {
      const subject = key.slice(kind.length + 1)
      const isOver = entry.kind === kind && !found.has(subject) && (looked?.(subject) ?? true)
      if (isOver) this.#isGone(key, entry, holdMs)
    }
  }

  /** The kind's conditions can't be looked at any more about these: what is known of them ends. */
  forget(kind: AlertKind, isKnown: (subject: string) => boolean): void {
    for (const [key, entry] of this.#entries) {
      if (entry.kind === kind && !isKnown(key.slice(kind.length + 1))) this.#clear(key, entry)
    }
  }

  #holds(kind: AlertKind, subject: string, condition: Condition, holdMs: number): void {
    const key = `${kind} ${subject}`
    const nowMs = this.#nowMs()
    const entry = this.#entries.get(key) ?? {
      kind,
      sinceMs: nowMs,
      alert: undefined,
      goneSinceMs: undefined,
    }
    this.#entries.set(key, entry)
    entry.goneSinceMs = undefined
    if (entry.alert || nowMs - entry.sinceMs < holdMs || this.#raised >= ALERTS_MAX) return
    this.#raised += 1
    entry.alert = { id: randomUUID(), kind, raisedAtMs: Date.now(), ...condition }
    this.#changed({ state: 'raised', alert: entry.alert })
  }

  #isGone(key: string, entry: Entry, holdMs: number): void {
    const nowMs = this.#nowMs()
    entry.goneSinceMs ??= nowMs
    const isOver = nowMs - entry.goneSinceMs >= Math.min(holdMs, CLEAR_MS_MAX)
    if (!entry.alert || isOver) this.#clear(key, entry)
  }

  #clear(key: string, { alert }: Entry): void {
    this.#entries.delete(key)
    if (!alert) return
    this.#raised -= 1
    this.#changed({ state: 'cleared', alert })
  }
}
