import type { Store } from '../store.js'
import { AccountsBook } from './accounts-book.js'
import { AdjustmentsBook } from './adjustments-book.js'
import { LedgerBook } from './ledger-book.js'
import type { BooksRecord, SavedRecord } from './records.js'
import { SettlementsBook } from './settlements-book.js'

export interface BooksDeps {
  /** The store's clock, in milliseconds since 1970. It goes on while a durable store is closed. */
  readonly nowMs: () => number
  /**
   * Hears of every record that a step has changed, removed or made, before the step returns: what a durable store writes.
   * All that one step marks belongs into one transaction; later steps may be part of it. Not called for what `load` brings.
   */
  readonly mark?: (record: BooksRecord) => void
}

/**
 * All the money of a store that serves one process: its ledger, settlements and adjustments in memory, in the form in
 * which they are reckoned with.
 *
 * Every method of its parts is one step: it is done when it returns, nothing else happens in between, and when it throws
 * nothing has changed. A store that keeps nothing needs no more than this. A durable one takes `mark`, brings the marked
 * records to the disk behind each step, and acknowledges the step when they are there; after a restart it gives them back
 * to `load`.
 */
export class Books {
  readonly #accounts: AccountsBook
  readonly ledger: LedgerBook
  readonly settlements: SettlementsBook
  readonly adjustments: AdjustmentsBook

  constructor({ nowMs, mark }: BooksDeps) {
    const deps = { mark, nowMs: () => Math.floor(nowMs()) }
    this.#accounts = new AccountsBook(deps)
    this.ledger = new LedgerBook(this.#accounts, deps)
    this.settlements = new SettlementsBook(this.#accounts, deps)
    this.adjustments = new AdjustmentsBook(this.#accounts, deps)
  }

  /**
   * Takes what was marked before a restart, once, before anything else is done; in any order.
   * @throws Error where a record is missing that another one needs
   */
  load(records: Iterable<SavedRecord>): void {
    const of: { [K in SavedRecord['kind']]: Extract<SavedRecord, { kind: K }>[] } = {
      position: [],
      balance: [],
      session: [],
      hold: [],
      settlement: [],
      key: [],
      leftover: [],
      adjustment: [],
    }
    for (const record of records) (of[record.kind] as SavedRecord[]).push(record)
    for (const position of of.position) this.#accounts.loadPosition(position)
    for (const balance of of.balance) this.#accounts.loadBalance(balance)
    for (const session of of.session) this.ledger.loadSession(session)
    for (const hold of of.hold) this.ledger.loadHold(hold)
    for (const sent of of.settlement.sort(byNumber)) this.settlements.loadSettlement(sent)
    for (const key of of.key.sort((a, b) => a.usedMs - b.usedMs)) this.settlements.loadKey(key)
    for (const leftover of of.leftover) this.settlements.loadLeftover(leftover)
    for (const posted of of.adjustment.sort(byNumber)) this.adjustments.loadAdjustment(posted)
  }
}

const byNumber = (a: { readonly number: number }, b: { readonly number: number }) => a.number - b.number

/**
 * The traits that books give a store.
 * @param step does one step of the books: it throws where the store isn't open, and resolves with what the step returns
 *   when that may be acknowledged
 */
export function moneyTraits(
  { ledger, settlements, adjustments }: Books,
  step: <T>(act: () => T) => Promise<T>,
): Pick<Store, 'ledger' | 'settlements' | 'adjustments'> {
  return {
    ledger: {
      openSession: terms => step(() => ledger.openSession(terms)),
      renewSession: session => step(() => ledger.renewSession(session)),
      endSession: session => step(() => ledger.endSession(session)),
      endExpiredSessions: () => step(() => ledger.endExpiredSessions()),
      apply: (session, seq, operations) => step(() => ledger.apply(session, seq, operations)),
      readBalance: account => step(() => ledger.readBalance(account)),
      readPositions: () => step(() => ledger.readPositions()),
    },
    settlements: {
      settle: (account, terms) => step(() => settlements.settle(account, terms)),
      readOutbox: () => step(() => settlements.readOutbox()),
      acknowledge: key => step(() => settlements.acknowledge(key)),
      credit: settlement => step(() => settlements.credit(settlement)),
    },
    adjustments: {
      adjust: adjustment => step(() => adjustments.adjust(adjustment)),
      read: account => step(() => adjustments.read(account)),
    },
  }
}
