import { mkdir, open as openFile } from 'node:fs/promises'
import { endianness } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { RootDatabase } from 'lmdb'
import type { Kind } from './keys.js'
import { DATA_FILE, pagesFor, Room } from './room.js'

/** Something that is kept under a key of its own. */
export interface Row {
  readonly key: Buffer
  /** What is to be there from now on; undefined for nothing. The octets must not change any more. */
  readonly value: () => Uint8Array | undefined
}

type Environment = RootDatabase<Buffer, Buffer>

/** Of what LMDB says of itself. */
interface Stats {
  readonly pageSize: number
  readonly lastPageNumber: number
}

/** A folder with an LMDB environment. Whoever opens it has the folder's lock. */
export class Disk {
  readonly #environment: Environment
  readonly #pageBytes: number
  readonly #room: Room
  #isBroken = false

  private constructor(environment: Environment, pageBytes: number, room: Room) {
    this.#environment = environment
    this.#pageBytes = pageBytes
    this.#room = room
  }

  static async open(directory: string): Promise<Disk> {
    // Loaded here, so that a program that only names this store gets along where LMDB has no binary.
    const { open } = await import('lmdb')
    await checkFile(directory)
    const environment = open<Buffer, Buffer>({
      path: directory,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      // A commit is over when its pages are on the disk, and then the page that makes them count.
      overlappingSync: false,
      // What belongs together is said by `batch` alone.
      eventTurnBatching: false,
    })
    try {
      const { pageSize } = environment.getStats() as Stats
      const room = await Room.open(directory, () => {
        const { lastPageNumber } = environment.getStats() as Stats
        return (lastPageNumber + 1) * pageSize
      })
      // The file is only as durable as its name is.
      await syncFolder(directory)
      return new Disk(environment, pageSize, room)
    } catch (error) {
      await environment.close()
      throw error
    }
  }

  /** Whether LMDB has failed, and must not be used by this process any more. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /** The rows of a kind: their names, and what is there. */
  *read(kind: Kind): Generator<[name: string, value: Buffer]> {
    const start = Buffer.from(kind)
    const end = Buffer.from([kind.charCodeAt(0) + 1])
    for (const { key, value } of this.#environment.getRange({ start, end })) {
      yield [key.toString('utf8', 1), value]
    }
  }

  isEmpty(): boolean {
    for (const _ of this.#environment.getKeys({ limit: 1 })) return false
    return true
  }

  /** Resolves when all rows are on the disk, as they were at the call; rejects when none is. One call at a time. */
  async write(rows: Iterable<Row>): Promise<void> {
    if (this.#isBroken) throw new Error('LMDB has failed: this process has to be started again')
    // Nothing may throw between two writes: LMDB would take the first without the second.
    const changes = Array.from(rows, row => ({ key: row.key, value: row.value() }))
    const sizes = changes.map(({ value }) => value?.length ?? 0)
    await this.#room.take(pagesFor(sizes, this.#pageBytes) * this.#pageBytes)
    try {
      await this.#environment.batch(() => {
        for (const { key, value } of changes) {
          if (value) void this.#environment.put(key, value as Buffer)
          else void this.#environment.remove(key)
        }
      })
    } catch (error) {
      this.#isBroken = true
      throw await causeOf(error)
    }
  }

  async close(): Promise<void> {
    await this.#environment.close()
    await this.#room.close()
  }
}

/** Makes the folder and those above it that are missing, each of them named durably. */
export async function makeFolder(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true })
  if (first === undefined) return
  for (let made = resolve(directory); made.length >= first.length; made = dirname(made)) {
    await syncFolder(dirname(made))
  }
}

/** Where LMDB's number for its files stands in them. */
const MAGIC_OFFSET = 24
const MAGIC = Buffer.from(endianness() === 'LE' ? 'dec0efbe' : 'beefc0de', 'hex')

/** LMDB takes the process down where the file is none of its own. */
async function checkFile(directory: string): Promise<void> {
  const file = await openFile(join(directory, DATA_FILE), 'a+')
  try {
    const { size } = await file.stat()
    const magic = Buffer.alloc(MAGIC.length)
    await file.read(magic, 0, magic.length, MAGIC_OFFSET)
    if (size > 0 && !magic.equals(MAGIC)) throw new Error(`${DATA_FILE} is no file of LMDB, or damaged`)
  } finally {
    await file.close()
  }
}

async function syncFolder(directory: string): Promise<void> {
  const handle = await openFile(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A failed commit says why in a promise of its own. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { readonly commitError?: Promise<unknown> }
  try {
    await commitError
    return error
  } catch (cause) {
    return cause
  }
}
