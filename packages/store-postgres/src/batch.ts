import type { AccountId, Asset } from '@ilp/service-core'
import { checkOperation, type LedgerAccount, type Operation, type Outcome } from '@ilp/store-traits'
import type { Value } from './client.js'

/** Operations in one batch. */
export const BATCH_OPERATIONS_MAX = 100_000

const KINDS = ['reserve', 'commit', 'release']

/** What operations refer to by number, from 1 as the server counts. */
class Numbering<Key, Item> {
  readonly items: Item[] = []
  readonly #numbers = new Map<Key, number>()

  number(key: Key, item: () => Item): number {
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    // What it refers to itself gets its numbers elsewhere.
    const number = this.items.push(item())
    this.#numbers.set(key, number)
    return number
  }
}

/**
 * The form in which a batch is sent, each an array: the ids of its accounts, the number of each one's asset, the codes
 * and the scales of the assets, the accounts with the limits that they came with (as number, minimum, maximum), and the
 * operations (as kind, both accounts with limits, both amounts). What operations have in common is sent and looked up once.
 * @throws TypeError | RangeError for what is no operation
 */
export function encodeBatch(operations: readonly Operation[]): readonly Value[] {
  if (operations.length > BATCH_OPERATIONS_MAX) {
    throw new RangeError(`a batch has up to ${BATCH_OPERATIONS_MAX} operations`)
  }
  const assets = new Numbering<string, Asset>()
  const accounts = new Numbering<AccountId, { readonly id: AccountId; readonly asset: number }>()
  const views = new Numbering<LedgerAccount, LedgerAccount & { readonly number: number }>()
  const view = (account: LedgerAccount) =>
    views.number(account, () => {
      const { id, asset, minBalance, maxBalance } = account
      checkLimit(minBalance)
      checkLimit(maxBalance)
      const number = accounts.number(id, () => {
        return { id, asset: assets.number(`${asset.scale} ${asset.code}`, () => asset) }
      })
      return { number, id, asset, minBalance, maxBalance }
    })

  const [kinds, sources, targets]: [number[], number[], number[]] = [[], [], []]
  const [amountsOut, amountsIn]: [bigint[], bigint[]] = [[], []]
  for (const operation of operations) {
    checkOperation(operation)
    const { from, incomingAmount, to, amount } = operation.transfer
    kinds.push(KINDS.indexOf(operation.kind))
    sources.push(view(from))
    targets.push(view(to))
    amountsOut.push(incomingAmount)
    amountsIn.push(amount)
  }
  return [
    accounts.items.map(({ id }) => id),
    array(accounts.items.map(({ asset }) => asset)),
    assets.items.map(({ code }) => code),
    array(assets.items.map(({ scale }) => scale)),
    array(views.items.map(({ number }) => number)),
    array(views.items.map(({ minBalance }) => minBalance ?? 'NULL')),
    array(views.items.map(({ maxBalance }) => maxBalance ?? 'NULL')),
    ...[kinds, sources, targets, amountsOut, amountsIn].map(array),
  ]
}

/** An array of numbers as text, which the driver would take longer to make. */
const array = (numbers: readonly (number | bigint | 'NULL')[]): string => `{${numbers.join()}}`

function checkLimit(limit: bigint | undefined): void {
  if (limit !== undefined && typeof limit !== 'bigint') throw new TypeError('a limit is a bigint')
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  d: 'done',
  m: 'below-minimum',
  x: 'above-maximum',
  s: 'session-ended',
  l: 'late',
  n: 'no-hold',
}

/** What the function answered, a letter for each operation. */
export function decodeOutcomes(letters: string): readonly Outcome[] {
  const outcomes: Outcome[] = []
  for (const letter of letters) outcomes.push(OUTCOMES[letter] as Outcome)
  return outcomes
}
