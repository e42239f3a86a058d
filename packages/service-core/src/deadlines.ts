const SLOT_MS = 4
const SLOTS = 8_192

/** What waits for a deadline. */
export interface Waiting {
  /** Called once, at the deadline or up to a few milliseconds behind it; never before. Must not throw: nobody would catch it. */
  readonly onDeadline: () => void
}

/** A deadline that can be called off. */
export interface Deadline {
  /** After this, `onDeadline` is not called any more. */
  readonly clear: () => void
}

/** A link of a ring: a head, which stands for the ring, or an entry. Rings are left without a search. */
class Link {
  #previous: Link = this
  next: Link = this

  /** Leaves the ring it is in and joins the end of the one that `head` stands for. */
  join(head: Link): void {
    this.leave()
    this.#previous = head.#previous
    this.next = head
    head.#previous.next = this
    head.#previous = this
  }

  leave(): void {
    this.#previous.next = this.next
    this.next.#previous = this.#previous
    this.#previous = this
    this.next = this
  }
}

class Entry extends Link implements Deadline {
  constructor(
    readonly dueMs: number,
    readonly waiting: Waiting,
    readonly wheel: Deadlines,
  ) {
    super()
  }

  clear(): void {
    if (this.next === this) return
    this.leave()
    this.wheel.left()
  }
}

const slotOf = (ms: number): number => Math.floor(ms / SLOT_MS)

/**
 * Deadlines of many packets on one timer: a hashed wheel of 4 ms slots. Setting and clearing one take constant time
 * and one small object. The timer runs only while something waits. Deadlines are by the wall clock, as packets are.
 */
export class Deadlines {
  readonly #slots: Link[] = []
  /** What is due and not called yet. */
  readonly #due = new Link()
  #waiting = 0
  /** The last slot, counted from 1970, that has been emptied of what was due. */
  #done = 0
  #timer: NodeJS.Timeout | undefined

  /** Calls `waiting.onDeadline` when `dueMs`, in milliseconds since 1970, has come. */
  set(dueMs: number, waiting: Waiting): Deadline {
    const current = slotOf(Date.now())
    // Nobody waited for the slots up to now, or the clock was set back and they come again.
    if (this.#waiting === 0 || current < this.#done) this.#done = current
    const entry = new Entry(dueMs, waiting, this)
    entry.join(this.#slot(Math.max(Math.ceil(dueMs / SLOT_MS), this.#done + 1)))
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

  #slot(index: number): Link {
    const at = index % SLOTS
    this.#slots[at] ??= new Link()
    return this.#slots[at]
  }

  readonly #turn = (): void => {
    this.#timer = undefined
    this.#collect(Date.now())
    try {
      for (let entry = this.#due.next; entry !== this.#due; entry = this.#due.next) {
        entry.leave()
        this.#waiting -= 1
        ;(entry as Entry).waiting.onDeadline()
      }
    } finally {
      // After a throw, what is left in #due is called by the next turn.
      if (this.#waiting > 0) this.#timer ??= setTimeout(this.#turn, SLOT_MS)
    }
  }

  /** Moves what is due from the slots that have passed to `#due`. */
  #collect(now: number): void {
    const current = slotOf(now)
    for (let index = Math.max(this.#done + 1, current - SLOTS + 1); index <= current; index++) {
      const head = this.#slot(index)
      let entry = head.next
      while (entry !== head) {
        const { next } = entry
        if ((entry as Entry).dueMs <= now) entry.join(this.#due)
        entry = next
      }
    }
    this.#done = current
  }
}
