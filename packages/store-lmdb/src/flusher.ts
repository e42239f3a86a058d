import { StoreError } from '@ilp/store-traits'
import type { Disk, Row } from './disk.js'

/** A row with its value for good, and what is there without it. */
export interface Change {
  readonly key: Buffer
  readonly value: Uint8Array | undefined
  readonly former: Uint8Array | undefined
}

/**
 * Brings rows to the disk. While one transaction is under way, all that is marked meanwhile gathers for the next, which
 * begins as soon as the disk is free.
 *
 * Rows that could not be written stay marked: the memory is what counts, and the disk follows as soon as it can. Until
 * then every wait fails.
 */
export class Flusher {
  readonly #disk: Pick<Disk, 'write'>
  readonly #timeoutMs: number
  #dirty = new Set<Row>()
  /** Settles when the transactions up to now have. Never rejects. */
  #turn: Promise<void> = Promise.resolve()
  /** What those wait for whose rows are being written. */
  #current: Promise<void> | undefined
  /** What those wait for whose rows are next. */
  #next: Promise<void> | undefined
  #isFailing = false

  constructor(disk: Pick<Disk, 'write'>, timeoutMs: number) {
    this.#disk = disk
    this.#timeoutMs = timeoutMs
  }

  /** Whether the last transaction has failed, or isn't through in time. */
  get isFailing(): boolean {
    return this.#isFailing
  }

  /** Whether a transaction is under way. */
  get isWriting(): boolean {
    return this.#current !== undefined
  }

  /** Has the row written by the next transaction, as it is then. */
  mark(row: Row): void {
    this.#dirty.add(row)
  }

  /**
   * Resolves when all that was marked is on the disk.
   * @throws StoreError ERR_STORE_UNAVAILABLE; it is on the disk whole, or not at all
   */
  flushed(): Promise<void> {
    if (this.#dirty.size === 0) return this.#current ?? DONE
    this.#next ??= this.#begin()
    return this.#next
  }

  /** Writes the changes in one transaction. When that fails, what was there before is there again. */
  async write(changes: readonly Change[]): Promise<void> {
    let isUndone = false
    for (const { key, value, former } of changes) this.mark({ key, value: () => (isUndone ? former : value) })
    try {
      await this.flushed()
    } catch (error) {
      isUndone = true
      throw error
    }
  }

  #begin(): Promise<void> {
    const written = this.#turn.then(() => this.#write())
    this.#turn = written.catch(() => {})
    const inTime = within(written, this.#timeoutMs)
    inTime.catch(() => {
      this.#isFailing = true
    })
    return inTime
  }

  async #write(): Promise<void> {
    const rows = this.#dirty
    this.#dirty = new Set()
    this.#current = this.#next
    this.#next = undefined
    try {
      await this.#disk.write(rows)
      this.#isFailing = false
    } catch (error) {
      // In front of those marked since, whose keys may be the same.
      this.#dirty = new Set([...rows, ...this.#dirty])
      throw unavailable('the disk took nothing of it', error)
    } finally {
      this.#current = undefined
    }
  }
}

const DONE = Promise.resolve()

const unavailable = (message: string, cause?: unknown) =>
  new StoreError('ERR_STORE_UNAVAILABLE', message, { cause })

function within(promise: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(unavailable(`the disk didn't answer within ${ms} ms`)), ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
