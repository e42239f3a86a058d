import { randomBytes } from 'node:crypto'
import { appendFile, mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Disposable,
  type Fulfill,
  type Logger,
  lifecycle,
  type OutgoingRequest,
} from '@ilp/service-core'
import type { Reports, Transfer } from '@ilp/store-traits'
import { lateFulfillLog } from '@ilp/validator'

/** A transfer whose books somebody has to compare with those of a peer. */
export interface ReconciliationEntry {
  readonly id: string
  readonly atMs: number
  /**
   * `late-fulfill`: rejected here, and perhaps paid at the next hop. `unbooked`: the Fulfill was relayed and is in no
   * book. `posted-late`: booked though its hold was gone, perhaps across a limit.
   */
  readonly kind: 'late-fulfill' | 'unbooked' | 'posted-late'
  /** Ids of the accounts, and what the one was to be debited and the other to be credited, each in its unit. */
  readonly from: string
  readonly incomingAmount: string
  readonly to: string
  readonly amount: string
  readonly destination?: string
  readonly expiresAt?: string
  readonly fulfillment?: string
}

/** The transfers that wait for a reconciliation, from this process and, with a folder, from those before it. */
export interface Reconciliation extends Disposable {
  /** To be told by the ledger. */
  readonly reports: Reports
  /** To be told by the outgoing validator. Logs as well. */
  readonly lateFulfill: (request: OutgoingRequest, fulfill: Fulfill) => void
  /** The oldest first. */
  readonly list: () => readonly ReconciliationEntry[]
  readonly size: () => number
  /** Transfers that found no place in the list; the log has them. */
  readonly unlisted: () => number
  /** It has been seen to. @returns whether there was one */
  readonly settle: (id: string, reason: string) => Promise<boolean>
}

/** Entries that are kept; the log has those beyond. */
export const ENTRIES_MAX = 1_000
/** Lines of the file that say nothing any more, before it is written anew. */
const STALE_LINES_MAX = 10_000

const FILE = 'reconciliation.jsonl'

type Line = { readonly entry: ReconciliationEntry } | { readonly settled: string; readonly reason: string }

/**
 * @param directory where the list is kept; made when it is missing. Without one, it ends with the process
 */
export function createReconciliation(directory: string | undefined, logger: Logger): Reconciliation {
  const list = new TransferList(directory, logger)
  const logLateFulfill = lateFulfillLog(logger)
  return {
    ...lifecycle(list),
    reports: {
      unbooked: transfer => list.unbooked(transfer),
      recovered: transfer => list.recovered(transfer),
      postedLate: transfer => void list.add({ kind: 'posted-late', ...shown(transfer) }),
    },
    lateFulfill: (request, fulfill) => {
      logLateFulfill(request, fulfill)
      const { from, to, prepare, incomingAmount } = request
      list.add({
        kind: 'late-fulfill',
        ...shown({ from, incomingAmount, to, amount: prepare.units }),
        destination: prepare.destination,
        expiresAt: prepare.expiresAt.toISOString(),
        fulfillment: fulfill.fulfillment.toString('hex'),
      })
    },
    list: () => [...list.entries.values()],
    size: () => list.entries.size,
    unlisted: () => list.unlisted,
    settle: (id, reason) => list.settle(id, reason),
  }
}

class TransferList {
  readonly entries = new Map<string, ReconciliationEntry>()
  unlisted = 0
  readonly #logger: Logger
  readonly #file: LinesFile | undefined
  readonly #unbooked = new WeakMap<Transfer, string>()
  /** Another process may have made an entry in the same millisecond. */
  readonly #mark = randomBytes(4).toString('hex')
  #added = 0

  constructor(directory: string | undefined, logger: Logger) {
    this.#logger = logger
    this.#file = directory === undefined ? undefined : new LinesFile(directory, FILE)
  }

  readonly start = async (): Promise<void> => {
    const own = [...this.entries]
    this.entries.clear()
    for (const line of (await this.#file?.read()) ?? []) {
      if ('entry' in line) this.entries.set(line.entry.id, line.entry)
      else this.entries.delete(line.settled)
    }
    for (const [id, entry] of own) this.entries.set(id, entry)
  }

  readonly stop = async (): Promise<void> => this.#file?.idle()

  add(fields: Omit<ReconciliationEntry, 'id' | 'atMs'>): string | undefined {
    if (this.entries.size >= ENTRIES_MAX) {
      if (this.unlisted === 0) {
        this.#logger.error({ entries: ENTRIES_MAX }, 'the list for reconciliation is full')
      }
      this.unlisted += 1
      return undefined
    }
    const atMs = Date.now()
    this.#added += 1
    // In their order as texts, too.
    const id = `${String(atMs).padStart(15, '0')}-${String(this.#added % 1_000_000).padStart(6, '0')}-${this.#mark}`
    const entry = { id, atMs, ...fields }
    this.entries.set(id, entry)
    void this.#write({ entry })
    return id
  }

  async settle(id: string, reason: string): Promise<boolean> {
    const entry = this.entries.get(id)
    if (!entry) return false
    this.entries.delete(id)
    this.#logger.info({ ...entry, reason }, 'a transfer was reconciled')
    await this.#write({ settled: id, reason })
    return true
  }

  unbooked(transfer: Transfer): void {
    const id = this.add({ kind: 'unbooked', ...shown(transfer) })
    if (id !== undefined) this.#unbooked.set(transfer, id)
  }

  recovered(transfer: Transfer): void {
    const id = this.#unbooked.get(transfer)
    if (id !== undefined) void this.settle(id, 'it was booked after all')
  }

  async #write(line: Line): Promise<void> {
    try {
      await this.#file?.append(line, () => Array.from(this.entries.values(), entry => ({ entry })))
    } catch (err) {
      this.#logger.error({ err }, 'the list for reconciliation could not be written')
    }
  }
}

interface Sides {
  readonly from: { readonly id: string }
  readonly incomingAmount: bigint
  readonly to: { readonly id: string }
  readonly amount: bigint
}

const shown = ({ from, incomingAmount, to, amount }: Sides) => ({
  from: from.id,
  incomingAmount: incomingAmount.toString(),
  to: to.id,
  amount: amount.toString(),
})

/** A file of lines that are added one after another, and written anew when too many of them say nothing any more. */
class LinesFile {
  readonly #directory: string
  readonly #path: string
  #lines = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(directory: string, name: string) {
    this.#directory = directory
    this.#path = join(directory, name)
  }

  async read(): Promise<readonly Line[]> {
    await mkdir(this.#directory, { recursive: true })
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    const lines = text.split('\n').flatMap(line => parsed(line) ?? [])
    this.#lines = lines.length
    return lines
  }

  append(line: Line, whole: () => readonly Line[]): Promise<void> {
    const written = this.#last.then(async () => {
      await mkdir(this.#directory, { recursive: true })
      this.#lines += 1
      if (this.#lines > STALE_LINES_MAX + ENTRIES_MAX) return this.#replace(whole())
      // What a process that died has left of its last line is ended by this.
      await appendFile(this.#path, `\n${JSON.stringify(line)}`, { flush: true })
    })
    this.#last = written.catch(() => {})
    return written
  }

  async idle(): Promise<void> {
    await this.#last
  }

  /** Puts a file with just these lines in the place of the old one: whole, whenever the process dies. */
  async #replace(lines: readonly Line[]): Promise<void> {
    const draft = await open(`${this.#path}.new`, 'w')
    try {
      await draft.writeFile(lines.map(line => `\n${JSON.stringify(line)}`).join(''))
      await draft.sync()
    } finally {
      await draft.close()
    }
    await rename(`${this.#path}.new`, this.#path)
    this.#lines = lines.length
  }
}

/** A line that was being written when the process died is none. */
function parsed(text: string): Line | undefined {
  if (text === '') return undefined
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined
  }
}
