import type { AccountId, Asset } from '@ilp/service-core'
import type { LedgerAccount, Operation, Outcome } from '@ilp/store-traits'
import { checkAccount, checkAmount } from './checks.js'
import { MsgpackWriter } from './msgpack.js'

/** Operations in one batch: as many as Lua's numbers add up exactly. */
export const BATCH_OPERATIONS_MAX = 100_000

const AMOUNT_MAX = 2n ** 64n - 1n
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER)
/** Amounts are sent in two limbs, as the script counts. */
const LIMB = 1e10
const LIMB_BIG = BigInt(LIMB)
const KINDS = ['reserve', 'commit', 'release']
const OPERATION_OCTETS = 32
const TABLES_OCTETS = 1_024

/** What operations refer to by number, from 1 as Lua counts. */
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

interface View {
  readonly account: number
  readonly minBalance: bigint | undefined
  readonly maxBalance: bigint | undefined
}

/**
 * The form in which a batch is sent: the ids of its accounts, the number of each one's asset, the assets, the accounts
 * with the limits that they came with, and seven numbers for each operation. What operations have in common is sent and
 * looked up once.
 * @throws TypeError | RangeError for what is no operation
 */
export function encodeBatch(operations: readonly Operation[]): Buffer {
  if (operations.length > BATCH_OPERATIONS_MAX) {
    throw new RangeError(`a batch has up to ${BATCH_OPERATIONS_MAX} operations`)
  }
  const assets = new Numbering<string, string>()
  const accounts = new Numbering<AccountId, { readonly id: AccountId; readonly asset: number }>()
  const views = new Numbering<LedgerAccount, View>()
  const view = (account: LedgerAccount) =>
    views.number(account, () => {
      checkAccount(account)
      const { id, asset, minBalance, maxBalance } = account
      const number = accounts.number(id, () => {
        const name = assetName(asset)
        return { id, asset: assets.number(name, () => name) }
      })
      return { account: number, minBalance, maxBalance }
    })

  const steps = new MsgpackWriter(operations.length * OPERATION_OCTETS + TABLES_OCTETS)
  steps.array(operations.length * 7)
  for (const { kind, transfer } of operations) {
    const { from, incomingAmount, to, amount } = transfer
    const code = KINDS.indexOf(kind)
    if (code < 0) throw new TypeError(`${kind} is no kind of operation`)
    steps.number(code)
    steps.number(view(from))
    steps.number(view(to))
    writeAmount(steps, incomingAmount)
    writeAmount(steps, amount)
  }

  const tables = new MsgpackWriter(TABLES_OCTETS)
  tables.array(5)
  tables.array(accounts.items.length)
  for (const { id } of accounts.items) tables.text(id)
  tables.array(accounts.items.length)
  for (const { asset } of accounts.items) tables.number(asset)
  tables.array(assets.items.length)
  for (const name of assets.items) tables.text(name)
  tables.array(views.items.length * 3)
  for (const { account, minBalance, maxBalance } of views.items) {
    tables.number(account)
    tables.text(minBalance?.toString() ?? '')
    tables.text(maxBalance?.toString() ?? '')
  }
  return Buffer.concat([tables.bytes(), steps.bytes()])
}

function writeAmount(to: MsgpackWriter, amount: bigint): void {
  checkAmount(amount)
  if (amount < 0n || amount > AMOUNT_MAX) throw new RangeError(`${amount} is no amount`)
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

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  d: 'done',
  m: 'below-minimum',
  x: 'above-maximum',
  s: 'session-ended',
  l: 'late',
  n: 'no-hold',
}

/** What the script answered, a letter for each operation. */
export function decodeOutcomes(letters: string): readonly Outcome[] {
  const outcomes: Outcome[] = []
  for (const letter of letters) outcomes.push(OUTCOMES[letter] as Outcome)
  return outcomes
}
