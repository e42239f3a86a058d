import type { AccountId } from '@ilp/service-core'
import type { Balance, LedgerAccount, Operation, Outcome, Transfer } from '@ilp/store-traits'

/** One posting: an amount that enters an account, or leaves it. */
interface Posting {
  readonly account: LedgerAccount
  readonly amount: bigint
}

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
  position(code: string, scale: number): bigint {
    const ofAsset = this.#postings.filter(
      ({ account: { asset } }) => asset.code === code && asset.scale === scale,
    )
    return -sum(ofAsset.map(({ amount }) => amount))
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
    this.#postings.push({ account: from, amount: -incomingAmount }, { account: to, amount })
    return index >= 0 ? 'done' : 'late'
  }
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)
