import { setImmediate as turn } from 'node:timers/promises'
import type { Operation, SessionId } from '@ilp/store-traits'
import { PlainLedger, type PlainSession } from '../plain-ledger.js'
import type { Broken } from './broken.js'
import { ledger } from './broken-ledger.js'

export const brokenLeases: readonly Broken[] = [
  ledger(
    'forgets leases: no session ever expires',
    class extends PlainLedger {
      override isExpired(): boolean {
        return false
      }
    },
    [
      'ends a session whose lease and longest hold are over, once',
      'keeps each session by its own terms',
      'gives each dead session to one of those who notice it at once',
      'lets a session that comes back too late book what it owes, and nothing else',
    ],
  ),
  ledger(
    'takes reserves under a lease that is over',
    class extends PlainLedger {
      override isLive({ hasEnded }: PlainSession): boolean {
        return !hasEnded
      }
    },
    ['takes no reserves of a session whose lease is over, and keeps its holds'],
  ),
  ledger(
    'ends a session as soon as its lease is over, while its packets are alive',
    class extends PlainLedger {
      override isExpired({ hasEnded, seenMs, terms }: PlainSession): boolean {
        return !hasEnded && this.clock.ms - seenMs >= terms.leaseMs
      }
    },
    ['takes no reserves of a session whose lease is over, and keeps its holds'],
  ),
  ledger(
    'counts a lease from the opening, not from the last sign of life',
    class extends PlainLedger {
      override renew(session: PlainSession): boolean {
        return this.isLive(session)
      }
    },
    ['keeps a session that is renewed in time', 'keeps a session whose batches come in time'],
  ),
  ledger(
    'takes no batch for a sign of life',
    class extends PlainLedger {
      override async apply(id: SessionId, seq: number, operations: readonly Operation[]) {
        const session = this.session(id)
        const { seenMs } = session
        const outcomes = await super.apply(id, seq, operations)
        session.seenMs = seenMs
        return outcomes
      }
    },
    ['keeps a session whose batches come in time'],
  ),
  ledger(
    'revives a session whose lease was over',
    class extends PlainLedger {
      override async renewSession(id: SessionId) {
        const session = this.session(id)
        if (!session.hasEnded) session.seenMs = this.clock.ms
        return super.renewSession(id)
      }
    },
    ['takes no reserves of a session whose lease is over, and keeps its holds'],
  ),
  ledger(
    'gives every session the same terms',
    class extends PlainLedger {
      override async openSession(): Promise<SessionId> {
        return super.openSession({ leaseMs: 200, holdMaxMs: 800 })
      }
    },
    ['keeps each session by its own terms'],
  ),
  ledger(
    'gives a dead session to everybody who notices it at once',
    class extends PlainLedger {
      override async endExpiredSessions(): Promise<readonly SessionId[]> {
        const expired = [...this.sessions.values()].filter(session => this.isExpired(session))
        await turn()
        for (const session of expired) if (!session.hasEnded) this.end(session)
        return expired.map(({ id }) => id)
      }
    },
    ['gives each dead session to one of those who notice it at once'],
  ),
  ledger(
    'gives back the holds of a dead session each time that it is noticed',
    class extends PlainLedger {
      override async endExpiredSessions(): Promise<readonly SessionId[]> {
        const expired = [...this.sessions.values()].filter(session => this.isExpired(session))
        await turn()
        const mine = expired.filter(({ hasEnded }) => !hasEnded)
        for (const session of expired) this.end(session)
        return mine.map(({ id }) => id)
      }
    },
    ['gives each dead session to one of those who notice it at once'],
  ),
  ledger(
    'lists sessions that were ended among those that it ends',
    class extends PlainLedger {
      override isExpired(session: PlainSession): boolean {
        return super.isExpired({ ...session, hasEnded: false })
      }
      override giveBack(session: PlainSession): void {
        super.giveBack(session)
        session.held.clear()
      }
    },
    ['ends a session whose lease and longest hold are over, once'],
  ),
]
