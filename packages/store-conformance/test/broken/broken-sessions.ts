import type { Operation, Outcome, SessionId, Transfer } from '@ilp/store-traits'
import { PlainLedger, type PlainSession } from '../plain-ledger.js'
import type { Broken } from './broken.js'
import { HISTORIES, ledger } from './broken-ledger.js'

export const brokenSessions: readonly Broken[] = [
  ledger(
    'releases twice: what a session that ended gave back is given back again',
    class extends PlainLedger {
      override isHeld(session: PlainSession, transfer: Transfer): boolean {
        return super.isHeld({ ...session, hasEnded: false }, transfer)
      }
      override judge(session: PlainSession, operation: Operation): Outcome {
        const outcome = super.judge(session, operation)
        return operation.kind === 'commit' && session.hasEnded ? 'late' : outcome
      }
    },
    ['gives nothing back on the releases of a session that has ended', HISTORIES],
  ),
  ledger(
    'releases twice: a session that is ended again gives its holds back again',
    class extends PlainLedger {
      override async endSession(id: SessionId): Promise<void> {
        const session = this.sessions.get(id)
        if (session) this.end(session)
      }
    },
    ['gives holds back once, however often the session is ended'],
  ),
  ledger(
    'releases twice: no session is asked what it holds',
    class extends PlainLedger {
      override isHeld({ hasEnded }: PlainSession): boolean {
        return !hasEnded
      }
    },
    [
      'gives nothing back twice',
      'books a commit that the session holds too little for, and leaves the holds',
    ],
  ),
  ledger(
    'releases nothing',
    class extends PlainLedger {
      override hold(session: PlainSession, transfer: Transfer, sign: bigint): void {
        if (sign > 0n) super.hold(session, transfer, sign)
      }
    },
    [
      'gives a hold back on a release, and posts nothing',
      'turns a hold into postings on a commit, the spread into the position',
    ],
  ),
  ledger(
    'takes a commit of an ended session for an ordinary one, and takes it out of the holds of others',
    class extends PlainLedger {
      override isHeld(session: PlainSession, transfer: Transfer): boolean {
        return session.hasEnded || super.isHeld(session, transfer)
      }
      override judge(session: PlainSession, operation: Operation): Outcome {
        return operation.kind === 'release' && session.hasEnded ? 'no-hold' : super.judge(session, operation)
      }
    },
    [
      'books the commits of a session that has ended, late, across limits and past all holds',
      'lets a session that comes back too late book what it owes, and nothing else',
      HISTORIES,
    ],
  ),
  ledger(
    'says nothing of a commit that was late',
    class extends PlainLedger {
      override applyAll(session: PlainSession, operations: readonly Operation[]): Outcome[] {
        return super.applyAll(session, operations).map(outcome => (outcome === 'late' ? 'done' : outcome))
      }
    },
    ['books the commits of a session that has ended, late, across limits and past all holds'],
  ),
  ledger(
    'refuses late commits',
    class extends PlainLedger {
      override write(session: PlainSession, operation: Operation, outcome: Outcome): void {
        if (outcome !== 'late') super.write(session, operation, outcome)
      }
    },
    [
      'books the commits of a session that has ended, late, across limits and past all holds',
      'lets a session that comes back too late book what it owes, and nothing else',
      'remembers an ended session, and never forgets that it has ended',
    ],
  ),
  ledger(
    'holds late commits to the limits',
    class extends PlainLedger {
      override write(session: PlainSession, operation: Operation, outcome: Outcome): void {
        const { transfer } = operation
        if (outcome === 'late' && this.isBelow(this.of(transfer.from.id), transfer)) return
        super.write(session, operation, outcome)
      }
    },
    ['books the commits of a session that has ended, late, across limits and past all holds'],
  ),
  ledger(
    'forgets the position of late commits',
    class extends PlainLedger {
      isLate = false
      override write(session: PlainSession, operation: Operation, outcome: Outcome): void {
        this.isLate = outcome === 'late'
        super.write(session, operation, outcome)
      }
      override post(account: Transfer['from'], amount: bigint): void {
        if (!this.isLate) super.post(account, amount)
      }
    },
    ['books the commits of a session that has ended, late, across limits and past all holds', HISTORIES],
  ),
  ledger(
    'leaks the holds of a session that ends',
    class extends PlainLedger {
      override giveBack(): void {}
    },
    [
      'gives back the holds of a session that is ended, those alone',
      'gives back all holds when sessions end in the midst of their batches',
      'ends a session whose lease and longest hold are over, once',
      HISTORIES,
    ],
  ),
  ledger(
    'gives back all holds on an account when one session ends',
    class extends PlainLedger {
      override giveBack({ held }: PlainSession): void {
        for (const id of held.keys()) Object.assign(this.of(id), { heldOut: 0n, heldIn: 0n })
      }
    },
    [
      'gives back the holds of a session that is ended, those alone',
      'gives each dead session to one of those who notice it at once',
    ],
  ),
  ledger(
    'takes reserves of a session that has ended',
    class extends PlainLedger {
      override isLive(session: PlainSession): boolean {
        return super.isLive({ ...session, hasEnded: false })
      }
    },
    ['refuses the reserves of a session that has ended', HISTORIES],
  ),
  ledger(
    'forgets a session that has ended',
    class extends PlainLedger {
      override end(session: PlainSession): void {
        super.end(session)
        this.sessions.delete(session.id)
      }
    },
    [
      'numbers the batches of a session that has ended as before',
      'remembers an ended session, and never forgets that it has ended',
    ],
  ),
  ledger(
    'begins to count anew when a session has ended',
    class extends PlainLedger {
      override end(session: PlainSession): void {
        super.end(session)
        session.seq = 0
      }
    },
    ['numbers the batches of a session that has ended as before'],
  ),
  ledger(
    'takes an unknown session for a new one',
    class extends PlainLedger {
      override session(id: SessionId): PlainSession {
        const known = this.sessions.get(id)
        if (known) return known
        const terms = { leaseMs: 1_000, holdMaxMs: 1_000 }
        const session = { id, terms, seenMs: 0, hasEnded: false, seq: 0, outcomes: [], held: new Map() }
        this.sessions.set(id, session)
        return session
      }
    },
    ['knows no session that it did not open'],
  ),
  ledger(
    'counts its sessions',
    class extends PlainLedger {
      override newId(): SessionId {
        return `session-${1_000_000_000_000_000 + this.sessions.size}` as SessionId
      }
    },
    ['gives each session an id of its own that nobody can guess'],
  ),
]
