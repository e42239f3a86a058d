import type { Asset } from '@ilp/service-core'
import { BatchTables, checkAmount, kindNumber, type Operation } from '@ilp/store-traits'
import { MsgpackWriter } from './msgpack.js'

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER)
/** Amounts are sent in two limbs, as the script counts. */
const LIMB = 1e10
const LIMB_BIG = BigInt(LIMB)
const OPERATION_OCTETS = 32
const TABLES_OCTETS = 1_024

/**
 * The form in which a batch is sent: the ids of its accounts, the number of each one's asset, the assets, the accounts
 * with the limits that they came with, and seven numbers for each operation. What operations have in common is sent and
 * looked up once.
 * @throws TypeError | RangeError for what is no operation
 */
export function encodeBatch(operations: readonly Operation[]): Buffer {
  const batch = new BatchTables(operations)
  const steps = new MsgpackWriter(operations.length * OPERATION_OCTETS + TABLES_OCTETS)
  steps.array(operations.length * 7)
  for (const operation of operations) {
    const { from, incomingAmount, to, amount } = operation.transfer
    steps.number(kindNumber(operation))
    steps.number(batch.view(from))
    steps.number(batch.view(to))
    writeAmount(steps, incomingAmount)
    writeAmount(steps, amount)
  }

  const { assets, accounts, views } = batch
  const tables = new MsgpackWriter(TABLES_OCTETS)
  tables.array(5)
  tables.array(accounts.length)
  for (const { id } of accounts) tables.text(id)
  tables.array(accounts.length)
  for (const { asset } of accounts) tables.number(asset)
  tables.array(assets.length)
  for (const asset of assets) tables.text(assetName(asset))
  tables.array(views.length * 3)
  for (const { account, minBalance, maxBalance } of views) {
    tables.number(account)
    tables.text(minBalance?.toString() ?? '')
    tables.text(maxBalance?.toString() ?? '')
  }
  return Buffer.concat([tables.bytes(), steps.bytes()])
}

function writeAmount(to: MsgpackWriter, amount: bigint): void {
  checkAmount(amount)
  if (amount > SAFE_MAX) {
    to.number(Number(amount / LIMB_BIG))
    to.number(Number(amount % LIMB_BIG))
    return
  }
  // Below 2^53 doubles divide without a rest exactly, and faster.
  const value = Number(amount)
  const low = value % LIMB
  to.number((value - low) / LIMB)
  to.number(low)
}

/** The name of an asset among the positions. */
export const assetName = ({ code, scale }: Asset): string => `${scale} ${code}`

/** The asset that has this name. */
export function assetNamed(name: string): Asset {
  const end = name.indexOf(' ')
  return { code: name.slice(end + 1), scale: Number(name.slice(0, end)) }
}
