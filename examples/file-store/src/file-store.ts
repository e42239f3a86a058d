import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Logger, lifecycle, silentLogger } from '@ilp/service-core'
import {
  Books,
  createMirror,
  lockDirectory,
  moneyTraits,
  rateLimitTrait,
  type Secrets,
  type Store,
  type StoredAccount,
  StoreError,
  TokenBuckets,
} from '@ilp/store-traits'
import { Directory } from './directory.js'
import { Log } from './log.js'
import { moneyIn, moneyKey, moneyRow } from './money.js'

export interface FileStoreDeps {
  /** Where the file is; made when it is missing. One store at a time uses it. */
  readonly directory: string
  readonly secrets: Secrets
  readonly logger?: Logger
}

const TIMEOUT_MS = 5_000

/** A store with every trait, in one file that only grows while it is open. What it acknowledges is on the disk. */
export function createFileStore<A extends StoredAccount = StoredAccount>({
  directory,
  secrets,
  logger = silentLogger,
}: FileStoreDeps): Store<A> {
  let opened: Log | undefined
  const log = (): Log => {
    if (!opened) throw new StoreError('ERR_STORE_CLOSED', 'the store is not open')
    return opened
  }
  const backend = new Directory(log)
  const {
    start,
    stop,
    check,
    checkFresh: _,
    ...mirrored
  } = createMirror<A>({ backend, secrets, logger }, { timeoutMs: TIMEOUT_MS })
  const books = new Books({
    nowMs: Date.now,
    mark: record => log().put(moneyKey(record), () => moneyRow(record)),
  })
  /** One step of the books, acknowledged when it is on the disk, as is all that it saw. */
  const step = async <T>(act: () => T): Promise<T> => {
    check()
    const result = act()
    await log().flushed()
    return result
  }
  let unlock = async () => {}

  const open = async (): Promise<void> => {
    await mkdir(directory, { recursive: true })
    unlock = await lockDirectory(directory)
    const { log: its, rows } = await Log.open(join(directory, 'store.jsonl'))
    opened = its
    backend.load(rows)
    books.load(moneyIn(rows))
    await start()
  }
  const close = async (): Promise<void> => {
    await stop()
    const closing = opened
    opened = undefined
    await closing?.close()
    await unlock()
  }

  return {
    ...lifecycle({
      start: async () => {
        try {
          await open()
        } catch (error) {
          await close()
          throw error
        }
      },
      stop: close,
    }),
    properties: () => ({ loses: undefined, shared: false }),
    ...mirrored,
    rateLimits: rateLimitTrait(new TokenBuckets(Date.now), check),
    ...moneyTraits(books, step),
  }
}
