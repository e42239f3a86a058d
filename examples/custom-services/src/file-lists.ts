import { unwatchFile, watchFile } from 'node:fs'
import { open } from 'node:fs/promises'
import { type Disposable, isAccountId, isAddressPrefix, type Logger, lifecycle } from '@ilp/service-core'
import type { AllowListStore } from './allow-list.js'

/** The largest file that is read. */
const FILE_BYTES_MAX = 1_000_000
/** How often it is looked at. */
const POLL_MS = 500

type Lists = ReadonlyMap<string, readonly string[]>

export interface FileListsDeps {
  readonly logger: Logger
}

export interface FileLists extends AllowListStore, Disposable {}

/**
 * Lists in a JSON file: `{ "account-id": ["test.shop"] }`. When the file changes, the lists do; while it can't be
 * read, or isn't right, those that were there before are in force. At the start it has to be right.
 */
export function createFileLists(path: string, { logger }: FileListsDeps): FileLists {
  let lists: Lists = new Map()
  const refresh = async () => {
    try {
      lists = await readLists(path)
      logger.info({ path, accounts: lists.size }, 'the allow lists have changed')
    } catch (err) {
      logger.error({ err, path }, 'the allow lists stay as they were')
    }
  }
  const onChange = () => void refresh()
  return {
    prefixesOf: account => lists.get(account),
    ...lifecycle({
      start: async () => {
        lists = await readLists(path)
        watchFile(path, { interval: POLL_MS }, onChange)
      },
      stop: async () => unwatchFile(path, onChange),
    }),
  }
}

async function readLists(path: string): Promise<Lists> {
  await using file = await open(path, 'r')
  const { size } = await file.stat()
  if (size > FILE_BYTES_MAX) throw new RangeError(`${path} has more than ${FILE_BYTES_MAX} octets`)
  const content: unknown = JSON.parse(await file.readFile('utf8'))
  if (!isObject(content)) throw new TypeError(`${path}: expected an object of lists`)
  return new Map(
    Object.entries(content).map(([account, prefixes]) => {
      if (!isAccountId(account)) throw new TypeError(`${path}: ${account} is no account id`)
      if (!isListOfPrefixes(prefixes))
        throw new TypeError(`${path}: expected a list of prefixes for ${account}`)
      return [account, prefixes]
    }),
  )
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isListOfPrefixes = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(entry => typeof entry === 'string' && isAddressPrefix(entry))
