const SLOT_MS = 4
const SLOTS = 8_192

/** What waits for a deadline. */
export interface Waiting {
  /** Called once, at the deadline or up to a few milliseconds behind it; never before. Must not throw. */
  readonly onDeadline: () => void
}

/** A deadline that can be called off. */
export interface Deadline {
  /** After this, `onDeadline` is not called any more. */
  readonly clear: () => void
}

/** A member of a slot's ring. Slots are rings with a head, so that leaving one takes no search. */
class Entry implements Deadline {
  previous: Entry = this
  next: Entry = this

  constructor(
    readonly dueMs: number,
    readonly waiting: Waiting | undefined,
    readonly wheel: Deadlines | undefined,
  ) {}

  clear(): void {
    if (this.next === this) return
    this.unlink()
    this.wheel?.left()
  }

  unlink(): void {
    this.previous.next = this.next
    this.next.previous = this.previous
    this.previous = this
    this.next = this
  }
}

/**
 * Deadlines of many packets on one timer: a hashed wheel of 4 ms slots. Setting and clearing one take constant time
 * and one small object. The timer runs only while something waits. Deadlines are by the wall clock, as packets are.
 */
export class Deadlines {
  readonly #slots: Entry[] = []
  #waiting = 0
  /** The last slot, counted from 1970, that has been emptied of what was due. */
  #done = 0
  #timer: NodeJS.Timeout | undefined

  /** Calls `waiting.onDeadline` when `dueMs`, in milliseconds since 1970, has come. */
  set(dueMs: number, waiting: Waiting): Deadline {
    const now = Date.now()
    if (this.#waiting === 0) this.#done = Math.floor(now / SLOT_MS)
    const entry = new Entry(dueMs, waiting, this)
    const head = this.#slot(Math.max(Math.ceil(dueMs / SLOT_MS), this.#done + 1))
    entry.previous = head.previous
    entry.next = head
    head.previous.next = entry
    head.previous = entry
    this.#waiting += 1
    this.#timer ??= setTimeout(this.#turn, SLOT_MS)
    return entry
  }

  /** The number of deadlines that are waited for. */
  get size(): number {
    return this.#waiting
  }

  /** @internal */
  left(): void {
    this.#waiting -= 1
    if (this.#waiting > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #slot(index: number): Entry {
    const at = index % SLOTS
    this.#slots[at] ??= new Entry(0, undefined, undefined)
    return this.#slots[at]
  }

  readonly #turn = (): void => {
    const now = Date.now()
    const current = Math.floor(now / SLOT_MS)
    const first = Math.max(this.#done + 1, current - SLOTS + 1)
    const due: Entry[] = []
    for (let index = first; index <= current; index++) {
      const head = this.#slot(index)
      for (let entry = head.next; entry !== head; entry = entry.next) if (entry.dueMs <= now) due.push(entry)
    }
    this.#done = Math.max(this.#done, current)
    for (const entry of due) {
      if (entry.next === entry) continue
      entry.unlink()
      this.#waiting -= 1
      entry.waiting?.onDeadline()
    }
    this.#timer = this.#waiting > 0 ? setTimeout(this.#turn, SLOT_MS) : undefined
  }
}
