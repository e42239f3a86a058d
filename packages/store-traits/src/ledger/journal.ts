import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { accountId, type Disposable, lifecycle } from '@ilp/service-core'
import { StoreError } from '../error.js'
import { lockDirectory } from '../lock.js'
import type { SessionId, Transfer } from './ledger-store.js'

/** A batch that the store had not confirmed when its Fulfills had to be relayed. */
export interface JournaledBatch {
  readonly session: SessionId
  readonly seq: number
  /** What it commits. Its reserves and releases are not kept: a restart ends the session, and they with it. */
  readonly commits: readonly Transfer[]
}

/**
 * The local file that holds a node's promises while its store can't take them, and the sessions that they belong to.
 * What a method wrote is on the disk when it resolves. A folder serves one process at a time.
 */
export interface Journal extends Disposable {
  /** What an earlier run left: the sessions that it didn't end, and its batches in the order they were written. */
  readonly left: () => {
    readonly sessions: readonly SessionId[]
    readonly batches: readonly JournaledBatch[]
  }
  /** Notes a session, so that a restart can end it. */
  readonly note: (session: SessionId) => Promise<void>
  /** Adds batches. After a failure none of them is in the journal. */
  readonly append: (batches: readonly JournaledBatch[]) => Promise<void>
  /** Replaces everything by these sessions: no batch waits any more. */
  readonly keep: (sessions: readonly SessionId[]) => Promise<void>
  /** Puts batches that can't be booked into a file for reconciliation, which nothing ever empties. */
  readonly setAside: (batches: readonly JournaledBatch[]) => Promise<void>
}

interface JournaledAccount {
  readonly id: string
  readonly code: string
  readonly scale: number
}

interface JournaledTransfer {
  readonly from: JournaledAccount
  readonly incomingAmount: string
  readonly to: JournaledAccount
  readonly amount: string
}

/** A session, or a batch of one. */
interface Line {
  readonly session: string
  readonly seq?: number
  readonly commits?: readonly JournaledTransfer[]
}

/** @param directory made when it is missing; the files in it hold account ids and amounts, no secrets */
export function createJournal(directory: string): Journal {
  const path = join(directory, 'journal.jsonl')
  let file: FileHandle | undefined
  /** How much of the file counts. */
  let size = 0
  /** Whether something may stand behind that. */
  let isTorn = false
  let found: readonly Line[] = []
  let unlock = async () => {}
  // One write after another: what the file holds is known at every moment.
  let last: Promise<unknown> = Promise.resolve()

  const inTurn = (step: (file: FileHandle) => Promise<void>): Promise<void> => {
    const result = last.then(() => {
      if (!file) throw new StoreError('ERR_STORE_CLOSED', 'the journal is not open')
      return step(file)
    })
    last = result.catch(() => {})
    return result
  }

  const truncate = async (to: FileHandle) => {
    await to.truncate(size)
    await to.datasync()
    isTorn = false
  }

  const append = async (to: FileHandle, lines: readonly Line[]) => {
    const bytes = Buffer.from(lines.map(summed).join(''))
    if (isTorn) await truncate(to)
    isTorn = true
    try {
      await write(to, bytes, size)
      await to.datasync()
    } catch (error) {
      // Where this fails as well, the next write begins with it.
      await truncate(to).catch(() => {})
      throw error
    }
    size += bytes.length
    isTorn = false
  }

  /** Puts a file with just these lines in the place of the old one: whole, whenever the process dies. */
  const replace = async (lines: readonly Line[]) => {
    const bytes = Buffer.from(lines.map(summed).join(''))
    const draft = await open(`${path}.new`, 'w')
    try {
      await draft.writeFile(bytes)
      await draft.sync()
      await rename(`${path}.new`, path)
    } catch (error) {
      await draft.close()
      throw error
    }
    // Whatever fails from here on: the old file has no name any more.
    const former = file
    file = draft
    size = bytes.length
    isTorn = false
    await former?.close()
    await sync(directory)
  }

  return {
    ...lifecycle({
      start: async () => {
        await mkdir(directory, { recursive: true })
        unlock = await lockDirectory(directory)
        found = await read(path)
        await replace(found)
      },
      stop: () => {
        const closed = last.then(async () => {
          await file?.close()
          file = undefined
          await unlock()
        })
        last = closed.catch(() => {})
        return closed
      },
    }),
    left: () => ({
      sessions: found.filter(line => line.seq === undefined).map(line => line.session as SessionId),
      batches: found.filter(line => line.seq !== undefined).map(toBatch),
    }),
    note: session => inTurn(to => append(to, [{ session }])),
    append: batches => inTurn(to => append(to, batches.map(toLine))),
    keep: sessions => inTurn(() => replace(sessions.map(session => ({ session })))),
    setAside: batches =>
      inTurn(async () => {
        const aside = await open(join(directory, 'unbooked.jsonl'), 'a')
        try {
          await aside.appendFile(batches.map(batch => `${JSON.stringify(toLine(batch))}\n`).join(''))
          await aside.sync()
        } finally {
          await aside.close()
        }
        await sync(directory)
      }),
  }
}

/** What stands before a line's content: `["01234567",`. */
const SUM_LENGTH = 12

/** A line of the file: a checksum, and what it is of. */
function summed(line: Line): string {
  const text = JSON.stringify(line)
  return `["${checksum(text)}",${text}]\n`
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0')

/** Writes all of it: a disk that fills up takes a part, and says so only when it is asked again. */
async function write(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

async function sync(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function read(path: string): Promise<Line[]> {
  const handle = await open(path, 'a+')
  try {
    // What stands behind the last line break was being written when the process died: nothing was promised on it.
    const lines = (await handle.readFile('utf8')).split('\n').slice(0, -1)
    return lines.map((line, index) => parse(line, `line ${index + 1} of ${path}`))
  } finally {
    await handle.close()
  }
}

function parse(line: string, where: string): Line {
  const text = line.slice(SUM_LENGTH, -1)
  if (line !== `["${checksum(text)}",${text}]`)
    throw new StoreError('ERR_JOURNAL_DAMAGED', `${where} is damaged`)
  return JSON.parse(text) as Line
}

const toLine = ({ session, seq, commits }: JournaledBatch): Line => ({
  session,
  seq,
  commits: commits.map(({ from, incomingAmount, to, amount }) => ({
    from: { id: from.id, ...from.asset },
    incomingAmount: incomingAmount.toString(),
    to: { id: to.id, ...to.asset },
    amount: amount.toString(),
  })),
})

const toBatch = ({ session, seq = 0, commits = [] }: Line): JournaledBatch => ({
  session: session as SessionId,
  seq,
  commits: commits.map(({ from, incomingAmount, to, amount }) => ({
    from: toAccount(from),
    incomingAmount: BigInt(incomingAmount),
    to: toAccount(to),
    amount: BigInt(amount),
  })),
})

const toAccount = ({ id, code, scale }: JournaledAccount) => ({ id: accountId(id), asset: { code, scale } })
