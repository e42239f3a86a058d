import { BatchTables, checkAmount, kindNumber, type Operation } from '@ilp/store-traits'
import type { Value } from './client.js'

/**
 * The form in which a batch is sent, each an array: the ids of its accounts, the number of each one's asset, the codes
 * and the scales of the assets, the accounts with the limits that they came with (as number, minimum, maximum), and the
 * operations (as kind, both accounts with limits, both amounts). What operations have in common is sent and looked up once.
 * @throws TypeError | RangeError for what is no operation
 */
export function encodeBatch(
  operations: readonly Operation[],
): readonly [accounts: readonly string[], ...rest: Value[]] {
  const batch = new BatchTables(operations)
  const [kinds, sources, targets]: [number[], number[], number[]] = [[], [], []]
  const [amountsOut, amountsIn]: [bigint[], bigint[]] = [[], []]
  for (const operation of operations) {
    const { from, incomingAmount, to, amount } = operation.transfer
    checkAmount(incomingAmount)
    checkAmount(amount)
    kinds.push(kindNumber(operation))
    sources.push(batch.view(from))
    targets.push(batch.view(to))
    amountsOut.push(incomingAmount)
    amountsIn.push(amount)
  }
  const { accounts, assets, views } = batch
  return [
    accounts.map(({ id }) => id),
    array(accounts.map(({ asset }) => asset)),
    assets.map(({ code }) => code),
    array(assets.map(({ scale }) => scale)),
    array(views.map(({ account }) => account)),
    array(views.map(({ minBalance }) => minBalance ?? 'NULL')),
    array(views.map(({ maxBalance }) => maxBalance ?? 'NULL')),
    ...[kinds, sources, targets, amountsOut, amountsIn].map(array),
  ]
}

/** An array of numbers as text, which the driver would take longer to make. */
const array = (numbers: readonly (number | bigint | 'NULL')[]): string => `{${numbers.join()}}`
