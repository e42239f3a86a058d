import { setTimeout as sleep } from 'node:timers/promises'
import type { Balance } from '@ilp/store-traits'
import type { ConnectorAccount } from '../account.js'
import { putAccount } from './account-creation.js'
import type { AdminDeps } from './deps.js'
import { Problem } from './problem.js'

export interface Deletion {
  /** How long packets in flight are waited for. */
  readonly waitMs: number
  /** Why a balance that is left is written off; undefined where that is not to be. */
  readonly writeOff: string | undefined
}

/** Between two looks at what packets hold; and for other processes to hear that the account takes part no more. */
const LOOK_INTERVAL_MS = 100

/**
 * Disables the account, waits until no packet holds anything of it, and removes it: with a balance of zero and nothing
 * on its way to its settlement engine. Where that isn't so it stays disabled, and the same may be asked for again.
 * @throws Problem 409
 */
export async function deleteAccount(
  account: ConnectorAccount,
  { waitMs, writeOff }: Deletion,
  { store, logger }: Pick<AdminDeps, 'store' | 'logger'>,
): Promise<void> {
  const { id } = account
  if (!account.isDisabled) await putAccount({ ...account, isDisabled: true }, store)
  const { balance } = await drained(account, waitMs, store)
  const outbox = await store.settlements.readOutbox()
  if (outbox.some(entry => entry.account.id === id)) {
    throw new Problem(409, 'it is disabled; a settlement is on its way to the engine')
  }
  if (balance !== 0n) await writeOffBalance(account, balance, writeOff, store)
  for (const route of store.routes.all()) if (route.account === id) await store.routes.remove(route.prefix)
  await store.accounts.remove(id)
  const left = (await store.ledger.readBalance(id)).balance
  if (left !== 0n) {
    logger.error({ account: id, balance: left.toString() }, 'an account was deleted as money came in')
  }
}

/** Twice nothing, since a process that has just heard of it may have let one more packet pass. */
async function drained(
  { id }: ConnectorAccount,
  waitMs: number,
  store: AdminDeps['store'],
): Promise<Balance> {
  const untilMs = performance.now() + waitMs
  for (let wasIdle = false; ; ) {
    const books = await store.ledger.readBalance(id)
    const isIdle = books.heldOut === 0n && books.heldIn === 0n
    if (isIdle && wasIdle) return books
    if (!isIdle && performance.now() > untilMs) {
      throw new Problem(409, 'it is disabled; packets are in flight: ask again when they are over')
    }
    wasIdle = isIdle
    await sleep(LOOK_INTERVAL_MS)
  }
}

/** Under a key of this balance: two who ask for it at a time write it off once. */
async function writeOffBalance(
  { id, asset }: ConnectorAccount,
  balance: bigint,
  reason: string | undefined,
  { adjustments }: Pick<AdminDeps['store'], 'adjustments'>,
): Promise<void> {
  if (reason === undefined) throw new Problem(409, `it is disabled; its balance is ${balance}`)
  const key = `write-off:${id}:${balance}`
  const outcome = await adjustments.adjust({ key, account: { id, asset }, amount: -balance, reason })
  if (outcome === 'key-reused')
    throw new Problem(409, 'the balance is written off for another reason already')
}
