import { type Lifecycle, type Logger, lifecycle, silentLogger } from '@ilp/service-core'
import {
  Books,
  lockDirectory,
  moneyTraits,
  rateLimitTrait,
  type Secrets,
  type Store,
  type StoredAccount,
  StoreError,
  TokenBuckets,
} from '@ilp/store-traits'
import { Accounts, lmdbAccounts } from './accounts.js'
import { Address, lmdbAddress } from './address.js'
import { Credentials, lmdbCredentials } from './credentials.js'
import { Disk, makeFolder } from './disk.js'
import { Flusher } from './flusher.js'
import { Handle } from './handle.js'
import { lmdbRates, Rates } from './rates.js'
import { readRecords, rowOf } from './records.js'
import { lmdbRoutes, Routes } from './routes.js'
import { migrate } from './schema.js'

export interface LmdbStoreDeps {
  /** Where the data are; made when it is missing. One store at a time uses it. */
  readonly directory: string
  readonly secrets: Secrets
  /** Hears of listeners that throw, and of a disk that takes nothing. */
  readonly logger?: Logger
  /**
   * The clock of leases, of rate limits, and of what is kept for a time, in milliseconds since 1970. It goes on while the store is closed.
   * `Date.now` unless given.
   */
  readonly nowMs?: () => number
}

export interface LmdbStoreOptions {
  /** How long an answer waits for the disk. */
  readonly flushTimeoutMs: number
}

export const LMDB_STORE_DEFAULTS: LmdbStoreOptions = { flushTimeoutMs: 5_000 }

/**
 * A store with every trait, in a folder of its own. What it acknowledges is on the disk.
 *
 * `start` throws StoreError ERR_DIRECTORY_LOCKED where another process has the folder, ERR_STORE_TOO_NEW where a newer
 * version of this package has written it, ERR_STORE_UNSAFE where another program has, ERR_STORE_UNAVAILABLE where it
 * can't be read or written.
 */
export function createLmdbStore<A extends StoredAccount = StoredAccount>(
  { directory, secrets, logger = silentLogger, nowMs = Date.now }: LmdbStoreDeps,
  options: Partial<LmdbStoreOptions> = {},
): Store<A> {
  const { flushTimeoutMs } = { ...LMDB_STORE_DEFAULTS, ...options }
  const handle = new Handle(logger)
  const credentials = new Credentials()
  const accounts = new Accounts<A>(credentials)
  const address = new Address()
  const routes = new Routes()
  const rates = new Rates()
  const books = new Books({ nowMs, mark: record => handle.check().mark(rowOf(record)) })
  const money = { load: (disk: Disk) => books.load(readRecords(disk)) }
  const parts = [credentials, accounts, address, routes, rates, money]
  return {
    ...lifecycle(folder({ directory, logger, flushTimeoutMs, handle, parts })),
    properties: () => ({ loses: undefined, shared: false }),
    accounts: lmdbAccounts(handle, accounts),
    credentials: lmdbCredentials(handle, credentials, secrets),
    address: lmdbAddress(handle, address),
    routes: lmdbRoutes(handle, routes),
    rates: lmdbRates(handle, rates),
    rateLimits: rateLimitTrait(new TokenBuckets(nowMs), () => handle.check()),
    ...moneyTraits(books, handle.step),
  }
}

interface Folder extends LmdbStoreOptions {
  readonly directory: string
  readonly logger: Logger
  readonly handle: Handle
  /** What is read into memory at the start. */
  readonly parts: readonly { readonly load: (disk: Disk) => void }[]
}

/** Opens the folder under its lock, and closes it again. */
function folder({ directory, logger, flushTimeoutMs, handle, parts }: Folder): Lifecycle {
  let close = async () => {}

  const open = async (): Promise<void> => {
    await makeFolder(directory)
    const unlock = await lockDirectory(directory)
    close = unlock
    const disk = await Disk.open(directory)
    close = async () => {
      await disk.close()
      await unlock()
    }
    await migrate(disk)
    for (const part of parts) part.load(disk)
    const flusher = new Flusher(disk, flushTimeoutMs)
    handle.open(flusher)
    close = async () => {
      await flusher.flushed().catch((err: unknown) => {
        logger.error(
          { err },
          'the store stops with changes, none of them acknowledged, that are not on the disk',
        )
      })
      // What doesn't answer, or has failed, is left alone; the folder stays locked until this process is gone.
      if (flusher.isWriting || disk.isBroken) return
      await disk.close()
      await unlock()
    }
  }

  return {
    start: async () => {
      try {
        await open()
      } catch (error) {
        await close()
        close = async () => {}
        if (error instanceof StoreError) throw error
        const reason = error instanceof Error ? error.message : String(error)
        throw new StoreError('ERR_STORE_UNAVAILABLE', `${directory} can't be opened: ${reason}`, {
          cause: error,
        })
      }
    },
    stop: async () => {
      handle.close()
      await close()
    },
  }
}
