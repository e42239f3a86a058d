import { setImmediate as turn } from 'node:timers/promises'
import { type Operation, type Outcome, type SessionId, StoreError } from '@ilp/store-traits'
import { PlainLedger, type PlainSession } from '../plain-ledger.js'
import type { Broken } from './broken.js'
import { HISTORIES, ledger } from './broken-ledger.js'

export const brokenSteps: readonly Broken[] = [
  ledger(
    'checks and writes in different turns',
    class extends PlainLedger {
      override async apply(id: SessionId, seq: number, operations: readonly Operation[]) {
        const session = this.session(id)
        if (seq === session.seq) return session.outcomes
        if (seq !== session.seq + 1) return super.apply(id, seq, operations)
        const outcomes: Outcome[] = []
        for (const operation of operations) {
          const outcome = this.judge(session, operation)
          await turn()
          this.write(session, operation, outcome)
          outcomes.push(outcome)
        }
        session.seq = seq
        session.outcomes = outcomes
        return outcomes
      }
    },
    [
      'lets no race between sessions cross a minimum',
      'lets no race between sessions cross a maximum',
      'applies a batch once that is sent many times at once',
      'applies one of several batches that are sent under one number at once',
      'gives back all holds when sessions end in the midst of their batches',
    ],
  ),
  ledger(
    'reads a balance in one turn and writes it in another',
    class extends PlainLedger {
      override async apply(id: SessionId, seq: number, operations: readonly Operation[]) {
        const before = new Map([...this.money].map(([account, { balance }]) => [account, balance]))
        await turn()
        for (const [account, balance] of before) this.of(account).balance = balance
        return super.apply(id, seq, operations)
      }
    },
    [
      'loses nothing where hundreds of batches meet on the same accounts',
      'never waits for itself, in whatever order batches name their accounts',
      'books or gives back every hold once, though sessions end and are ended in between',
    ],
  ),
  ledger(
    'waits for itself when two batches name their accounts in different orders',
    class extends PlainLedger {
      readonly locks = new Map<string, Promise<void>>()
      override async apply(id: SessionId, seq: number, operations: readonly Operation[]) {
        const ids = new Set(operations.flatMap(({ transfer: { from, to } }) => [from.id, to.id]))
        const unlock: (() => void)[] = []
        for (const account of ids) {
          for (let waits = 0; this.locks.has(account); waits++) {
            if (waits > 50) throw new Error('deadlock')
            await turn()
          }
          this.locks.set(account, Promise.resolve())
          unlock.push(() => this.locks.delete(account))
          await turn()
        }
        const outcomes = await super.apply(id, seq, operations)
        for (const free of unlock) free()
        return outcomes
      }
    },
    ['never waits for itself, in whatever order batches name their accounts'],
  ),
  ledger(
    'applies a repeated number again',
    class extends PlainLedger {
      override async apply(id: SessionId, seq: number, operations: readonly Operation[]) {
        const session = this.session(id)
        if (seq === session.seq) session.seq -= 1
        return super.apply(id, seq, operations)
      }
    },
    [
      'answers a repeated batch as it did at first, and applies nothing',
      'answers a repeated number as it did at first, whatever is sent under it',
      'applies a batch once that is sent many times at once',
      'numbers the batches of a session that has ended as before',
      'keeps balances, holds, positions and sessions over a restart',
    ],
  ),
  ledger(
    'judges a repeated batch by what holds now',
    class extends PlainLedger {
      override async apply(id: SessionId, seq: number, operations: readonly Operation[]) {
        const session = this.session(id)
        if (seq === session.seq) return operations.map(operation => this.judge(session, operation))
        return super.apply(id, seq, operations)
      }
    },
    ['answers a repeated batch as it did at first, and applies nothing'],
  ),
  ledger(
    'applies a number that was passed',
    class extends PlainLedger {
      override async apply(id: SessionId, seq: number, operations: readonly Operation[]) {
        const session = this.session(id)
        return super.apply(id, seq < session.seq ? session.seq + 1 : seq, operations)
      }
    },
    ['refuses a number that was passed, and applies nothing', HISTORIES],
  ),
  ledger(
    'applies a number that leaves a gap',
    class extends PlainLedger {
      override async apply(id: SessionId, seq: number, operations: readonly Operation[]) {
        const session = this.session(id)
        if (seq > session.seq) session.seq = seq - 1
        return super.apply(id, seq, operations)
      }
    },
    ['refuses a number that leaves a gap, applies nothing, and takes the right one'],
  ),
  ledger(
    'notices a gap when it has applied the batch',
    class extends PlainLedger {
      override async apply(id: SessionId, seq: number, operations: readonly Operation[]) {
        const session = this.session(id)
        if (seq <= session.seq + 1) return super.apply(id, seq, operations)
        this.applyAll(session, operations)
        throw new StoreError('ERR_SEQ_GAP', 'gap')
      }
    },
    ['refuses a number that leaves a gap, applies nothing, and takes the right one'],
  ),
  ledger(
    'records outcomes under the number of a batch alone',
    class extends PlainLedger {
      readonly recorded = new Map<number, readonly Outcome[]>()
      override async apply(id: SessionId, seq: number, operations: readonly Operation[]) {
        const outcomes = this.recorded.get(seq) ?? (await super.apply(id, seq, operations))
        this.recorded.set(seq, outcomes)
        return outcomes
      }
    },
    ['numbers the batches of each session by itself'],
  ),
  ledger(
    'gives an empty batch no number',
    class extends PlainLedger {
      override async apply(id: SessionId, seq: number, operations: readonly Operation[]) {
        return operations.length === 0 ? [] : super.apply(id, seq, operations)
      }
    },
    ['gives an outcome for each operation, none for an empty batch'],
  ),
  ledger(
    'stops a batch at a refusal',
    class extends PlainLedger {
      override applyAll(session: PlainSession, operations: readonly Operation[]): Outcome[] {
        let isStopped = false
        return operations.map(operation => {
          const outcome = this.judge(session, operation)
          isStopped ||= outcome === 'below-minimum' || outcome === 'above-maximum'
          if (!isStopped) this.write(session, operation, outcome)
          return outcome
        })
      }
    },
    ['applies what a refused operation of the same batch stands among', HISTORIES],
  ),
  ledger(
    'judges a whole batch before it writes',
    class extends PlainLedger {
      override applyAll(session: PlainSession, operations: readonly Operation[]): Outcome[] {
        const outcomes = operations.map(operation => this.judge(session, operation))
        operations.forEach((operation, i) => {
          this.write(session, operation, outcomes[i] as Outcome)
        })
        return outcomes
      }
    },
    [
      'sees in each operation what those before it did',
      'takes a batch of thousands',
      'gives room when a hold is released or committed',
      HISTORIES,
    ],
  ),
  ledger(
    'takes a thousand operations of a batch, and no more',
    class extends PlainLedger {
      override applyAll(session: PlainSession, operations: readonly Operation[]): Outcome[] {
        return super.applyAll(session, operations.slice(0, 1_000))
      }
    },
    ['takes a batch of thousands'],
  ),
]
