import type { AccountId } from '@ilp/service-core'
import type {
  Adjustment,
  Balance,
  IncomingSettlement,
  LedgerAccount,
  Operation,
  Outcome,
  Position,
  SettlementTerms,
  Transfer,
} from '@ilp/store-traits'
import { unitsOf } from '../settlements/given.js'

/** One posting: an amount that enters an account, or leaves it, and which of the node's accounts it comes from. */
interface Posting {
  readonly account: LedgerAccount
  readonly amount: bigint
  readonly counterpart: Counterpart
}

type Counterpart = Exclude<keyof Position, 'asset'>

interface ModelSession {
  hasEnded: boolean
  /** The transfers that it holds, one by one. */
  held: Transfer[]
}

/**
 * What a ledger is, kept as a list of everything that ever happened: no totals, so that it can't go wrong in the way
 * in which a store does.
 */
export class Model {
  readonly #sessions: ModelSession[] = []
  readonly #postings: Posting[] = []
  readonly #credits: IncomingSettlement[] = []
  readonly #adjustments: Adjustment[] = []
  /** What waits for each account's engine. */
  readonly #outbox: { readonly account: AccountId; readonly amount: bigint }[] = []

  openSession(): number {
    return this.#sessions.push({ hasEnded: false, held: [] }) - 1
  }

  endSession(index: number): void {
    const session = this.#session(index)
    session.hasEnded = true
    session.held = []
  }

  /** The transfers that a session holds. */
  held(index: number): readonly Transfer[] {
    return this.#session(index).held
  }

  apply(index: number, operations: readonly Operation[]): readonly Outcome[] {
    return operations.map(operation => this.#apply(this.#session(index), operation))
  }

  balance(id: AccountId): Balance {
    const held = this.#sessions.flatMap(session => session.held)
    return {
      balance: sum(this.#postings.filter(({ account }) => account.id === id).map(({ amount }) => amount)),
      heldOut: sum(held.filter(({ from }) => from.id === id).map(({ incomingAmount }) => incomingAmount)),
      heldIn: sum(held.filter(({ to }) => to.id === id).map(({ amount }) => amount)),
    }
  }

  /** What the node itself has got of an asset: what left the accounts of its peers less what entered them. */
  position(code: string, scale: number): Omit<Position, 'asset'> {
    const ofAsset = this.#postings.filter(
      ({ account: { asset } }) => asset.code === code && asset.scale === scale,
    )
    const of = (one: Counterpart) =>
      -sum(ofAsset.filter(({ counterpart }) => counterpart === one).map(({ amount }) => amount))
    return { balance: of('balance'), settled: of('settled'), adjusted: of('adjusted') }
  }

  /** The amount that waits for the account's engine then. */
  settle({ id, asset }: LedgerAccount, { threshold, settleTo }: SettlementTerms): bigint | undefined {
    const waiting = this.#outbox.find(({ account }) => account === id)
    if (waiting) return waiting.amount
    const { balance, heldOut } = this.balance(id)
    const amount = balance - heldOut - settleTo
    if (balance < threshold || amount <= 0n) return undefined
    this.#postings.push({ account: { id, asset }, amount: -amount, counterpart: 'settled' })
    this.#outbox.push({ account: id, amount })
    return amount
  }

  /** The accounts for whose engines something waits, in its order. */
  outbox(): readonly AccountId[] {
    return this.#outbox.map(({ account }) => account)
  }

  acknowledge(id: AccountId): void {
    const index = this.#outbox.findIndex(({ account }) => account === id)
    if (index >= 0) this.#outbox.splice(index, 1)
  }

  credit(settlement: IncomingSettlement): bigint | 'key-reused' {
    const { key, account, quantity } = settlement
    const index = this.#credits.findIndex(known => known.key === key)
    const known = this.#credits[index]
    if (known && !isSameCredit(known, settlement)) return 'key-reused'
    const before = this.#credits
      .slice(0, known ? index : undefined)
      .filter(each => each.account.id === account.id)
      .map(each => each.quantity)
    const { scale } = account.asset
    const amount = unitsOf(scale, [...before, quantity]) - unitsOf(scale, before)
    if (known) return amount
    this.#credits.push(settlement)
    this.#postings.push({ account, amount, counterpart: 'settled' })
    return amount
  }

  adjust(adjustment: Adjustment): 'posted' | 'key-reused' {
    const { key, account, amount, reason } = adjustment
    const known = this.#adjustments.find(each => each.key === key)
    if (known) {
      const isSame = known.account.id === account.id && known.amount === amount && known.reason === reason
      return isSame ? 'posted' : 'key-reused'
    }
    this.#adjustments.push(adjustment)
    this.#postings.push({ account, amount, counterpart: 'adjusted' })
    return 'posted'
  }

  /** An account's adjustments, the newest first. */
  adjustments(id: AccountId): readonly Adjustment[] {
    return this.#adjustments.filter(({ account }) => account.id === id).toReversed()
  }

  #session(index: number): ModelSession {
    const session = this.#sessions[index]
    if (!session) throw new RangeError(`no session ${index}`)
    return session
  }

  #apply(session: ModelSession, { kind, transfer }: Operation): Outcome {
    const { from, incomingAmount, to, amount } = transfer
    if (kind === 'reserve') {
      if (session.hasEnded) return 'session-ended'
      const [source, target] = [this.balance(from.id), this.balance(to.id)]
      const least = source.balance - source.heldOut - incomingAmount
      const most = target.balance + target.heldIn + amount
      if (from.minBalance !== undefined && least < from.minBalance) return 'below-minimum'
      if (to.maxBalance !== undefined && most > to.maxBalance) return 'above-maximum'
      session.held.push(transfer)
      return 'done'
    }
    const index = session.held.indexOf(transfer)
    if (index >= 0) session.held.splice(index, 1)
    if (kind === 'release') return index >= 0 ? 'done' : 'no-hold'
    const counterpart = 'balance'
    this.#postings.push(
      { account: from, amount: -incomingAmount, counterpart },
      { account: to, amount, counterpart },
    )
    return index >= 0 ? 'done' : 'late'
  }
}

const isSameCredit = (a: IncomingSettlement, b: IncomingSettlement): boolean =>
  a.account.id === b.account.id &&
  a.quantity.amount === b.quantity.amount &&
  a.quantity.scale === b.quantity.scale

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)
