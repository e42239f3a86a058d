import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StoreError } from '@ilp/store-traits'

/** What is kept under a key: anything that JSON can say, and bigints. */
export type Row = unknown

/** How long the disk may take. */
const FLUSH_MS_MAX = 5_000

/**
 * A file of rows. Each of its lines is one transaction, `[[key, value], …]`: the last value of a key counts, and null is
 * none. A line that has no end was being written when the process died: nobody was told that it is there.
 */
export class Log {
  readonly #file: FileHandle
  /** What is to be written next: by key, what its value will be at that moment. */
  #pending = new Map<string, () => Row>()
  #isQueued = false
  /** Settles when all that has been asked for is on the disk. Once a write has failed, it is rejected for good. */
  #last: Promise<void> = Promise.resolve()

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** Opens the file, and reads what is there. It is written anew with that alone: this is when it becomes smaller. */
  static async open(path: string): Promise<{ readonly log: Log; readonly rows: ReadonlyMap<string, Row> }> {
    const rows = await read(path)
    const file = await open(`${path}.new`, 'w')
    await file.appendFile(line(rows))
    await file.sync()
    await rename(`${path}.new`, path)
    await syncFolder(dirname(path))
    return { log: new Log(file), rows }
  }

  /** Sets a row; undefined removes it. `value` is asked when the row is written, which is when its transaction ends. */
  put(key: string, value: () => Row): void {
    this.#pending.set(key, value)
  }

  /** Writes what has been put, all that is there in one transaction; resolves when it is on the disk. */
  async flushed(): Promise<void> {
    if (this.#pending.size > 0 && !this.#isQueued) {
      this.#isQueued = true
      this.#last = this.#last.then(() => this.#write())
      this.#last.catch(() => {})
    }
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the disk does not answer')), FLUSH_MS_MAX)
    })
    try {
      await Promise.race([this.#last, late])
    } catch (cause) {
      throw new StoreError('ERR_STORE_UNAVAILABLE', 'the file can not be written', { cause })
    } finally {
      clearTimeout(timer)
    }
  }

  async close(): Promise<void> {
    await this.#last.catch(() => {})
    await this.#file.close()
  }

  async #write(): Promise<void> {
    this.#isQueued = false
    const pending = this.#pending
    this.#pending = new Map()
    await this.#file.appendFile(line([...pending].map(([key, value]) => [key, value()])))
    await this.#file.datasync()
  }
}

const line = (rows: Iterable<readonly [key: string, value: Row]>): string =>
  `${JSON.stringify([...rows], (_, value: unknown) =>
    typeof value === 'bigint' ? { bigint: value.toString() } : value,
  )}\n`

const revive = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'bigint' in value ? BigInt(value.bigint as string) : value

async function read(path: string): Promise<Map<string, Row>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const rows = new Map<string, Row>()
  for (const [index, transaction] of text.split('\n').slice(0, -1).entries()) {
    for (const [key, value] of parse(transaction, `line ${index + 1} of ${path}`)) {
      if (value === null) rows.delete(key)
      else rows.set(key, value)
    }
  }
  return rows
}

function parse(transaction: string, where: string): [key: string, value: Row][] {
  try {
    return JSON.parse(transaction, revive) as [string, Row][]
  } catch (cause) {
    throw new StoreError('ERR_STORE_UNSAFE', `${where} is damaged`, { cause })
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync()
  await handle.close()
}
