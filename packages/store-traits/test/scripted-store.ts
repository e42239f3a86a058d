import type { AccountId } from '@ilp/service-core'
import {
  type Balance,
  type LedgerStore,
  type Operation,
  type Outcome,
  type Position,
  type SessionId,
  StoreError,
  type Transfer,
} from '../src/index.js'

/** What becomes of a call: */
export type Fate =
  /** it is done and answered; */
  | 'answered'
  /** it never arrives; */
  | 'lost'
  /** it is done, and the answer never arrives; */
  | 'unanswered'
  /** it stays under way until `goOn`, then it is done and answered; */
  | 'held'

interface Session {
  hasEnded: boolean
  seq: number
  outcomes: readonly Outcome[]
  held: Transfer[]
}

/** A batch as it arrived. */
export interface Arrival {
  readonly session: SessionId
  readonly seq: number
  readonly operations: readonly Operation[]
}

const unavailable = () => new StoreError('ERR_STORE_UNAVAILABLE', 'the line is cut')

/** A ledger in memory, correct, on a line that does as a script says. */
export class ScriptedStore implements LedgerStore {
  /** What becomes of the next batches; those behind the end are answered. */
  readonly fates: Fate[] = []
  /** Whether nothing gets through at all. */
  isDown = false
  /** The batches that arrived, or should have, in order. */
  readonly arrivals: Arrival[] = []
  /** The sessions that were opened, in order. */
  readonly opened: SessionId[] = []
  readonly #sessions = new Map<SessionId, Session>()
  readonly #balances = new Map<AccountId, bigint>()
  #expired: SessionId[] = []
  readonly #waiting: (() => void)[] = []

  readonly openSession = async (): Promise<SessionId> => {
    this.#check()
    const id = `session ${this.opened.length + 1}` as SessionId
    this.opened.push(id)
    this.#sessions.set(id, { hasEnded: false, seq: 0, outcomes: [], held: [] })
    return id
  }

  readonly renewSession = async (id: SessionId): Promise<'live' | 'ended'> => {
    this.#check()
    return this.#session(id).hasEnded ? 'ended' : 'live'
  }

  readonly endSession = async (id: SessionId): Promise<void> => {
    this.#check()
    this.end(id)
  }

  readonly endExpiredSessions = async (): Promise<readonly SessionId[]> => {
    this.#check()
    const expired = this.#expired
    this.#expired = []
    return expired
  }

  readonly apply = async (
    id: SessionId,
    seq: number,
    operations: readonly Operation[],
  ): Promise<readonly Outcome[]> => {
    const fate = this.fates.shift() ?? 'answered'
    this.arrivals.push({ session: id, seq, operations: [...operations] })
    if (fate === 'held') await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.#check()
    if (fate === 'lost') throw unavailable()
    const outcomes = this.#apply(this.#session(id), seq, operations)
    if (fate === 'unanswered') throw unavailable()
    return outcomes
  }

  readonly readBalance = async (id: AccountId): Promise<Balance> => {
    const held = [...this.#sessions.values()].flatMap(session => session.held)
    const out = held.filter(({ from }) => from.id === id).map(({ incomingAmount }) => incomingAmount)
    const into = held.filter(({ to }) => to.id === id).map(({ amount }) => amount)
    return { balance: this.#balances.get(id) ?? 0n, heldOut: sum(out), heldIn: sum(into) }
  }

  readonly readPositions = async (): Promise<readonly Position[]> => []

  /** Lets go all that is held. */
  goOn(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** Ends a session as another process does that thinks its owner dead. */
  end(id: SessionId): void {
    const session = this.#sessions.get(id)
    if (session) Object.assign(session, { hasEnded: true, held: [] })
  }

  /** Loses a session, as a store does that was restored from a copy. */
  forget(id: SessionId): void {
    this.#sessions.delete(id)
  }

  /** Has `endExpiredSessions` tell of a session. */
  expire(id: SessionId): void {
    this.#expired.push(id)
  }

  #check(): void {
    if (this.isDown) throw unavailable()
  }

  #session(id: SessionId): Session {
    const session = this.#sessions.get(id)
    if (!session) throw new StoreError('ERR_SESSION_UNKNOWN', 'no such session')
    return session
  }

  #apply(session: Session, seq: number, operations: readonly Operation[]): readonly Outcome[] {
    if (seq === session.seq) return session.outcomes
    if (seq < session.seq) throw new StoreError('ERR_SEQ_PASSED', 'passed')
    if (seq > session.seq + 1) throw new StoreError('ERR_SEQ_GAP', 'a gap')
    session.seq = seq
    session.outcomes = operations.map(operation => this.#do(session, operation))
    return session.outcomes
  }

  #do(session: Session, { kind, transfer }: Operation): Outcome {
    const { from, incomingAmount, to, amount } = transfer
    if (kind === 'reserve') {
      if (session.hasEnded) return 'session-ended'
      // Limits are the real stores' business: here zero means that there is no room at all.
      if (from.minBalance === 0n) return 'below-minimum'
      if (to.maxBalance === 0n) return 'above-maximum'
      session.held.push(transfer)
      return 'done'
    }
    const isSame = (held: Transfer) =>
      held.from.id === from.id && held.to.id === to.id && held.incomingAmount === incomingAmount
    const index = session.held.findIndex(isSame)
    if (index >= 0) session.held.splice(index, 1)
    if (kind === 'release') return index >= 0 ? 'done' : 'no-hold'
    this.#balances.set(from.id, (this.#balances.get(from.id) ?? 0n) - incomingAmount)
    this.#balances.set(to.id, (this.#balances.get(to.id) ?? 0n) + amount)
    return index >= 0 ? 'done' : 'late'
  }
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)
